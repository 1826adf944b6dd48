//! The replicas around their circle. One of them takes part in the order of the Tab key; arrow keys lead from one to the
//! next.

use crate::state::cluster::{Cluster, Life};
use crate::state::format;
use crate::state::ring::{CENTRE, Ring, SIZE};
use crate::view::cluster::node::Node;
use crate::view::session::Session;
use crate::view::stage::Stage;
use leptos::prelude::*;
use model::testbed::Engine;
use std::collections::BTreeSet;
use wasm_bindgen::JsCast;

/// With more replicas, the lines between them would hide them.
const MOST_LINKED: u32 = 13;

/// The circle.
#[component]
pub(super) fn RingDrawing() -> AnyView {
    let stage = Stage::get();
    let count = Memo::new(move |_| stage.cluster.with(|cluster| cluster.replicas.len() as u32));
    let nodes = move || {
        let ring = Ring::of(count.get());
        (0..count.get()).map(|number| view! { <Node number ring/> }).collect_view()
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let (key, ring) = (event.key(), Ring::of(count.get_untracked()));
        let here = stage.focus.get_untracked();
        match (key.as_str(), ring.step(here, &key)) {
            (_, Some(next)) => {
                stage.focus.set(next);
                if event.shift_key() {
                    stage.selected.update(|selected| {
                        selected.extend([here, next]);
                    });
                }
                focus_node(next);
            }
            (" ", _) => stage.selected.update(|selected| toggle(selected, here)),
            ("Enter", _) => {
                if !stage.selected.with_untracked(|selected| selected.contains(&here)) {
                    stage.selected.set(BTreeSet::from([here]));
                }
                stage.tab.set(crate::view::stage::Tab::Faults);
                request_animation_frame(|| focus("faults-title"));
            }
            ("a" | "A", _) if event.ctrl_key() || event.meta_key() => {
                stage.selected.set((0..count.get_untracked()).collect());
            }
            ("Escape", _) => stage.selected.set(BTreeSet::new()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <svg
            class="ring"
            viewBox=format!("0 0 {} {}", SIZE.0, SIZE.1)
            role="listbox"
            aria-label="Replicas"
            aria-multiselectable="true"
            on:keydown=on_key
        >
            <Links/>
            <Middle/>
            {nodes}
        </svg>
    }
    .into_any()
}

/// Adds a replica to the chosen ones, or takes it away.
pub(super) fn toggle(selected: &mut BTreeSet<u32>, replica: u32) {
    if !selected.remove(&replica) {
        selected.insert(replica);
    }
}

fn focus_node(number: u32) {
    focus(&format!("replica-{number}"));
}

fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        // Drawn elements take the focus like others do.
        let focusable = element.unchecked_into::<web_sys::HtmlElement>();
        let _ = focusable.focus();
    }
}

/// A line between each two replicas that hear each other: both live, and no partition is between them.
#[component]
fn Links() -> impl IntoView {
    let stage = Stage::get();
    let path = Memo::new(move |_| stage.cluster.with(links));
    view! { <path class="links" d=move || path.get()/> }
}

fn links(cluster: &Cluster) -> String {
    let count = cluster.replicas.len() as u32;
    if count > MOST_LINKED {
        return String::new();
    }
    let ring = Ring::of(count);
    let speaks = |number: u32| {
        cluster.replica(number).is_some_and(|replica| {
            replica.life == Life::Up && replica.faults.iter().all(|fault| fault.name != "non-responsive")
        })
    };
    let group = |number: u32| cluster.replica(number).and_then(|replica| replica.group);
    let mut path = String::new();
    for a in 0..count {
        for b in a + 1..count {
            if speaks(a) && speaks(b) && group(a) == group(b) {
                let ((ax, ay), (bx, by)) = (ring.place(a), ring.place(b));
                path.push_str(&format!("M{ax} {ay}L{bx} {by}"));
            }
        }
    }
    path
}

/// The view, the leader and the furthest block, in the middle of the circle.
#[component]
fn Middle() -> impl IntoView {
    let stage = Stage::get();
    let session = Session::get();
    let lines = Memo::new(move |_| {
        stage.cluster.with(|cluster| {
            // BFTBrain's replicas tell of none.
            let none = || (session.engine_in_question() == Engine::Native).then(|| "No views yet".to_owned());
            let view = cluster.view.map(|view| format!("View {}", format::grouped(view as f64))).or_else(none);
            let leader = match (cluster.leader, cluster.rotating) {
                (Some(_), true) => Some("Leader rotates".to_owned()),
                (Some(leader), false) => Some(format!("Leader {leader}")),
                (None, _) => None,
            };
            let committed = cluster.committed.map(|committed| format!("block {}", format::si(committed as f64)));
            (view, leader, committed)
        })
    });
    let text = move |y: f64, class: &'static str, read: fn(&Lines) -> Option<String>| {
        view! {
            <text class=class x=CENTRE.0 y=CENTRE.1 + y>
                {move || lines.with(read)}
            </text>
        }
    };
    view! {
        <g
            class="middle"
            data-main-view=move || stage.cluster.with(|cluster| cluster.view.map(|view| view.to_string()))
            data-main-leader=move || stage.cluster.with(|cluster| cluster.leader.map(|leader| leader.to_string()))
            class:empty=move || stage.cluster.with(|cluster| cluster.view.is_none())
        >
            <circle cx=CENTRE.0 cy=CENTRE.1 r="42"/>
            {text(-13.0, "", |lines| lines.0.clone())}
            {text(5.0, "strong", |lines| lines.1.clone())}
            {text(22.0, "", |lines| lines.2.clone())}
        </g>
    }
}

type Lines = (Option<String>, Option<String>, Option<String>);
