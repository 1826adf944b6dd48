//! All points as a table.

use crate::state::sweeps::dimension::Dimension;
use crate::state::sweeps::metric::Metric;
use crate::state::sweeps::results::{PointResult, compare_address, shown};
use crate::state::sweeps::table::{points_csv, runs_csv};
use crate::state::sweeps::words;
use crate::view::export;
use crate::view::session::Session;
use crate::view::sweeps::page::SweepContext;
use leptos::prelude::*;
use model::sweep::SweepPlan;

/// The most rows that are shown; the file has them all.
const MOST_ROWS: usize = 500;
/// The metrics that have columns.
const METRICS: [Metric; 4] = [Metric::Throughput, Metric::P50, Metric::P99, Metric::Messages];

/// The table.
#[component]
pub(crate) fn PointTable() -> AnyView {
    let context = expect_context::<SweepContext>();
    let save = move |part: &'static str| {
        let text = context.sweep.with_untracked(|sweep| {
            let sweep = sweep.as_ref()?;
            Some(match part {
                "runs" => runs_csv(sweep),
                _ => context.results.with_untracked(|results| points_csv(sweep, results)),
            })
        });
        export::text(&context.file(part, "csv"), &text.unwrap_or_default());
    };
    let heads = Memo::new(move |_| {
        context.plan(|plan| shown_dimensions(plan).into_iter().map(|each| each.label(plan)).collect::<Vec<_>>())
    });
    let rows =
        Memo::new(move |_| context.results.with(|results| results.iter().take(MOST_ROWS).cloned().collect::<Vec<_>>()));
    let more = move || context.results.with(Vec::len).saturating_sub(MOST_ROWS);
    let metrics = METRICS.map(|metric| {
        view! { <th scope="col" class="number">{metric.title()} <br/> <span class="muted">{metric.unit()}</span></th> }
    });
    view! {
        <section class="card sweep-table" aria-labelledby="points-title">
            <header>
                <h2 id="points-title">"Results"</h2>
                <span>
                    <button type="button" class="quiet" on:click=move |_| save("results")>"Points as CSV"</button>
                    <button type="button" class="quiet" on:click=move |_| save("runs")>"Runs as CSV"</button>
                </span>
            </header>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Results of all points">
                <table class="trials">
                    <thead>
                        <tr>
                            {move || heads.get().into_iter().map(|head| view! { <th scope="col">{head}</th> }).collect_view()}
                            <th scope="col" class="number">"Runs"</th>
                            {metrics.collect_view()}
                            <th scope="col">"Verdict"</th>
                            <th scope="col">"Trials"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || rows.get() key=|row| format!("{row:?}") let:result><Row result/></For>
                    </tbody>
                </table>
            </div>
            <Show when=move || { more() > 0 }>
                <p class="muted">{move || format!("{} more points are in the file.", more())}</p>
            </Show>
        </section>
    }
    .into_any()
}

/// The protocol, and every key that is given values.
fn shown_dimensions(plan: &SweepPlan) -> Vec<Dimension> {
    std::iter::once(Dimension::Protocol).chain((0..plan.axes.len()).map(Dimension::Axis)).collect()
}

#[component]
fn Row(result: PointResult) -> AnyView {
    let session = Session::get();
    let context = expect_context::<SweepContext>();
    let point = result.point;
    let values = untrack(|| {
        context.plan(|plan| {
            let value = |dimension: Dimension| {
                dimension.value(plan, dimension.place(plan, point), &|name| session.protocol_title(name))
            };
            shown_dimensions(plan).into_iter().map(value).collect::<Vec<_>>()
        })
    });
    let total = result.runs.len() + result.missing;
    let runs = match result.failed() {
        0 => format!("{} of {total}", result.done().count()),
        failed => format!("{} of {total}, {failed} failed", result.done().count()),
    };
    let trials = result.trials();
    let links = trials.iter().take(3).map(|trial| {
        view! { <a href=format!("/trials/{trial}")>{trial.to_string()}</a> " " }
    });
    let links = links.collect_view();
    let compare = compare_address(&trials).map(|address| view! { <a href=address>"Compare"</a> });
    let first = values.first().cloned().unwrap_or_default();
    let label = format!("Show the runs of {}", values.join(", "));
    view! {
        <tr data-point=point.to_string() aria-current=move || (context.selected.get() == Some(point)).then_some("true")>
            <td>
                <button type="button" class="quiet link" aria-label=label on:click=move |_| context.selected.set(Some(point))>{first}</button>
            </td>
            {values.into_iter().skip(1).map(|value| view! { <td>{value}</td> }).collect_view()}
            <td class="number">{runs}</td>
            {METRICS.map(|metric| view! { <td class="number">{shown(metric, result.estimate(metric))}</td> }).collect_view()}
            <td>{words::verdict(result.verdict())}</td>
            <td>{links} {compare}</td>
        </tr>
    }
    .into_any()
}
