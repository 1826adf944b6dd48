//! The launch of a trial, phase by phase.

use crate::state::format;
use leptos::prelude::*;
use model::trial::{Phase, PhaseName};

/// The five phases with how long each took.
#[component]
pub(crate) fn Launch(#[prop(into)] phases: Signal<Vec<Phase>>) -> AnyView {
    let step = move |name: PhaseName| {
        let found = Memo::new(move |_| phases.with(|phases| phases.iter().find(|phase| phase.name == name).cloned()));
        let status = move || {
            found.with(|phase| match phase {
                None => "ahead",
                Some(Phase { ended_ms: None, .. }) => "now",
                Some(_) => "done",
            })
        };
        let time = move || {
            found.with(|phase| match phase {
                None => format::NOTHING.to_owned(),
                Some(Phase { ended_ms: None, .. }) => "…".to_owned(),
                Some(Phase { ended_ms: Some(ended_ms), started_ms, .. }) => format::duration_ms(ended_ms - started_ms),
            })
        };
        view! {
            <li data-phase=name.label() data-status=status>
                <span class="node" aria-hidden="true"></span>
                <span class="name">{name.label()}</span>
                <span class="took">{time}</span>
            </li>
        }
    };
    view! { <ol class="launch" aria-label="Launch">{PhaseName::ALL.map(step).into_iter().collect_view()}</ol> }
        .into_any()
}
