//! How far a sweep is, and how long it still takes.

use crate::state::sweeps::words;
use crate::view::session::Session;
use leptos::prelude::*;
use model::sweep::{SweepState, SweepSummary};
use std::time::Duration;

/// How often the time left is reckoned anew.
const TICK: Duration = Duration::from_secs(1);

/// A bar with a full part for measured runs and a crossed one for failed runs.
#[component]
pub(crate) fn ProgressBar(#[prop(into)] sweep: Signal<Option<SweepSummary>>) -> impl IntoView {
    let share = move |count: fn(&SweepSummary) -> usize| {
        sweep.with(|sweep| sweep.as_ref().map_or(0.0, |sweep| 100.0 * count(sweep) as f64 / sweep.total.max(1) as f64))
    };
    let done = move || share(|sweep| sweep.done);
    let failed = move || share(|sweep| sweep.failed);
    let words = move || sweep.with(|sweep| sweep.as_ref().map(words::progress).unwrap_or_default());
    view! {
        <svg
            class="sweep-bar"
            role="progressbar"
            aria-label="Runs"
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || format!("{:.0}", done() + failed())
            aria-valuetext=words
            viewBox="0 0 100 8"
            preserveAspectRatio="none"
        >
            <rect class="whole" width="100" height="8"/>
            <rect class="done" width=move || format!("{:.2}", done()) height="8"/>
            <rect class="failed" x=move || format!("{:.2}", done()) width=move || format!("{:.2}", failed()) height="8"/>
        </svg>
    }
}

/// `about 3 min left`, kept up to date; nothing when the sweep does not run.
#[component]
pub(crate) fn TimeLeft(#[prop(into)] sweep: Signal<Option<SweepSummary>>) -> impl IntoView {
    let session = Session::get();
    let now_ms = RwSignal::new(None::<i64>);
    let running =
        Memo::new(move |_| sweep.with(|sweep| sweep.as_ref().is_some_and(|sweep| sweep.state == SweepState::Running)));
    Effect::new(move |_| {
        if running.get() {
            let tick = move || now_ms.set(Some(js_sys::Date::now() as i64));
            tick();
            if let Ok(handle) = set_interval_with_handle(tick, TICK) {
                on_cleanup(move || handle.clear());
            }
        }
    });
    move || {
        sweep.with(|sweep| {
            let sweep = sweep.as_ref()?;
            let trial = sweep.current.as_ref().map(|current| current.trial);
            // When the current run's clients began: the list of trials knows it.
            let started_ms = session.overview.with(|known| {
                let trials = known.iter().flat_map(|known| &known.trials);
                trials.filter(|each| Some(each.id) == trial).find_map(|each| each.started_ms)
            });
            let passed_ms = started_ms.zip(now_ms.get()).map_or(0, |(from, now)| (now - from).max(0).unsigned_abs());
            words::remaining(sweep, passed_ms)
        })
    }
}
