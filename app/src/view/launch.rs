//! The launch of a trial, phase by phase, and its hosts.

use crate::state::format;
use crate::state::testbeds::stage_tone;
use leptos::prelude::*;
use model::hosts::HostStatus;
use model::trial::{Phase, PhaseName};

/// The phases with how long each took. Hosts are looked at only where there are any.
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
pub(crate) fn LaunchHosts(#[prop(into)] hosts: Signal<Vec<HostStatus>>) -> AnyView {
    let line = |status: HostStatus| {
        let (word, tone) = (status.stage.label(), stage_tone(status.stage).class());
        let host = status.host.clone();
        view! {
            <li data-host=host data-stage=word>
                <span class=format!("badge {tone}")>{word}</span>
                <span>{status.host}</span>
                <span class="muted">{status.text}</span>
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
