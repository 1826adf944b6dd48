//! Keeping what is edited: on the server under a name, or as a file.

use super::{Choice, Message, Shelf};
use crate::conn::save_configuration::save_configuration;
use crate::state::chart_table::file_name;
use crate::state::draft::sentence;
use crate::view::export;
use crate::view::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The foot of the dialog.
#[component]
pub(super) fn SaveForm() -> AnyView {
    let session = Session::get();
    let shelf = expect_context::<Shelf>();
    let typed = RwSignal::new(None::<String>);
    let is_saved = move |name: &str| {
        let name = name.trim();
        session
            .overview
            .with(|known| known.as_ref().is_some_and(|known| known.configurations.iter().any(|one| one.name == name)))
    };
    // What was opened from here is most often meant to be kept there.
    let opened = move || {
        session
            .editing
            .with(|editing| editing.name().filter(|name| is_saved(name)).map(str::to_owned))
            .unwrap_or_default()
    };
    let name = move || typed.get().unwrap_or_else(opened);
    let replaces = move || is_saved(&name());
    let keep = move |name: String, text: String, replace: bool, current: bool| {
        spawn_local(async move {
            match save_configuration(name, text, replace).await {
                Ok(name) => {
                    typed.set(None);
                    if current {
                        session.editing.update(|editing| editing.rename(Some(name.clone())));
                    }
                    shelf.message.set(Some(Message::Done(format!("“{name}” is saved."))));
                    shelf.look_at(Choice::Saved(name));
                }
                Err(error) => {
                    let problems =
                        error.problems().iter().map(|problem| sentence(&problem.message)).collect::<Vec<_>>();
                    let message = if problems.is_empty() { sentence(&error.to_string()) } else { problems.join(" ") };
                    shelf.message.set(Some(Message::Refused(message)));
                }
            }
        });
    };
    let current_text = move || {
        session.edit(|editing, against| {
            editing.settle(against);
            match editing.broken_sentence() {
                Some(_) => Err("The YAML cannot be read: mend it before you save it.".to_owned()),
                None => Ok(editing.text().to_owned()),
            }
        })
    };
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        match current_text() {
            Ok(text) => keep(untrack(name), text, untrack(replaces), true),
            Err(problem) => shelf.message.set(Some(Message::Refused(problem))),
        }
    };
    let give = move |_| {
        // What cannot be read can still be taken away.
        let text = session.editing.with_untracked(|editing| editing.text().to_owned());
        let name = untrack(name);
        let name = if name.trim().is_empty() { "bftgym".to_owned() } else { name };
        export::text(&file_name(&name, "configuration", "yaml"), &text);
    };
    let message = move || match shelf.message.get() {
        None => ().into_any(),
        Some(Message::Done(text)) => view! { <span class="sent">{text}</span> }.into_any(),
        Some(Message::Refused(text)) => view! { <span class="field-error">{text}</span> }.into_any(),
        Some(Message::Deleted { name, text }) => {
            let (told, back) = (format!("“{name}” was deleted. "), name);
            view! {
                <span>{told}</span>
                <button type="button" class="link" on:click=move |_| keep(back.clone(), text.clone(), false, false)>"Undo"</button>
            }
            .into_any()
        }
    };
    view! {
        <form class="library-save" novalidate on:submit=save>
            <label class="stacked grow">
                <span>"Save what is edited now as"</span>
                <input
                    type="text"
                    autocomplete="off"
                    placeholder="Name"
                    prop:value=name
                    on:input=move |event| typed.set(Some(event_target_value(&event)))
                />
            </label>
            <button type="submit" disabled=move || name().trim().is_empty() || !session.drives()>
                {move || if replaces() { "Replace" } else { "Save" }}
            </button>
            <button type="button" class="quiet" on:click=give>"Export as YAML"</button>
            <p class="library-message" role="status">{message}</p>
        </form>
    }
    .into_any()
}
