//! The faults of the chosen replicas, each with its switch and its values, and what is done to the cluster as a whole.

use crate::state::cluster::{Life, Replica};
use crate::state::engine::key_obstacle;
use crate::state::faults::action::{Action, can_cut};
use crate::state::faults::{self, CRASH, PARTITION};
use crate::state::format;
use crate::view::cluster::parameter::FaultRow;
use crate::view::session::Session;
use crate::view::stage::{Outcome, Scope, Stage, elapsed_ms, target_config};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// The panel below the circle.
#[component]
pub(super) fn Panel() -> AnyView {
    let stage = Stage::get();
    let session = Session::get();
    let config = Memo::new(move |_| target_config(session));
    let chosen = Memo::new(move |_| stage.selected.get());
    let any = Memo::new(move |_| chosen.with(|chosen| !chosen.is_empty()));
    let title = move || {
        chosen.with(|chosen| match chosen.iter().collect::<Vec<_>>().as_slice() {
            [] => "No replica chosen".to_owned(),
            [one] => format!("Replica {one}"),
            several if several.len() <= 6 => format!("Replicas {}", faults::list_text(chosen).replace(',', ", ")),
            several => format!("{} replicas", several.len()),
        })
    };
    let rows = faults::all().iter().filter(|fault| fault.name != CRASH);
    view! {
        <div class="faults-panel">
            <header>
                <h3 id="faults-title" tabindex="-1">{title}</h3>
                <ScopeBadge/>
            </header>
            <p class="outcome" role="status">{move || outcome_text(stage.outcome.get())}</p>
            <Show
                when=move || any.get()
                fallback=|| view! {
                    <p class="hint muted">
                        "Choose a replica to give it faults: click it, or walk the circle with the arrow keys and press Enter. Ctrl or Shift and a click choose several."
                    </p>
                }
            >
                <Process chosen/>
            </Show>
            <ul class="fault-rows" class:gone=move || !any.get()>
                {rows.map(|fault| view! { <FaultRow fault chosen config/> }).collect_view()}
            </ul>
            <Whole chosen config/>
        </div>
    }
    .into_any()
}

/// Says whether a change is done at once or waits for the next start.
#[component]
fn ScopeBadge() -> impl IntoView {
    let stage = Stage::get();
    let session = Session::get();
    let live = Memo::new(move |_| matches!(stage.scope(session), Scope::AtOnce(_)));
    view! {
        <span class="scope" data-scope=move || if live.get() { "live" } else { "next-start" }>
            {move || if live.get() { "applies at once" } else { "for the next start" }}
        </span>
    }
}

fn outcome_text(outcome: Option<Outcome>) -> AnyView {
    match outcome {
        None => ().into_any(),
        Some(Outcome::Sent(version)) => {
            view! { <span class="sent">{format!("Version {version} sent")}</span> }.into_any()
        }
        Some(Outcome::Planned) => view! { <span>"In the configuration of the next start"</span> }.into_any(),
        Some(Outcome::Nothing) => view! { <span>"Nothing to change"</span> }.into_any(),
        Some(Outcome::Refused(message)) => view! { <span class="field-error">{message}</span> }.into_any(),
    }
}

/// The chosen replicas' processes: what they reported, and the two buttons that kill and start them.
#[component]
fn Process(chosen: Memo<BTreeSet<u32>>) -> AnyView {
    let stage = Stage::get();
    let session = Session::get();
    let replicas = Memo::new(move |_| {
        chosen.with(|chosen| {
            stage.cluster.with(|cluster| {
                chosen.iter().filter_map(|number| cluster.replica(*number).cloned()).collect::<Vec<_>>()
            })
        })
    });
    let facts = move || {
        replicas.with(|replicas| match replicas.as_slice() {
            [one] => Some(facts_of(one)),
            _ => None,
        })
    };
    let wants_dead = |replica: &Replica| replica.faults.iter().any(|fault| fault.name == CRASH);
    let crashes = faults::fault(CRASH).map_or("", |fault| fault.list.key);
    let why_not = Memo::new(move |_| key_obstacle(session.engine_in_question(), crashes));
    let can_crash = move || {
        why_not.get().is_none() && replicas.with(|replicas| replicas.iter().any(|replica| !wants_dead(replica)))
    };
    let returns = move |replica: &Replica| wants_dead(replica) || replica.life == Life::Killed;
    let can_restart = move || why_not.get().is_none() && replicas.with(|replicas| replicas.iter().any(returns));
    let crash = |replicas: BTreeSet<u32>| Action::Begin { fault: CRASH.to_owned(), replicas, values: Vec::new() };
    let restart = move |_| {
        let (killed, all): (BTreeSet<u32>, BTreeSet<u32>) = replicas.with_untracked(|replicas| {
            let of = |wanted: fn(&Replica) -> bool| {
                replicas.iter().filter(|replica| wanted(replica)).map(|replica| replica.number).collect()
            };
            (of(|replica| replica.life == Life::Killed), of(|_| true))
        });
        // One that was killed from outside starts again once it has been on the list and is taken off.
        let mut deeds = Vec::new();
        if !killed.is_empty() {
            deeds.push(crash(killed));
        }
        deeds.push(Action::End { fault: CRASH.to_owned(), replicas: all });
        stage.act_in_turn(session, deeds);
    };
    view! {
        <div class="process">
            <p class="facts-line muted">{facts}</p>
            <div class="process-buttons">
                <button
                    type="button"
                    class="danger"
                    disabled=move || !can_crash()
                    on:click=move |_| stage.act(session, crash(chosen.get_untracked()))
                >
                    "Crash"
                </button>
                <button type="button" disabled=move || !can_restart() on:click=restart>"Restart"</button>
            </div>
            {move || why_not.get().map(|reason| view! { <p class="fault-reason muted">{reason}</p> })}
        </div>
    }
    .into_any()
}

fn facts_of(replica: &Replica) -> String {
    let mut facts: Vec<String> = replica.leads.then(|| "leader".to_owned()).into_iter().collect();
    facts.extend(replica.life.trouble().map(str::to_owned));
    facts.extend(replica.view.map(|view| format!("view {view}")));
    facts.extend(replica.committed.map(|last| format!("block {}", format::grouped(last as f64))));
    if replica.is_behind() {
        facts.push(format!("{} behind", format::grouped(replica.lag as f64)));
    }
    facts.join(" · ")
}

/// Partition, and the end of all faults.
#[component]
fn Whole(chosen: Memo<BTreeSet<u32>>, config: Memo<model::config::ConfigTree>) -> AnyView {
    let stage = Stage::get();
    let session = Session::get();
    let count = Memo::new(move |_| stage.cluster.with(|cluster| cluster.replicas.len() as u32));
    let why_not = Memo::new(move |_| key_obstacle(session.engine_in_question(), PARTITION));
    let may_cut = move || {
        why_not.get().is_none() && chosen.with(|chosen| config.with(|config| can_cut(config, chosen, count.get())))
    };
    let parted = move || stage.cluster.with(|cluster| cluster.groups > 0);
    let any = Memo::new(move |_| {
        // Followed here so that what begins with time is noticed.
        stage.cluster.track();
        config.with(|config| !faults::action::changes(config, &Action::Clear, elapsed_in_browser(session)).is_empty())
    });
    view! {
        <div class="whole" role="group" aria-label="The whole cluster">
            <button
                type="button"
                disabled=move || !may_cut()
                title=move || why_not.get()
                on:click=move |_| stage.act(session, Action::Cut { replicas: chosen.get_untracked() })
            >
                "Cut off"
            </button>
            <button type="button" disabled=move || !parted() on:click=move |_| stage.act(session, Action::Heal)>
                "Heal"
            </button>
            <button
                type="button"
                class="clear"
                disabled=move || !any.get()
                on:click=move |_| stage.act(session, Action::Clear)
            >
                "Clear all faults"
            </button>
        </div>
    }
    .into_any()
}

/// The server has no clock of the page; nothing is drawn there that depends on it.
fn elapsed_in_browser(session: Session) -> u64 {
    if cfg!(target_arch = "wasm32") { elapsed_ms(session) } else { 0 }
}
