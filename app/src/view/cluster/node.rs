//! One replica of the circle. Shape, signs and words say what colour says too; its name says all of it in a sentence.

use crate::state::cluster::{LEADER, Life, Replica};
use crate::state::ring::{Ring, Writing};
use crate::view::cluster::{blocks, ring::toggle};
use crate::view::stage::Stage;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// The sign of each fault, 8 units wide around its middle.
fn sign(fault: &str) -> &'static str {
    match fault {
        "non-responsive" => "M-3 0h6",
        "slow-proposal" => "M0-3.5v3.5l2.5 1.5",
        "in-dark" => "M1-3.5a3.5 3.5 0 1 0 2.5 5.2a3 3 0 0 1-2.5-5.2z",
        "timeout" => "M-2.5-3.2h5l-5 6.4h5z",
        "delay" => "M-3.5 0h6.5M.5-2.5l2.5 2.5l-2.5 2.5",
        "equivocation" => "M-3-1.3h6M-3 1.3h6M1.8-3.4l-3.6 6.8",
        "replay" => "M2.6-1.8a3.2 3.2 0 1 0 .6 2.4M3.2-3.6v2.2h-2.2",
        "wrong-votes" => "M-2.5-2.5l5 5M2.5-2.5l-5 5",
        _ => "M0-3.5v4M0 3v.5",
    }
}

/// One replica.
#[component]
pub(super) fn Node(number: u32, ring: Ring) -> AnyView {
    let stage = Stage::get();
    let replica = Memo::new(move |_| stage.cluster.with(|cluster| cluster.replica(number).cloned()));
    let newest = Memo::new(move |_| stage.cluster.with(|cluster| cluster.newest));
    let read = move |read: fn(&Replica) -> String| {
        move || replica.with(|replica| replica.as_ref().map(read)).unwrap_or_default()
    };
    let selected = move || stage.selected.with(|selected| selected.contains(&number));
    let choose = move |event: web_sys::MouseEvent| {
        let anchor = stage.focus.get_untracked();
        stage.focus.set(number);
        stage.selected.update(|selected| {
            if event.shift_key() {
                selected.extend(anchor.min(number)..=anchor.max(number));
            } else if event.ctrl_key() || event.meta_key() {
                toggle(selected, number);
            } else if *selected == BTreeSet::from([number]) {
                selected.clear();
            } else {
                *selected = BTreeSet::from([number]);
            }
        });
    };
    let (x, y) = ring.place(number);
    let node = ring.node;
    let large = ring.writing == Writing::Full;
    let version = read(version_text);
    // The words beside the number, in the order of the elements below.
    let drawn = move |replica: &Replica| {
        let words = match ring.writing {
            Writing::Full => vec![
                if replica.leads { LEADER.to_owned() } else { String::new() },
                version_text(replica),
                blocks(replica.committed, false),
                short_trouble(replica),
            ],
            Writing::Short => vec![blocks(replica.committed, true)],
            Writing::Number | Writing::Nothing => Vec::new(),
        };
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>()
    };
    let name =
        move || replica.with(|replica| replica.as_ref().map(|replica| replica.sentence(newest.get(), &drawn(replica))));
    // In the middle where no version stands below it.
    let number_y = move || {
        if large && replica.with(|it| it.as_ref().is_some_and(|it| it.life == Life::Up)) {
            1.0
        } else if large {
            5.5
        } else {
            4.0
        }
    };
    let below = move || {
        let text = |y: f64, class: &'static str, text: Signal<String>| {
            view! { <text class=class y=node + y>{move || text.get()} " "</text> }
        };
        let trouble =
            Signal::derive(move || replica.with(|replica| replica.as_ref().map(short_trouble)).unwrap_or_default());
        match ring.writing {
            Writing::Full => Some(
                view! {
                    {text(16.0, "committed", committed_text(replica, false))}
                    {text(28.0, "trouble", trouble)}
                }
                .into_any(),
            ),
            Writing::Short => Some(text(11.0, "committed", committed_text(replica, true)).into_any()),
            Writing::Number | Writing::Nothing => None,
        }
    };
    view! {
        <g
            id=format!("replica-{number}")
            class="replica"
            role="option"
            transform=format!("translate({x} {y})")
            tabindex=move || if stage.focus.get() == number { "0" } else { "-1" }
            aria-selected=move || selected().to_string()
            aria-label=name
            data-replica=number
            data-unit=read(|replica| replica.unit.to_string())
            data-health=read(|replica| replica.life.health().to_owned())
            data-life=read(|replica| replica.life.name())
            data-applied=read(|replica| replica.applied.to_string())
            data-behind=read(|replica| replica.behind_version.to_string())
            data-leader=read(|replica| replica.leads.to_string())
            data-view=read(|replica| replica.view.map(|view| view.to_string()).unwrap_or_default())
            data-committed=read(|replica| replica.committed.map(|last| last.to_string()).unwrap_or_default())
            data-lag=read(|replica| replica.lag.to_string())
            data-late=read(|replica| replica.is_behind().to_string())
            data-diverged=read(|replica| replica.diverged.to_string())
            data-group=read(|replica| replica.group.map(|group| group.to_string()).unwrap_or_default())
            data-faults=read(|replica| replica.faults.iter().map(|fault| fault.name).collect::<Vec<_>>().join(" "))
            on:click=choose
            on:focus=move |_| stage.focus.set(number)
        >
            <circle class="reach" r=ring.reach/>
            <circle class="halo" r=node + 4.5/>
            <circle class="body" r=node/>
            <path class="cross" d=format!("M{0} {0}L{1} {1}M{1} {0}L{0} {1}", -node * 0.62, node * 0.62)/>
            {(ring.writing != Writing::Nothing).then(|| view! {
                <text class="number" class:small=node < 12.0 y=number_y>{number} " "</text>
            })}
            <Crown shown=Signal::derive(move || replica.with(|replica| replica.as_ref().is_some_and(|it| it.leads))) node large/>
            {large.then(|| view! { <text class="version" y="13">{version} " "</text> })}
            <Badges replica node large/>
            {below()}
        </g>
    }
    .into_any()
}

fn committed_text(replica: Memo<Option<Replica>>, short: bool) -> Signal<String> {
    Signal::derive(move || {
        replica.with(|replica| blocks(replica.as_ref().and_then(|replica| replica.committed), short))
    })
}

/// The version of the configuration that it runs with.
fn version_text(replica: &Replica) -> String {
    match replica.life {
        Life::Up if replica.behind_version => "waiting".to_owned(),
        Life::Up => format!("v{}", replica.applied),
        _ => String::new(),
    }
}

/// The gravest trouble, and how many more there are.
fn short_trouble(replica: &Replica) -> String {
    match replica.troubles().as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one} +{}", rest.len()),
    }
}

/// The sign of the leader, and the word where there is room for it.
#[component]
fn Crown(shown: Signal<bool>, node: f64, large: bool) -> impl IntoView {
    let (dx, dy) = if large { (-17.0, -node - 11.0) } else { (0.0, -node - 4.0) };
    view! {
        <g class="crown" class:shown=move || shown.get() transform=format!("translate({dx} {dy})")>
            <path d="M-6 3.5v-7l3.2 2.6l2.8-4.1l2.8 4.1l3.2-2.6v7z"/>
            {large.then(|| view! { <text x="10" y="3.5">{LEADER} " "</text> })}
        </g>
    }
}

/// What is the matter, as signs at the replica's right shoulder: three at most, then two and a sign that there are more.
#[component]
fn Badges(replica: Memo<Option<Replica>>, node: f64, large: bool) -> impl IntoView {
    let signs = Memo::new(move |_| {
        replica.with(|replica| {
            let mut signs = Vec::new();
            let Some(replica) = replica else { return signs };
            if replica.diverged {
                signs.push("M-3-1.3h6M-3 1.3h6M1.8-3.4l-3.6 6.8");
            }
            if replica.group.is_some_and(|group| group > 0) {
                signs.push("M-3.5 0h2M1.5 0h2M0-3.5v7");
            }
            signs.extend(replica.faults.iter().filter(|fault| fault.name != "crash").map(|fault| sign(fault.name)));
            signs
        })
    });
    let radius = if large { 7.5 } else { 5.5 };
    let place = move |index: usize| {
        let angle = -0.85 + 0.68 * index as f64;
        (node * angle.cos() + 2.0, node * angle.sin())
    };
    move || {
        let signs = signs.get();
        if node < 8.0 {
            return (!signs.is_empty())
                .then(|| view! { <circle class="badge-dot" r="2.5" cx=node * 0.8 cy=-node * 0.8/> }.into_any());
        }
        let shown = if signs.len() > 3 { 2 } else { signs.len() };
        let more = signs.len() > shown;
        let badges = signs[..shown].iter().enumerate().map(|(index, sign)| {
            let (x, y) = place(index);
            let scale = radius / 7.5;
            view! {
                <g class="badge-sign" transform=format!("translate({x:.1} {y:.1}) scale({scale:.2})")>
                    <circle r="7.5"/>
                    <path d=*sign/>
                </g>
            }
        });
        let badges = badges.collect_view();
        let (x, y) = place(shown);
        let more = more.then(|| {
            view! {
                <g class="badge-sign" transform=format!("translate({x:.1} {y:.1})")>
                    <circle r=radius/>
                    <path d="M-4 0h.1M0 0h.1M4 0h.1"/>
                </g>
            }
        });
        Some(view! { <g class="badge-signs">{badges}{more}</g> }.into_any())
    }
}
