//! The charts of a comparison: the page's charts, with a line a trial.

use crate::backend::ComparedTrial;
use crate::state::chart::{Plot, PlotOptions, plot_tracks};
use crate::state::chart_kind::ChartKind;
use crate::state::compare::address::Align;
use crate::state::compare::align::{Aligned, align};
use crate::state::compare::letter;
use crate::state::compare::overlay::{OVERLAYS, Overlay};
use crate::state::compare::tracks::{Source, tracks};
use crate::state::format;
use crate::view::chart::Chart;
use crate::view::compare::desk::CompareDesk;
use crate::view::context::{ChartContext, ChartSource};
use leptos::prelude::*;

/// What a trial has for a chart.
fn points_of<'a>(trial: &'a ComparedTrial, metric: &str) -> &'a [(i64, f64)] {
    trial.lines.iter().find(|line| line.metric == metric).map_or(&[], |line| line.points.as_slice())
}

/// All charts.
#[component]
pub(crate) fn ComparedCharts() -> AnyView {
    let desk = CompareDesk::get();
    let zoom = RwSignal::new(None);
    let percentile = Memo::new(move |_| desk.comparison.with(|comparison| comparison.percentile));
    let how = Memo::new(move |_| desk.comparison.with(|comparison| comparison.align));
    let aligned = Memo::new(move |_| desk.ready.with(|ready| align(ready, how.get())));
    let newest = Memo::new(move |_| {
        let zeros = aligned.with(|aligned| aligned.zeros_ms.clone());
        desk.ready.with(|ready| {
            let last = ready.iter().zip(&zeros).filter_map(|(trial, zero_ms)| {
                let newest = trial.lines.iter().filter_map(|line| line.points.last()).map(|point| point.0).max()?;
                Some((newest - zero_ms) as f64 / 1_000.0)
            });
            last.fold(0.0, f64::max)
        })
    });
    let time = Memo::new(move |_| zoom.get().unwrap_or_else(|| (0.0, newest.get().max(10.0))));
    let updates = StoredValue::new(0_u64);
    let changed = Memo::new(move |_| {
        desk.ready.track();
        desk.summaries.track();
        desk.groups.track();
        aligned.track();
        percentile.track();
        updates.update_value(|updates| *updates += 1);
        updates.get_value()
    });
    let draw = move |(kind, options): (ChartKind, PlotOptions)| -> Plot {
        let Some(overlay) = Overlay::of(kind) else { return Plot::default() };
        let metric = overlay.metric(percentile.get_untracked());
        let Aligned { zeros_ms, .. } = aligned.get_untracked();
        let summaries = desk.summaries.get_untracked();
        desk.ready.with_untracked(|ready| {
            let sources: Vec<_> = ready
                .iter()
                .zip(&summaries)
                .zip(zeros_ms)
                .map(|((trial, summary), zero_ms)| Source {
                    name: &summary.name,
                    zero_ms,
                    points: points_of(trial, metric),
                })
                .collect();
            let lines = desk.groups.with_untracked(|groups| tracks(&sources, groups));
            plot_tracks(kind, &lines, &options)
        })
    };
    provide_context(ChartSource {
        plot: Callback::new(draw),
        changed: changed.into(),
        active: Signal::stored(false),
        name: Signal::derive(move || {
            let ids: Vec<_> = desk.comparison.with(|known| known.trials.iter().map(ToString::to_string).collect());
            format!("trials {}", ids.join(" "))
        }),
        overlaid: Some(percentile.into()),
    });
    let marks = Memo::new(move |_| aligned.with(|aligned| aligned.marks.clone()));
    let empty = Memo::new(move |_| {
        let without = desk.ready.with(|ready| ready.iter().all(|trial| trial.lines.is_empty()));
        without.then(|| "No unit of these trials reported anything.".to_owned())
    });
    let silent = Signal::stored("None of these trials reported this.");
    provide_context(ChartContext { time, zoom, newest, cursor: RwSignal::new(None), marks, empty, silent });
    let kinds = Memo::new(move |_| {
        let percentile = percentile.get();
        desk.ready.with(|ready| {
            let drawn = |overlay: &Overlay| {
                let metric = overlay.metric(percentile);
                ready.iter().any(|trial| trial.lines.iter().any(|line| line.metric == metric))
            };
            let kinds: Vec<_> = OVERLAYS.iter().filter(|overlay| drawn(overlay)).map(|overlay| overlay.kind).collect();
            if kinds.is_empty() { vec![ChartKind::Throughput] } else { kinds }
        })
    });
    let note = move || {
        let Aligned { at, without, .. } = aligned.get();
        match (how.get(), at) {
            (Align::Start, _) => "Time counts from each trial's start.".to_owned(),
            (Align::Mark(mark), None) => {
                format!("None of these trials has a mark {mark}: time counts from each trial's start.")
            }
            (Align::Mark(mark), Some(at)) => {
                let letters: Vec<_> = without.into_iter().map(|index| letter(index).to_string()).collect();
                let rest = match letters.as_slice() {
                    [] => String::new(),
                    [one] => format!(" {one} has none and stands from its start."),
                    several => format!(" {} have none and stand from their start.", several.join(", ")),
                };
                format!("Each trial's mark {mark} stands at {}.{rest}", format::clock_tenths(at))
            }
        }
    };
    view! {
        <section class="charts all" aria-labelledby="charts-title">
            <header>
                <h2 id="charts-title">"Measurements"</h2>
                <span class="muted">{note}</span>
                <Show when=move || zoom.get().is_some()>
                    <button type="button" on:click=move |_| zoom.set(None)>"Reset zoom"</button>
                </Show>
            </header>
            <div class="chart-list">
                <For each=move || kinds.get() key=|kind| *kind let:kind>
                    <Chart kind/>
                </For>
            </div>
        </section>
    }
    .into_any()
}
