//! One protocol: its file in an editor, what the checker says as one types, facts, a drawing, and the simulator.

use crate::state::protocols::facts::{Facts, facts};
use crate::state::protocols::form::MOST_FAULTY;
use crate::state::protocols::machine::{Machine, machine};
use crate::view::code::Code;
use crate::view::code::findings::Findings;
use crate::view::file_button::YamlFileButton;
use crate::view::protocols::exchange::{export, import};
use crate::view::protocols::facts::FactSheet;
use crate::view::protocols::machine::StateMachine;
use crate::view::protocols::own::OwnProtocols;
use crate::view::protocols::simulator::Simulator;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_params_map};
use protocol::definitions::{self, Definition};
use protocol::language::{Diagnostic, Severity, check_text, document::MAX_PROTOCOL_BYTES};
use std::time::Duration;

/// How long nothing has to be typed before the text is checked; a long text may take longer, and waits longer.
const PATIENCE: Duration = Duration::from_millis(200);
const LONG_PATIENCE: Duration = Duration::from_millis(900);
const LONG: usize = 100_000;
/// The page of a protocol that has no name yet.
const NEW: &str = "new";

/// `/protocols/:name`.
#[component]
pub(crate) fn ProtocolPage() -> AnyView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name").unwrap_or_default()));
    (move || view! { <Editor name=name.get()/> }).into_any()
}

#[component]
fn Editor(name: String) -> AnyView {
    let own = OwnProtocols::get();
    let shipped = definitions::find(&name);
    let is_new = name == NEW;
    let original = shipped.or(if is_new { definitions::find("pbft") } else { None }).map_or("", Definition::text);
    let text = RwSignal::new(original.to_owned());
    let f = RwSignal::new(1u32);
    let checked = RwSignal::new((original.to_owned(), 1u32));
    let findings = RwSignal::new(check(original, 1));
    let save_as = RwSignal::new(match shipped {
        Some(definition) => format!("My {}", definition.title.replace(['(', ')'], "")),
        None if is_new => "My protocol".to_owned(),
        None => name.clone(),
    });
    let message = RwSignal::new(None::<String>);
    let area = NodeRef::<Textarea>::new();

    // What was typed before, or is kept by the browser, takes the place of the original.
    let page = StoredValue::new(name.clone());
    Effect::new(move |_| {
        if !own.attached.get() {
            return;
        }
        let name = page.get_value();
        let draft = own.drafts.with_untracked(|drafts| drafts.get(&name).cloned());
        let kept =
            || own.kept.with_untracked(|kept| kept.iter().find(|one| one.name == name).map(|one| one.text.clone()));
        if let Some(known) = draft.or_else(kept) {
            text.set(known);
        }
    });
    let waiting = StoredValue::new(0u64);
    Effect::new(move |before: Option<()>| {
        let (length, f) = (text.with(String::len), f.get());
        if before.is_none() {
            return;
        }
        text.with_untracked(|text| {
            own.drafts.update_untracked(|drafts| _ = drafts.insert(page.get_value(), text.clone()))
        });
        let number = waiting.get_value() + 1;
        waiting.set_value(number);
        let check_later = move || {
            if waiting.try_get_value() == Some(number) {
                let now = text.get_untracked();
                findings.set(check(&now, f));
                checked.set((now, f));
            }
        };
        set_timeout(check_later, if length > LONG { LONG_PATIENCE } else { PATIENCE });
    });
    let facts = Memo::new(move |_| {
        checked.with(|(text, f)| readable(text).then(|| facts(text, *f)).flatten()) as Option<Facts>
    });
    let drawing =
        Memo::new(move |_| checked.with(|(text, _)| if readable(text) { machine(text) } else { Machine::default() }));
    let has_errors = move || findings.with(|all| all.iter().any(|found| found.severity == Severity::Error));

    let save = move || {
        let answer = text.with_untracked(|text| own.save(&save_as.get_untracked(), text));
        message.set(Some(match &answer {
            Ok(name) => format!("Saved as {name} in this browser."),
            Err(problem) => problem.clone(),
        }));
        answer
    };
    let navigate = use_navigate();
    let run = move |_| {
        let unchanged = shipped.filter(|one| text.with_untracked(|text| text == one.text()));
        let choice = match unchanged {
            Some(definition) => definition.name.to_owned(),
            None => {
                // It is there for this tab even where the browser does not keep it.
                let saved = save();
                let name = saved.unwrap_or_else(|_| save_as.get_untracked());
                if !own.kept.with_untracked(|kept| kept.iter().any(|one| one.name == name.trim())) {
                    return;
                }
                format!("own:{}", name.trim())
            }
        };
        own.chosen.set(Some(choice));
        navigate("/", leptos_router::NavigateOptions::default());
    };
    let take_file = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        import(&input, ("protocol file", MAX_PROTOCOL_BYTES), move |read| match read {
            Ok((file, content)) => {
                save_as.set(file.trim_end_matches(".yaml").trim_end_matches(".yml").to_owned());
                text.set(content);
                message.set(Some(format!("Read {file}.")));
            }
            Err(problem) => message.set(Some(problem)),
        });
    };
    let give_file = move |_| {
        let file = format!("{}.yaml", save_as.get_untracked().trim().to_lowercase().replace(' ', "-"));
        if text.with_untracked(|text| export(&file, text)).is_err() {
            message.set(Some("The browser did not save the file. Copy the text instead.".to_owned()));
        }
    };
    let title = shipped
        .map_or_else(|| if is_new { "New protocol".to_owned() } else { name.clone() }, |one| one.title.to_owned());
    let changed = move || shipped.is_some_and(|one| text.with(|text| text != one.text()));
    let revert = move |_| {
        text.set(original.to_owned());
        message.set(None);
    };
    // Parts of their own: one type for all of it would be too deep for the compiler.
    let bar = view! {
        <div class="file-bar">
            <label class="stacked grow">
                <span>"Save as"</span>
                <input type="text" autocomplete="off" prop:value=move || save_as.get() on:input=move |event| save_as.set(event_target_value(&event))/>
            </label>
            <label class="stacked">
                <span>"Faulty replicas, f"</span>
                <select on:change=move |event| f.set(event_target_value(&event).parse().unwrap_or(1))>
                    {(1..=MOST_FAULTY).map(|each| view! { <option value=each.to_string()>{each}</option> }).collect_view()}
                </select>
            </label>
            <button type="button" on:click=move |_| { let _ = save(); }>"Save"</button>
            <button type="button" class="primary" disabled=has_errors on:click=run>"Run this protocol"</button>
            <button type="button" class="quiet" on:click=give_file>"Export"</button>
            <YamlFileButton label="Import" take=take_file/>
            {shipped.map(|_| view! {
                <button type="button" class="quiet" disabled=move || !changed() on:click=revert>"Revert"</button>
            })}
        </div>
    }
    .into_any();
    let file = view! {
        <section class="card protocol-file" aria-label="File">
            {bar}
            <p class="note" role="status">{move || message.get()}</p>
            <Code label="Protocol file" text typed=Callback::new(move |new| text.set(new)) findings area/>
            <Findings text findings area/>
        </section>
    }
    .into_any();
    view! {
        <Title text=title.clone()/>
        <div class="page protocol-page">
            <header class="page-head">
                <h1>{title}</h1>
                <a href="/protocols">"All protocols"</a>
            </header>
            {shipped.map(about)}
            <div class="protocol-columns">
                <div class="protocol-main">
                    {file}
                    <Simulator text f/>
                </div>
                <div class="protocol-side">
                    <FactSheet facts/>
                    <StateMachine machine=drawing/>
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// The same function as `bftgym check`.
fn check(text: &str, f: u32) -> Vec<Diagnostic> {
    check_text(text, f)
}

/// Whether it is worth reading a second and a third time, for facts and the drawing.
fn readable(text: &str) -> bool {
    text.len() <= MAX_PROTOCOL_BYTES
}

fn about(definition: &'static Definition) -> AnyView {
    view! {
        <p class="muted">{definition.paper}</p>
        <p><strong>"Simplified: "</strong>{definition.simplified}</p>
    }
    .into_any()
}
