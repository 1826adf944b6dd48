//! The chosen point: its figures, its runs with their trials, and the way to compare them.

use crate::state::format;
use crate::state::sweeps::dimension::Dimension;
use crate::state::sweeps::metric::Metric;
use crate::state::sweeps::results::{PointResult, compare_address, shown};
use crate::state::sweeps::words;
use crate::view::session::Session;
use crate::view::sweeps::page::SweepContext;
use leptos::prelude::*;
use model::sweep::{RunState, SweepRun};

/// The chosen point; a hint while none is.
#[component]
pub(crate) fn PointDetail() -> AnyView {
    let context = expect_context::<SweepContext>();
    let chosen = Memo::new(move |_| {
        let point = context.selected.get()?;
        context.results.with(|results| results.get(point).cloned())
    });
    view! {
        <section class="card padded point-detail" aria-label="Chosen point" aria-live="polite">
            {move || match chosen.get() {
                Some(result) => view! { <Point result/> }.into_any(),
                None => view! {
                    <p class="muted">"Choose a cell, a point or a row to see its runs, and to open or compare their trials."</p>
                }
                .into_any(),
            }}
        </section>
    }
    .into_any()
}

#[component]
fn Point(result: PointResult) -> AnyView {
    let session = Session::get();
    let context = expect_context::<SweepContext>();
    // A point is shown anew when it changes; what its plan says does not.
    let heads: Vec<_> = untrack(|| {
        context.plan(|plan| {
            let dimensions = std::iter::once(Dimension::Protocol).chain((0..plan.axes.len()).map(Dimension::Axis));
            let pair = |dimension: Dimension| {
                let place = dimension.place(plan, result.point);
                (dimension.label(plan), dimension.value(plan, place, &|name| session.protocol_title(name)))
            };
            dimensions.map(pair).collect()
        })
    });
    let figures = Metric::ALL.map(|metric| {
        let text = shown(metric, result.estimate(metric));
        view! { <div><dt>{metric.title()}</dt><dd>{text} " " <span class="muted">{metric.unit()}</span></dd></div> }
    });
    let compare = compare_address(&result.trials());
    let missing = result.missing;
    view! {
        <h2>
            {heads.into_iter().map(|(label, value)| view! { <span class="chip"><span>{label}</span>{value}</span> }).collect_view()}
        </h2>
        <dl class="facts">{figures.collect_view()}</dl>
        <div class="table-scroll">
            <table class="point-runs">
                <thead>
                    <tr>
                        <th scope="col">"Run"</th>
                        <th scope="col">"Trial"</th>
                        <th scope="col" class="number">"Throughput"</th>
                        <th scope="col" class="number">"p50"</th>
                        <th scope="col" class="number">"p99"</th>
                        <th scope="col">"Verdict"</th>
                    </tr>
                </thead>
                <tbody>{result.runs.iter().map(|run| view! { <Run run=run.clone()/> }).collect_view()}</tbody>
            </table>
        </div>
        <p class="row">
            {(missing > 0).then(|| view! { <span class="muted">{format!("{missing} more to come.")}</span> })}
            {compare.map(|address| view! { <a class="button" href=address>"Compare these trials"</a> })}
        </p>
    }
    .into_any()
}

#[component]
fn Run(run: SweepRun) -> AnyView {
    let context = expect_context::<SweepContext>();
    let repetition = untrack(|| context.plan(|plan| plan.place_of_run(run.run).1)) + 1;
    let value = |metric: Metric| {
        let value = run.figures.as_ref().and_then(|figures| metric.of(figures));
        value.map_or_else(|| format::NOTHING.to_owned(), |value| format!("{} {}", metric.format(value), metric.unit()))
    };
    let trial = match run.trial {
        Some(trial) => view! { <a href=format!("/trials/{trial}")>"Trial " {trial.to_string()}</a> }.into_any(),
        None => view! { <span class="muted">"none"</span> }.into_any(),
    };
    let verdict = match &run.state {
        RunState::Failed { reason } => {
            view! { <span class="field-error">"Failed: " {reason.clone()}</span> }.into_any()
        }
        RunState::Done => words::verdict(run.verdict.as_ref()).into_any(),
    };
    view! {
        <tr>
            <td>{repetition}</td>
            <td>{trial}</td>
            <td class="number">{value(Metric::Throughput)}</td>
            <td class="number">{value(Metric::P50)}</td>
            <td class="number">{value(Metric::P99)}</td>
            <td>{verdict}</td>
        </tr>
    }
    .into_any()
}
