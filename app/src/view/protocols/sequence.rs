//! The chart of a run: replicas side by side, time downwards. Only what is in sight is drawn.

use crate::state::protocols::chart::{Chart, Item, ItemKind, details, layout};
use crate::view::protocols::run::Ended;
use leptos::html::Div;
use leptos::prelude::*;
use protocol::simulator::TraceEvent;

/// Sizes, pixels.
const AXIS: f64 = 72.0;
const HEAD: f64 = 28.0;
const SIGHT: f64 = 560.0;
/// The most items that are drawn at once.
const MOST_DRAWN: usize = 500;
/// Zoom, pixels for a simulated ms.
const ZOOM: (f64, f64, f64) = (2.0, 16.0, 256.0);

/// The chart with its controls and the details of the chosen message.
#[component]
pub(crate) fn SequenceChart(ended: Ended) -> AnyView {
    let n = ended.scenario.table.n;
    let gap = if n <= 4 {
        150.0
    } else if n <= 10 {
        96.0
    } else {
        56.0
    };
    let width = AXIS + gap * f64::from(n);
    let x = move |replica: u32| AXIS + gap * (f64::from(replica) + 0.5);
    let votes: Vec<Vec<usize>> =
        ended.parting.iter().flat_map(|parting| parting.sides.iter().map(|side| side.events.clone())).collect();
    let votes = StoredValue::new(votes);
    let broken = ended.parting.as_ref().map(|parting| parting.sequence);
    let events = StoredValue::new(ended.events);
    let names = {
        let mut names: Vec<String> = Vec::new();
        events.with_value(|events| {
            for event in events.iter() {
                if let TraceEvent::Message { message, .. } = event
                    && !names.contains(message)
                {
                    names.push(message.clone());
                }
            }
        });
        names
    };
    let legend = names.iter().enumerate().map(|(index, name)| {
        view! { <li><svg width="28" height="8" aria-hidden="true"><path class=format!("arrow m{}", index % 8) d="M1 4H27"/></svg>{name.clone()}</li> }
    }).collect_view();
    let names = StoredValue::new(names);
    let zoom = RwSignal::new(ZOOM.1);
    let only = RwSignal::new(broken.is_some());
    let scrolled = RwSignal::new(0.0);
    let chosen = RwSignal::new(None::<usize>);
    let frame = NodeRef::<Div>::new();
    let chart = Memo::new(move |_| {
        let only = only.get();
        events.with_value(|events| {
            votes.with_value(|votes| {
                layout(events, zoom.get(), &|index, event| {
                    !only
                        || votes.iter().any(|side| side.contains(&index))
                        || match event {
                            TraceEvent::Executed { sequence, .. } => Some(*sequence) == broken,
                            TraceEvent::View { .. } | TraceEvent::Change { .. } | TraceEvent::Diverged { .. } => true,
                            _ => false,
                        }
                })
            })
        })
    });
    let class_of = move |item: &Item| {
        let name = events.with_value(|events| match events.get(item.event) {
            Some(TraceEvent::Message { message, .. }) => {
                names.with_value(|names| names.iter().position(|name| name == message))
            }
            _ => None,
        });
        let side = votes.with_value(|votes| votes.iter().position(|side| side.contains(&item.event)));
        let side = ["", " vote side-1", " vote side-2"][side.map_or(0, |side| side + 1)];
        let now = if chosen.get() == Some(item.event) { " chosen" } else { "" };
        format!("arrow m{}{side}{now}", name.unwrap_or_default() % 8)
    };
    let drawn = move || {
        let top = scrolled.get();
        chart.with(|chart| {
            let visible = chart.visible(top - 80.0, top + SIGHT + 80.0, MOST_DRAWN);
            let few = visible.len() <= 40;
            visible
                .iter()
                .map(|item| {
                    let event = item.event;
                    let class = class_of(item);
                    let voted = class.contains("vote") || class.contains("chosen");
                    view! {
                        <g class=class on:click=move |_| chosen.set(Some(event))>{shape(item, x, width, few || voted)}</g>
                    }
                })
                .collect_view()
        })
    };
    let ticks = move || {
        let top = scrolled.get();
        chart.with(|chart| {
            let near = chart.ticks.iter().filter(|(_, y)| (top - 80.0..top + SIGHT + 80.0).contains(y));
            near.map(|(ms, y)| view! { <text class="tick" x=AXIS - 12.0 y=y + 4.0 text-anchor="end">{format!("{ms:.1} ms")}</text> })
                .collect_view()
        })
    };
    let lifelines = move || {
        let height = chart.with(|chart| chart.height);
        (0..n).map(|replica| view! { <path class="lifeline" d=format!("M{} 0V{height}", x(replica))/> }).collect_view()
    };
    let heads = (0..n).map(|replica| {
        let label = if gap > 90.0 { format!("Replica {replica}") } else { replica.to_string() };
        view! { <text x=x(replica) y="18" text-anchor="middle">{label}</text> }
    });
    let step = move |by: i64| {
        let (event, y) = chart.with_untracked(|chart| move_choice(chart, chosen.get_untracked(), by)).unzip();
        chosen.set(event);
        if let (Some(frame), Some(y)) = (frame.get_untracked(), y)
            && !(scrolled.get_untracked()..scrolled.get_untracked() + SIGHT - 120.0).contains(&y)
        {
            frame.set_scroll_top((y - SIGHT / 3.0).max(0.0) as i32);
        }
    };
    let scale = move |factor: f64| zoom.update(|zoom| *zoom = (*zoom * factor).clamp(ZOOM.0, ZOOM.2));
    let on_key = move |event: web_sys::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => step(1),
            "ArrowUp" => step(-1),
            "+" | "=" => scale(2.0),
            "-" => scale(0.5),
            _ => return,
        }
        event.prevent_default();
    };
    let said = move || match chosen.get() {
        Some(event) => events.with_value(|events| events.get(event).map(details).unwrap_or_default()),
        None => "Choose a message: click on it, or use the arrow keys in the chart; + and - zoom.".to_owned(),
    };
    view! {
        <div class="sequence-bar">
            <button type="button" aria-label="Zoom in" on:click=move |_| scale(2.0)>"+"</button>
            <button type="button" aria-label="Zoom out" on:click=move |_| scale(0.5)>"−"</button>
            {broken.map(|_| view! {
                <label class="inline">
                    <input type="checkbox" prop:checked=move || only.get() on:change=move |event| only.set(event_target_checked(&event))/>
                    "Only the messages that break agreement"
                </label>
            })}
            <ul class="sequence-legend">{legend}</ul>
        </div>
        <div
            class="sequence"
            node_ref=frame
            tabindex="0"
            role="group"
            aria-label="Message sequence chart. Arrow keys choose a message, plus and minus zoom."
            on:keydown=on_key
            on:scroll=move |_| if let Some(frame) = frame.get_untracked() { scrolled.set(f64::from(frame.scroll_top())) }
        >
            <svg class="heads" width=width height=HEAD aria-hidden="true">{heads.collect_view()}</svg>
            <svg class="lines" width=width height=move || chart.with(|chart| chart.height) aria-hidden="true">
                {lifelines}{ticks}{drawn}
            </svg>
        </div>
        <p class="note details" role="status">{said}</p>
    }
    .into_any()
}

/// The next item before or after the chosen one, and its height.
fn move_choice(chart: &Chart, chosen: Option<usize>, by: i64) -> Option<(usize, f64)> {
    let now = chosen.and_then(|event| chart.items.iter().position(|item| item.event == event));
    let next = match now {
        Some(now) => (now as i64 + by).clamp(0, chart.items.len() as i64 - 1),
        None => 0,
    };
    chart.items.get(next as usize).map(|item| (item.event, item.from_y))
}

fn shape(item: &Item, x: impl Fn(u32) -> f64, width: f64, labelled: bool) -> AnyView {
    match &item.kind {
        ItemKind::Arrow { from, to, label } => {
            let ((from_x, from_y), (to_x, to_y)) = ((x(*from), item.from_y), (x(*to), item.to_y));
            let (run, rise) = (to_x - from_x, to_y - from_y);
            let length = run.hypot(rise).max(1.0);
            let (along_x, along_y) = (run / length * 7.0, rise / length * 7.0);
            let head = format!(
                "M{to_x} {to_y}L{} {}M{to_x} {to_y}L{} {}",
                to_x - along_x - along_y * 0.5,
                to_y - along_y + along_x * 0.5,
                to_x - along_x + along_y * 0.5,
                to_y - along_y - along_x * 0.5
            );
            let line = format!("M{from_x} {from_y}L{to_x} {to_y}");
            let text = labelled.then(|| {
                let (text_x, text_y) = (from_x + run * 0.28, from_y + rise * 0.28 - 3.0);
                view! { <text x=text_x y=text_y text-anchor="middle">{label.clone()}</text> }
            });
            view! { <path class="hit" d=line.clone()/><path d=line/><path class="point" d=head/>{text} }.into_any()
        }
        ItemKind::Mark { replica, kind, label } => {
            let (mark_x, y) = (x(*replica), item.from_y);
            view! {
                <g class=format!("mark {kind}")>
                    <rect x=mark_x - 5.0 y=y - 5.0 width="10" height="10" rx="2"/>
                    <text x=mark_x + 9.0 y=y + 4.0>{label.clone()}</text>
                </g>
            }
            .into_any()
        }
        ItemKind::Line { kind, label } => {
            let y = item.from_y;
            view! {
                <g class=format!("across {kind}")>
                    <path d=format!("M{AXIS} {y}H{width}")/>
                    <text x=AXIS + 4.0 y=y - 4.0>{label.clone()}</text>
                </g>
            }
            .into_any()
        }
    }
}
