//! One experiment: where it is, its machines, how long it lasts.

use super::Now;
use super::actions::Actions;
use super::lan::LanAddresses;
use super::machines::MachinesCheck;
use crate::state::cloudlab::{left, node_tone, state_text, state_tone, steps, up_text};
use crate::state::format;
use crate::view::badges::Badge;
use crate::view::session::Session;
use crate::view::time::LocalTime;
use leptos::prelude::*;
use model::cloudlab::{Experiment, ExperimentKey, ExperimentNode, ExperimentState};
use model::words::numbered;

/// An experiment by its number.
#[component]
pub(super) fn ExperimentCard(key: ExperimentKey) -> AnyView {
    let session = Session::get();
    let found = Memo::new(move |_| {
        session.cloudlab.with(|view| {
            let mut experiments = view.iter().flat_map(|view| &view.experiments);
            experiments.find(|experiment| experiment.key == key).cloned()
        })
    });
    let title = format!("experiment-{key}");
    let title_id = title.clone();
    let read = move |read: fn(&Experiment) -> String| found.with(|experiment| experiment.as_ref().map(read));
    view! {
        <li
            class="card padded experiment"
            aria-labelledby=title
            data-experiment=move || read(|experiment| experiment.request.name.clone())
            data-experiment-state=move || read(|experiment| experiment.state.label().to_owned())
        >
            <header>
                <h3 id=title_id>{move || read(|experiment| experiment.request.name.clone())}</h3>
                {move || found.get().map(|experiment| summary(&experiment))}
            </header>
            {move || found.get().map(|experiment| body(&experiment))}
            // Apart from what changes with every answer of the portal: a dialog stays open, and what is typed stays.
            <LanAddresses experiment=found/>
            <MachinesCheck experiment=found/>
            <Actions experiment=found/>
        </li>
    }
    .into_any()
}

fn summary(experiment: &Experiment) -> impl IntoView + use<> {
    let request = &experiment.request;
    let machines = numbered(request.nodes, "machine");
    let mut what = format!("{} · {} · {machines}", request.project, request.profile);
    // One that was taken over has a type, too, but the portal does not say which.
    if !request.node_type.is_empty() {
        what += &format!(" of type {}", request.node_type);
    }
    view! {
        <Badge tone=state_tone(&experiment.state) label=experiment.state.label()/>
        <span class="muted">{what}</span>
        {until(experiment)}
    }
}

fn body(experiment: &Experiment) -> impl IntoView + use<> {
    let failed = matches!(experiment.state, ExperimentState::Failed { .. });
    view! {
        {steps(experiment).map(progress)}
        <p class:field-error=failed>{state_text(experiment)}</p>
        {experiment.note.clone().map(|note| view! { <p class="experiment-note" role="status">{note} "."</p> })}
        {experiment.warning.clone().map(|text| view! { <p class="experiment-note">{text} "."</p> })}
        {machines(experiment)}
    }
}

fn progress(steps: [(&'static str, &'static str); 5]) -> impl IntoView {
    let step = |(name, status): (&'static str, &'static str)| {
        view! {
            <li data-status=status>
                <span class="node" aria-hidden="true"></span>
                <span class="name">{name} <span class="hidden-visually">{format!(": {status}")}</span></span>
            </li>
        }
    };
    view! { <ol class="launch" aria-label="Progress">{steps.map(step).into_iter().collect_view()}</ol> }
}

/// When its time is over.
fn until(experiment: &Experiment) -> Option<AnyView> {
    let at_ms = experiment.expires_ms.filter(|_| experiment.held)?;
    let warned = experiment.state == ExperimentState::Expiring;
    let Now(now) = expect_context();
    let rest = move || now.get().map(|now_ms| left(at_ms, now_ms).unwrap_or_else(|| "no time".to_owned()));
    let text = move || rest().map(|rest| format!(" ({rest} left)"));
    Some(view! { <span class="until" class:warned=warned>"until " <LocalTime at_ms/> {text}</span> }.into_any())
}

fn machines(experiment: &Experiment) -> Option<AnyView> {
    let all = experiment.nodes.len().max(experiment.request.nodes as usize);
    if experiment.nodes.is_empty() || matches!(experiment.state, ExperimentState::Terminated { .. }) {
        return None;
    }
    let rows = experiment.nodes.iter().map(row).collect_view();
    let up = experiment.ready_nodes();
    Some(
        view! {
            <div class="up">
                <progress max=all.to_string() value=up.to_string() aria-label="Machines that are up"></progress>
                <span>{up_text(experiment)}</span>
            </div>
            <div class="table-scroll">
                <table class="machines">
                    <thead>
                        <tr><th>"Machine"</th><th>"State"</th><th>"Host"</th><th>"In the LAN"</th></tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any(),
    )
}

fn row(node: &ExperimentNode) -> impl IntoView + use<> {
    let node = node.clone();
    let or_nothing = |text: Option<String>| text.unwrap_or_else(|| format::NOTHING.to_owned());
    view! {
        <tr data-machine=node.name.clone() data-machine-state=node.phase.label()>
            <td>{node.name.clone()}</td>
            <td><Badge tone=node_tone(node.phase) label=node.phase.label()/> " " <code>{node.word.clone()}</code></td>
            <td>{or_nothing(node.host.or(node.address.map(|address| address.to_string())))}</td>
            <td>{or_nothing(node.lan.map(|address| address.to_string()))}</td>
        </tr>
    }
}
