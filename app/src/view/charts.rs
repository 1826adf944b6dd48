//! The charts of the open trial, one below the other with one time axis and one cursor.

use crate::state::chart::{Plot, PlotOptions, newest_seconds, plot};
use crate::state::chart_kind::{ChartKind, Window};
use crate::state::marks::marks;
use crate::state::summary::{empty_reason, fitting, silent_reason};
use crate::state::trial::zero_ms;
use crate::view::chart::Chart;
use crate::view::chart_choice::{ChartChoice, Choice};
use crate::view::context::{ChartContext, ChartSource};
use crate::view::events::Events;
use crate::view::pace::paced;
use crate::view::session::{Loading, Session};
use leptos::prelude::*;
use std::time::Duration;

/// How often new samples are drawn at most: units report as often, each at its own moment.
const REDRAW: Duration = Duration::from_millis(250);

/// All charts.
#[component]
pub(crate) fn Charts(
    /// Whether all charts are shown, and not only those that have been chosen.
    #[prop(optional)]
    all: bool,
) -> AnyView {
    let choice = Choice::new();
    let session = Session::get();
    let shown = RwSignal::new(Window::All);
    let zoom = RwSignal::new(None);
    let paused = RwSignal::new(false);
    let zero_ms = Memo::new(move |_| session.detail.with(|detail| detail.as_ref().map_or(0, zero_ms)));
    let samples = RwSignal::new(());
    paced(REDRAW, move || session.series.track(), move || samples.notify());
    let newest = Memo::new(move |_| {
        samples.track();
        session.series.with_untracked(|series| newest_seconds(series, zero_ms.get()))
    });
    // What is drawn: it stands still while paused, whatever comes in.
    let drawn_newest = Memo::new(move |before: Option<&f64>| match before {
        Some(before) if paused.get() => *before,
        _ => newest.get(),
    });
    let time = Memo::new(move |_| zoom.get().unwrap_or_else(|| shown.get().range(drawn_newest.get())));
    let updates = StoredValue::new(0_u64);
    let changed = Memo::new(move |_| {
        if !paused.get() {
            samples.track();
            session.detail.track();
        }
        updates.update_value(|updates| *updates += 1);
        updates.get_value()
    });
    let draw = move |(kind, options): (ChartKind, PlotOptions)| {
        let trial = session.detail.with_untracked(|detail| detail.as_ref().map(|detail| detail.summary.clone()));
        let Some(trial) = trial else { return Plot::default() };
        session.series.with_untracked(|series| plot(kind, series, &trial, zero_ms.get_untracked(), &options))
    };
    provide_context(ChartSource {
        plot: Callback::new(draw),
        changed: changed.into(),
        active: Signal::derive(move || {
            session.detail.with(|detail| detail.as_ref().is_none_or(|detail| detail.summary.state.is_active()))
        }),
        name: Signal::derive(move || {
            session.detail.with(|detail| detail.as_ref().map(|detail| detail.summary.name.clone()).unwrap_or_default())
        }),
        overlaid: None,
    });
    // Another trial has another time.
    Effect::new(move |_| {
        session.open.track();
        zoom.set(None);
        paused.set(false);
    });
    let marks = Memo::new(move |_| {
        samples.track();
        session.detail.with(|detail| match detail {
            Some(detail) => session.series.with_untracked(|series| marks(detail, series)),
            None => Vec::new(),
        })
    });
    let empty = Memo::new(move |_| {
        let without = session.series.with(|series| series.is_empty());
        match session.loading.get() {
            Loading::Failed(reason) => Some(fitting(&format!("The samples could not be loaded: {reason}"))),
            _ if !without => None,
            Loading::Nothing => Some("No samples yet. Press Start.".to_owned()),
            Loading::Underway => Some("Loading samples…".to_owned()),
            Loading::Ready => session.opened().map(|trial| empty_reason(&trial)),
        }
    });
    let silent = Signal::derive(move || session.opened().map_or("", |trial| silent_reason(&trial)));
    provide_context(ChartContext { time, zoom, newest, cursor: RwSignal::new(None), marks, empty, silent });
    let behind = move || (newest.get() - drawn_newest.get()).max(0.0).round();
    let kinds = Memo::new(move |_| if all { ChartKind::ALL.to_vec() } else { choice.shown() });
    let choices = Window::ALL.map(|window| {
        view! {
            <button
                type="button"
                aria-pressed=move || (zoom.get().is_none() && shown.get() == window).to_string()
                on:click=move |_| {
                    shown.set(window);
                    zoom.set(None);
                }
            >
                {window.label()}
            </button>
        }
    });
    view! {
        <section class="charts" class:all=all aria-labelledby="charts-title">
            <header>
                <h2 id="charts-title">"Measurements"</h2>
                <span class="muted">"Drag across a chart to zoom; arrow keys move its cursor."</span>
                <span class="chart-tools">
                    <Show when=move || zoom.get().is_some()>
                        <button type="button" on:click=move |_| zoom.set(None)>"Reset zoom"</button>
                    </Show>
                    <button
                        type="button"
                        aria-pressed=move || paused.get().to_string()
                        on:click=move |_| paused.update(|paused| *paused = !*paused)
                    >
                        {move || if paused.get() { format!("Resume, {} s behind", behind()) } else { "Pause".to_owned() }}
                    </button>
                    <Events/>
                    {(!all).then(|| view! { <ChartChoice choice/> })}
                </span>
                <div class="segments" role="group" aria-label="Shown time">{choices.collect_view()}</div>
            </header>
            <div class="chart-list" data-count=move || kinds.get().len().to_string()>
                <For each=move || kinds.get() key=|kind| *kind let:kind>
                    <Chart kind/>
                </For>
            </div>
        </section>
    }
    .into_any()
}
