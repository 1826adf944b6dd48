//! The charts of the open trial, one below the other with one time axis and one cursor.

use crate::state::chart::newest_seconds;
use crate::state::chart_kind::{ChartKind, Window};
use crate::state::marks::marks;
use crate::state::summary::empty_reason;
use crate::state::trial::zero_ms;
use crate::view::chart::Chart;
use crate::view::context::ChartContext;
use crate::view::session::{Loading, Session};
use leptos::prelude::*;

/// All charts.
#[component]
pub(crate) fn Charts() -> AnyView {
    let session = Session::get();
    let shown = RwSignal::new(Window::All);
    let zero_ms = Memo::new(move |_| session.detail.with(|detail| detail.as_ref().map_or(0, zero_ms)));
    let time =
        Memo::new(move |_| shown.get().range(session.series.with(|series| newest_seconds(series, zero_ms.get()))));
    let marks = Memo::new(move |_| {
        session.detail.with(|detail| match detail {
            Some(detail) => session.series.with(|series| marks(detail, series)),
            None => Vec::new(),
        })
    });
    let empty = Memo::new(move |_| {
        let without = session.series.with(|series| series.is_empty());
        match session.loading.get() {
            Loading::Failed(reason) => Some(format!("The samples could not be loaded: {reason}")),
            _ if !without => None,
            Loading::Nothing => Some("No samples yet. Press Start.".to_owned()),
            Loading::Underway => Some("Loading samples…".to_owned()),
            Loading::Ready => session.opened().map(|trial| empty_reason(&trial)),
        }
    });
    provide_context(ChartContext { zero_ms, time, cursor: RwSignal::new(None), marks, empty });
    let choices = Window::ALL.map(|window| {
        view! {
            <button
                type="button"
                aria-pressed=move || (shown.get() == window).to_string()
                on:click=move |_| shown.set(window)
            >
                {window.label()}
            </button>
        }
    });
    view! {
        <section class="charts" aria-labelledby="charts-title">
            <header>
                <h2 id="charts-title">"Measurements"</h2>
                <span class="muted">"Time since the trial's start. Arrow keys move the cursor of a chart."</span>
                <div class="segments" role="group" aria-label="Shown time">{choices.collect_view()}</div>
            </header>
            {ChartKind::ALL.map(|kind| view! { <Chart kind/> }).collect_view()}
        </section>
    }
    .into_any()
}
