//! The configuration's text with line numbers and findings. It is read when nothing has been typed for a moment.

use crate::view::code::findings::Findings;
use crate::view::code::{Code, go_to};
use crate::view::editor::EditorContext;
use crate::view::session::Session;
use leptos::html::Textarea;
use leptos::prelude::*;
use protocol::language::Diagnostic;
use std::time::Duration;

/// How long nothing has to be typed before the text is read.
const PATIENCE: Duration = Duration::from_millis(200);

/// The text of the next start's configuration; while a trial runs, of the one in force with what is changed.
#[component]
pub(super) fn YamlPane() -> AnyView {
    let session = Session::get();
    let EditorContext { reference, place, .. } = expect_context();
    let area = NodeRef::<Textarea>::new();
    let text = Signal::derive(move || session.editing.with(|editing| editing.text().to_owned()));
    let findings = Memo::new(move |known: Option<&Vec<Diagnostic>>| {
        session.editing.with(|editing| match known {
            // Their places are those of the text that was read.
            Some(known) if editing.is_unread() => known.clone(),
            _ => reference.with(|reference| editing.findings(reference)),
        })
    });
    let newest = StoredValue::new(0u64);
    let typed = Callback::new(move |new: String| {
        session.editing.update(|editing| editing.type_text(new));
        let number = newest.get_value() + 1;
        newest.set_value(number);
        let read = move || {
            if newest.try_get_value() == Some(number) {
                session.edit(|editing, against| editing.settle(against));
            }
        };
        set_timeout(read, PATIENCE);
    });
    // Who goes back to the form finds what was typed.
    on_cleanup(move || {
        if session.editing.with_untracked(|editing| editing.is_unread()) {
            session.edit(|editing, against| editing.settle(against));
        }
    });
    Effect::new(move |_| {
        if let Some(wanted) = place.get().filter(|_| area.get().is_some()) {
            place.set(None);
            request_animation_frame(move || text.with_untracked(|text| go_to(area, text, wanted.line, wanted.column)));
        }
    });
    view! {
        <div class="yaml-pane">
            <Code label="Configuration as YAML" text typed findings area/>
            <Findings text findings area/>
        </div>
    }
    .into_any()
}
