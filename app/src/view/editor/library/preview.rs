//! What a configuration would change, before it is used.

use super::saved::SavedTools;
use super::{Choice, Message, Shelf};
use crate::state::chart_table::file_name;
use crate::state::difference::{Difference, between};
use crate::state::document::read;
use crate::state::draft::sentence;
use crate::state::presets::{self, Preset};
use crate::view::editor::EditorContext;
use crate::view::editor::badge::When;
use crate::view::export;
use crate::view::session::Session;
use leptos::prelude::*;
use model::validate::Change;

/// What is looked at, in a form that can be used.
#[derive(Clone, Debug, PartialEq)]
enum Content {
    /// Changes to what is edited.
    Changes(Vec<Change>),
    /// A whole text.
    Text(String),
    /// Nothing, for this reason.
    Missing(String),
    /// On its way.
    Underway,
}

/// The right half of the dialog.
#[component]
pub(super) fn Preview() -> AnyView {
    let shelf = expect_context::<Shelf>();
    view! {
        <div class="library-preview" aria-live="polite">
            {move || match shelf.choice.get() {
                Some(choice) => view! { <Chosen choice/> }.into_any(),
                None => view! {
                    <p class="empty muted">
                        "Choose a configuration to see what it changes. Nothing is changed before you use it."
                    </p>
                }
                .into_any(),
            }}
        </div>
    }
    .into_any()
}

fn preset(name: &str) -> Option<Preset> {
    presets::all().into_iter().find(|preset| preset.name == name)
}

#[component]
fn Chosen(choice: Choice) -> AnyView {
    let session = Session::get();
    let shelf = expect_context::<Shelf>();
    let name = match &choice {
        Choice::Preset(name) => (*name).to_owned(),
        Choice::Saved(name) | Choice::File(name, _) => name.clone(),
    };
    let about = match &choice {
        Choice::Preset(name) => preset(name).map(|preset| preset.about).unwrap_or_default(),
        Choice::Saved(_) => String::new(),
        Choice::File(..) => "From a file. Use it, then save it below to keep it on the server.".to_owned(),
    };
    let saved = matches!(choice, Choice::Saved(_)).then(|| name.clone());
    let config = Memo::new(move |_| session.editing.with(|editing| editing.config()));
    let content = Memo::new(move |_| match &choice {
        Choice::Preset(name) => Content::Changes(preset(name).map(|preset| preset.sets).unwrap_or_default()),
        Choice::File(_, text) => Content::Text(text.clone()),
        Choice::Saved(_) => match shelf.text.get() {
            None => Content::Underway,
            Some(Ok(text)) => Content::Text(text),
            Some(Err(reason)) => Content::Missing(reason),
        },
    });
    let used = name.clone();
    let use_it = move |_| {
        let done = match content.get_untracked() {
            Content::Changes(changes) => session.edit(|editing, against| editing.apply(&used, &changes, against)),
            Content::Text(text) => {
                session.edit(|editing, against| editing.load(&used, text, against));
                Ok(())
            }
            Content::Missing(_) | Content::Underway => Ok(()),
        };
        match done {
            Ok(()) => shelf.close(),
            Err(reason) => shelf.message.set(Some(Message::Refused(reason))),
        }
    };
    let usable = move || content.with(|content| matches!(content, Content::Changes(_) | Content::Text(_)));
    let file = file_name(&name, "configuration", "yaml");
    let give = move |_| {
        content.with_untracked(|content| {
            if let Content::Text(text) = content {
                export::text(&file, text);
            }
        });
    };
    let is_text = move || content.with(|content| matches!(content, Content::Text(_)));
    let body = move || match content.get() {
        Content::Underway => view! { <p class="muted">"Loading…"</p> }.into_any(),
        Content::Missing(reason) => view! { <p class="field-error" role="alert">{sentence(&reason)}</p> }.into_any(),
        Content::Changes(changes) => {
            let now = config.get();
            let after = presets::after(&now, &changes);
            differences(between(&now, &after))
        }
        Content::Text(text) => match read(&text) {
            Ok(after) => differences(between(&config.get(), &after)),
            Err(found) => view! {
                <p class="field-error" role="alert">
                    {format!("Line {}, column {}: {} Used all the same, it can be mended in the YAML pane.",
                        found.place.line, found.place.column, sentence(&found.message))}
                </p>
            }
            .into_any(),
        },
    };
    view! {
        <h3>{name.clone()}</h3>
        <p class="about">{about}</p>
        <div class="library-differences" tabindex="0" role="region" aria-label="What it changes">{body}</div>
        <div class="library-buttons">
            <button type="button" class="primary" disabled=move || !usable() on:click=use_it>"Use it"</button>
            <Show when=is_text>
                <button type="button" class="quiet" on:click=give.clone()>"Export"</button>
            </Show>
            {saved.map(|name| view! { <SavedTools name/> })}
        </div>
    }
    .into_any()
}

/// The keys that change, and when.
fn differences(found: Vec<Difference>) -> AnyView {
    let EditorContext { active, .. } = expect_context();
    if found.is_empty() {
        return view! { <p class="muted" data-differences="0">"It changes nothing: what is edited says the same."</p> }
            .into_any();
    }
    let (count, live) = (found.len(), found.iter().filter(|one| one.is_live()).count());
    let head = match count {
        1 => "1 key changes".to_owned(),
        count => format!("{count} keys change"),
    };
    let when = move || match (active.get(), live) {
        (false, _) => " at the next start.".to_owned(),
        (true, 0) => " at the next start, none of them while the trial runs.".to_owned(),
        (true, live) => format!(" at the next start; {live} of them can go to the running trial with Update."),
    };
    let value = |value: Option<String>| match value {
        None => view! { <em>"not there"</em> }.into_any(),
        Some(text) if text.is_empty() => view! { <em>"empty"</em> }.into_any(),
        Some(text) => view! { <span>{text}</span> }.into_any(),
    };
    let rows = found.into_iter().map(|one| {
        let label = one.label().to_owned();
        view! {
            <tr data-difference=one.key.clone()>
                <th scope="row">
                    <span>{label}</span>
                    <code>{one.key.clone()}</code>
                </th>
                <td>{value(one.before)} <span class="arrow-to" aria-hidden="true">"→"</span> <span class="hidden-visually">"becomes"</span> <strong>{value(one.after)}</strong></td>
                <td>{one.descriptor.map(|descriptor| view! { <When descriptor/> })}</td>
            </tr>
        }
    });
    view! {
        <p data-differences=count.to_string()><strong>{head}</strong>{when}</p>
        <table>
            <thead class="hidden-visually">
                <tr><th scope="col">"Key"</th><th scope="col">"Value"</th><th scope="col">"When"</th></tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
