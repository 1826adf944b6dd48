//! The strip: a line of time with a mark for each entry, and where the running trial is on it.

use crate::state::format;
use crate::state::timeline::strip_end_ms;
use crate::view::session::Session;
use crate::view::stage::Stage;
use crate::view::timeline::TimelineContext;
use leptos::prelude::*;
use model::words::numbered;

/// The drawing's width and the room at either end.
const WIDTH: f64 = 308.0;
const ROOM: f64 = 10.0;
const LINE: f64 = 16.0;

/// The strip.
#[component]
pub(super) fn Strip() -> AnyView {
    let stage = Stage::get();
    let session = Session::get();
    let TimelineContext { elapsed, .. } = expect_context();
    let running = Memo::new(move |_| session.active().is_some());
    let times = Memo::new(move |_| match running.get() {
        true => session.detail.with(|detail| {
            let schedule = detail.iter().flat_map(|detail| &detail.schedule);
            schedule.map(|entry| entry.at_ms).collect::<Vec<_>>()
        }),
        false => stage.timeline.with(|timeline| timeline.entries().iter().map(|entry| entry.at_ms).collect()),
    });
    let end = Memo::new(move |_| times.with(|times| strip_end_ms(times.iter().copied(), elapsed.get().unwrap_or(0))));
    let place = move |at_ms: u64| {
        let share = (at_ms as f64 / end.get() as f64).min(1.0);
        format!("{:.1}", ROOM + (WIDTH - 2.0 * ROOM) * share)
    };
    let marks = move || {
        let elapsed = elapsed.get();
        let mark = |at_ms: u64| {
            let x = place(at_ms);
            let done = elapsed.is_some_and(|elapsed| at_ms <= elapsed);
            let shape = if done { "M0-6l5 6l-5 6l-5-6z" } else { "M0-5l4 5l-4 5l-4-5z" };
            view! { <path class="mark" class:done=done d=shape transform=format!("translate({x} {LINE})")/> }
        };
        times.with(|times| times.iter().map(|at_ms| mark(*at_ms)).collect_view())
    };
    let label = move |share: u64| {
        let at_ms = move || end.get() * share / 3;
        let anchor = match share {
            0 => "start",
            3 => "end",
            _ => "middle",
        };
        let x = move || match share {
            0 => "0".to_owned(),
            3 => WIDTH.to_string(),
            _ => place(at_ms()),
        };
        view! { <text x=x y="36" text-anchor=anchor>{move || format::clock(at_ms() as f64 / 1_000.0)}</text> }
    };
    let words = move || {
        let count = times.with(Vec::len);
        let entries = numbered(count, "change");
        match elapsed.get() {
            Some(elapsed) => format!("{entries}, {} since the start", format::clock(elapsed as f64 / 1_000.0)),
            None => format!("{entries} planned"),
        }
    };
    view! {
        <svg
            class="strip"
            viewBox=format!("0 0 {WIDTH} 40")
            role="img"
            aria-label=words
            data-elapsed=move || elapsed.get().map(|elapsed| elapsed.to_string())
        >
            <path class="line" d=format!("M{ROOM} {LINE}H{}", WIDTH - ROOM)/>
            <path class="past" d=move || elapsed.get().map(|elapsed| format!("M{ROOM} {LINE}H{}", place(elapsed)))/>
            {marks}
            {move || elapsed.get().map(|elapsed| {
                let x = place(elapsed);
                view! { <path class="now" d=format!("M{x} 4V28")/> }
            })}
            {[0, 1, 2, 3].map(label).into_iter().collect_view()}
        </svg>
    }
    .into_any()
}
