//! The launch of a trial, phase by phase, and its hosts.

use crate::state::format;
use crate::state::testbeds::{NOT_FINISHED, is_decided_with_testbeds, phase_status, stage_label};
use leptos::prelude::*;
use model::hosts::HostStatus;
use model::trial::{Phase, PhaseName, TrialState};

/// The phases with how long each took. Hosts are looked at only where there are any.
#[component]
pub(crate) fn Launch(
    #[prop(into)] phases: Signal<Vec<Phase>>,
    /// Whether the trial is over, and nothing goes on any more.
    #[prop(into)]
    over: Signal<bool>,
) -> AnyView {
    let step = move |name: PhaseName| {
        let found = Memo::new(move |_| phases.with(|phases| phases.iter().find(|phase| phase.name == name).cloned()));
        let status = move || found.with(|phase| phase_status(phase.as_ref(), over.get()));
        let time = move || {
            found.with(|phase| match phase {
                None => format::NOTHING.to_owned(),
                Some(Phase { ended_ms: None, .. }) if over.get() => NOT_FINISHED.to_owned(),
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
    let checks_hosts =
        Memo::new(move |_| phases.with(|phases| phases.iter().any(|phase| phase.name == PhaseName::Check)));
    // The public framework agrees on its keys out of sight.
    let skips_keys = Memo::new(move |_| {
        let has = |name| phases.with(|phases| phases.iter().any(|phase| phase.name == name));
        has(PhaseName::Run) && !has(PhaseName::Keys)
    });
    let shows = move |name: &PhaseName| match name {
        PhaseName::Check => checks_hosts.get(),
        PhaseName::Keys => !skips_keys.get(),
        _ => true,
    };
    let steps = move || {
        let names = PhaseName::ALL.into_iter().filter(shows);
        names.map(step).collect_view()
    };
    view! { <ol class="launch" class:with-hosts=move || checks_hosts.get() aria-label="Launch">{steps}</ol> }.into_any()
}

/// How far each host of the trial's testbed is.
#[component]
pub(crate) fn LaunchHosts(
    #[prop(into)] hosts: Signal<Vec<HostStatus>>,
    /// The trial's state: once it is over, nothing goes on any more, and what its reason says is not said again.
    #[prop(into)]
    state: Signal<Option<TrialState>>,
) -> AnyView {
    let over = Memo::new(move |_| state.with(|state| state.as_ref().is_some_and(TrialState::is_over)));
    let is_told = move |text: &str| {
        state.with(|state| matches!(state, Some(TrialState::Failed { reason }) if reason.contains(text)))
    };
    let line = move |status: HostStatus| {
        let (word, tone) = stage_label(status.stage, over.get());
        let (host, title) = (status.host.clone(), status.host.clone());
        let text = (!status.text.is_empty() && !is_told(&status.text))
            .then(|| view! { <span class="muted">{status.text}</span> });
        view! {
            <li data-host=host data-stage=word>
                <span class=format!("badge {}", tone.class())>{word}</span>
                <span class="host-name" title=title>{status.host}</span>
                {text}
            </li>
        }
    };
    view! {
        <Show when=move || hosts.with(|hosts| !hosts.is_empty())>
            <ul class="launch-hosts" aria-label="Hosts">{move || hosts.get().into_iter().map(line).collect_view()}</ul>
        </Show>
    }
    .into_any()
}

/// Why a trial did not come to its end; none for one that did, or runs.
pub(crate) fn failure(state: &TrialState) -> Option<AnyView> {
    match state {
        TrialState::Failed { reason } => {
            let decided = is_decided_with_testbeds(reason).then(|| {
                view! { " " <a href="/testbeds">"Go to the testbeds"</a> }
            });
            let reason = reason.clone();
            Some(
                view! { <p class="field-error failure" role="alert">"This trial failed: " {reason} {decided}</p> }
                    .into_any(),
            )
        }
        TrialState::Interrupted => {
            let text = "This trial was interrupted: the server ended while it ran. What had been reported is kept.";
            Some(view! { <p class="failure" role="status">{text}</p> }.into_any())
        }
        _ => None,
    }
}
