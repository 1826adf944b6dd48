//! Taking exported trials from a file.

use crate::conn::import::import_file;
use crate::view::session::Session;
use crate::view::trials::desk::Desk;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The button that asks for a file.
#[component]
pub(crate) fn ImportButton() -> AnyView {
    let session = Session::get();
    let desk = Desk::get();
    let busy = RwSignal::new(false);
    let take = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        let name = file.name();
        busy.set(true);
        spawn_local(async move {
            let answer = import_file(file).await;
            // The same file may be chosen again once it has been put right.
            input.set_value("");
            busy.set(false);
            match answer {
                Ok(trials) if trials.len() == 1 => {
                    desk.tell(format!("Imported 1 trial from {name}"), false, Vec::new())
                }
                Ok(trials) => desk.tell(format!("Imported {} trials from {name}", trials.len()), false, Vec::new()),
                Err(problem) => desk.tell(format!("{name}: {problem}"), true, Vec::new()),
            }
        });
    };
    view! {
        <label class="button file-button" class:busy=move || busy.get() || !session.drives()>
            {move || if busy.get() { "Importing…" } else { "Import…" }}
            <input
                type="file"
                class="hidden-visually"
                accept=".jsonl,.ndjson,application/x-ndjson"
                disabled=move || busy.get() || !session.drives()
                on:change=take
            />
        </label>
    }
    .into_any()
}
