//! The cluster: its replicas around a circle or as a list, the other units, and below them the faults of the chosen ones
//! and the timeline.

mod node;
mod others;
mod panel;
mod parameter;
mod replica_list;
mod ring;

use crate::state::format;
use crate::view::fetched::fetched_part;
use crate::view::session::Session;
use crate::view::stage::{Stage, Tab};
use crate::view::timeline::TimelinePanel;
use leptos::prelude::*;
use others::Others;
use panel::Panel;
use replica_list::List;
use ring::RingDrawing;

fetched_part!(list: List in tools);
fetched_part!(timeline: TimelinePanel in tools);

/// The card with all of it.
#[component]
pub(crate) fn ClusterCard() -> AnyView {
    let stage = Stage::get();
    let session = Session::get();
    stage.follow(session);
    let as_list = RwSignal::new(false);
    let title = move || {
        let count = stage.cluster.with(|cluster| cluster.replicas.len());
        let f = stage.cluster.with(|cluster| cluster.f);
        (count > 0).then(|| format!("{count} replicas, f = {f}"))
    };
    let shape = |list: bool, label: &'static str| {
        view! {
            <button
                type="button"
                aria-pressed=move || (as_list.get() == list).to_string()
                on:click=move |_| as_list.set(list)
            >
                {label}
            </button>
        }
    };
    let faults_label = Signal::stored("Faults".to_owned());
    let timeline_label = Signal::derive(move || match stage.timeline.with(|timeline| timeline.entries().len()) {
        0 => "Timeline".to_owned(),
        planned => format!("Timeline ({planned})"),
    });
    let tab = |tab: Tab, label: Signal<String>| {
        view! {
            <button
                type="button"
                aria-pressed=move || (stage.tab.get() == tab).to_string()
                on:click=move |_| stage.tab.set(tab)
            >
                {move || label.get()}
            </button>
        }
    };
    // From then on it stays, with what was typed.
    let timeline_wanted = Memo::new(move |before: Option<&bool>| {
        before.is_some_and(|wanted| *wanted) || stage.tab.get() == Tab::Timeline
    });
    view! {
        <section class="card cluster" aria-labelledby="cluster-title">
            <header>
                <h2 id="cluster-title">"Cluster"</h2>
                <span class="muted">{title}</span>
                <div class="segments" role="group" aria-label="How the cluster is shown">
                    {shape(false, "Circle")}
                    {shape(true, "List")}
                </div>
            </header>
            <div class="cluster-shape">
                <Show when=move || as_list.get() fallback=|| view! { <RingDrawing/> }>{list::part()}</Show>
            </div>
            <Others/>
            <Warning/>
            <div class="cluster-tabs">
                <div class="segments" role="group" aria-label="Below the cluster">
                    {tab(Tab::Faults, faults_label)}
                    {tab(Tab::Timeline, timeline_label)}
                </div>
            </div>
            <div class="cluster-below" class:gone=move || stage.tab.get() != Tab::Faults>
                <fieldset class="for-drivers" disabled=move || !session.drives()><Panel/></fieldset>
            </div>
            <div class="cluster-below" class:gone=move || stage.tab.get() != Tab::Timeline>
                <fieldset class="for-drivers" disabled=move || !session.drives()>
                    <Show when=move || timeline_wanted.get()>{timeline::part()}</Show>
                </fieldset>
            </div>
        </section>
    }
    .into_any()
}

/// More faulty replicas than the protocol stands. Said, not forbidden.
#[component]
fn Warning() -> impl IntoView {
    let stage = Stage::get();
    let warning = Memo::new(move |_| stage.cluster.with(|cluster| cluster.warning()));
    move || warning.get().map(|text| view! { <p class="cluster-warning" role="status">{text}</p> })
}

/// The number of blocks as it stands beside a replica.
fn blocks(committed: Option<u64>, short: bool) -> String {
    match committed {
        None => String::new(),
        Some(committed) if short => format::si(committed as f64),
        Some(committed) => format::grouped(committed as f64),
    }
}
