//! Keys for those who present: start, stop, the cluster, the timeline; and the dialog that lists them. None of them acts
//! while somebody types.

use crate::view::stage::{Pane, Stage, Tab};
use leptos::html;
use leptos::prelude::*;
use std::collections::BTreeSet;
use wasm_bindgen::JsCast;

const KEYS: [(&str, &str); 15] = [
    ("s", "Start"),
    ("x", "Stop"),
    ("/", "Search the configuration"),
    ("c", "Go to the circle of replicas"),
    ("f", "Show the faults"),
    ("t", "Show the timeline"),
    ("Arrow keys", "In the circle: the next and the previous replica; with Shift, choose them"),
    ("Space", "In the circle: choose the replica, or leave it out"),
    ("Enter", "In the circle: open the faults of the replica"),
    ("Esc", "Choose no replica"),
    ("← → Home End", "In a chart: move the cursor"),
    (", .", "In a chart: the event before and after the cursor"),
    ("+ − 0", "In a chart: zoom in and out, show all"),
    ("[ ]", "In a chart: earlier and later"),
    ("?", "These keys"),
];

/// The button that opens the list of keys, and the keys themselves.
#[component]
pub(crate) fn Shortcuts() -> AnyView {
    let stage = Stage::get();
    let dialog = NodeRef::<html::Dialog>::new();
    let open = move || {
        if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
            // Shown already, it would refuse.
            let _ = dialog.show_modal();
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let taken = event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key();
            if taken || event.target().is_some_and(|target| takes_text(&target)) {
                return;
            }
            match event.key().as_str() {
                "s" => click("start-button"),
                "x" => click("stop-button"),
                "/" => {
                    stage.pane.set(Pane::Form);
                    request_animation_frame(|| focus("configuration-search"));
                }
                "c" => focus(&format!("replica-{}", stage.focus.get_untracked())),
                "f" => stage.tab.set(Tab::Faults),
                "t" => stage.tab.set(Tab::Timeline),
                "Escape" => stage.selected.set(BTreeSet::new()),
                "?" => open(),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || handle.remove());
    });
    view! {
        <button type="button" class="icon" title="Keys" aria-label="Keyboard shortcuts" on:click=move |_| open()>
            "?"
        </button>
        <dialog class="keys" node_ref=dialog aria-labelledby="keys-title">
            <h2 id="keys-title">"Keys"</h2>
            <dl>
                {KEYS.map(|(key, what)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div> }).into_iter().collect_view()}
            </dl>
            <button type="button" on:click=close>"Close"</button>
        </dialog>
    }
    .into_any()
}

/// Whether keys go into what has the focus, or belong to it.
fn takes_text(target: &web_sys::EventTarget) -> bool {
    let Some(element) = target.dyn_ref::<web_sys::Element>() else { return false };
    matches!(element.closest("input, textarea, select, dialog[open], [contenteditable]"), Ok(Some(_)) | Err(_))
}

fn click(id: &str) {
    if let Some(button) = element(id) {
        button.click();
    }
}

fn focus(id: &str) {
    if let Some(element) = element(id) {
        // What cannot take the focus keeps it where it is.
        let _ = element.focus();
    }
}

fn element(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(id).map(JsCast::unchecked_into)
}
