//! What else can be done with a chart: read it as a table, and save it as a file.

use crate::state::chart::{Plot, PlotOptions};
use crate::state::chart_kind::ChartKind;
use crate::state::chart_table::{MAX_ROWS, csv, file_name, rows};
use crate::state::format;
use crate::view::context::{ChartContext, ChartSource};
use crate::view::export;
use leptos::html;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// More points than any line has: a file holds them all.
const EVERY_POINT: usize = 1 << 20;

/// The menu of one chart.
#[component]
pub(crate) fn ChartMenu(
    kind: ChartKind,
    drawn: RwSignal<Plot>,
    canvas: NodeRef<html::Canvas>,
    table: RwSignal<bool>,
) -> AnyView {
    let source = expect_context::<ChartSource>();
    let context = expect_context::<ChartContext>();
    let name = move |ending| file_name(&source.name.get_untracked(), kind.name(), ending);
    let save_csv = move |_| {
        let options = PlotOptions {
            time: (0.0, context.newest.get_untracked().max(10.0)),
            pixels: EVERY_POINT,
            ticks: 4,
            hidden: BTreeSet::new(),
        };
        export::text(&name("csv"), &csv(&source.plot.run((kind, options))));
    };
    let save_png = move |_| {
        if let Some(canvas) = canvas.get_untracked() {
            let title = format!("{}: {} ({})", source.name.get_untracked(), kind.title(), kind.unit());
            drawn.with_untracked(|plot| export::picture(&name("png"), &canvas, plot, &title));
        }
    };
    let label = format!("{}: table and files", kind.title());
    view! {
        <details class="chart-menu">
            <summary aria-label=label title="Table and files">"⋯"</summary>
            <div class="menu-list">
                <button
                    type="button"
                    aria-pressed=move || table.get().to_string()
                    on:click=move |_| table.update(|table| *table = !*table)
                >
                    {move || if table.get() { "Hide table" } else { "View as table" }}
                </button>
                <button type="button" on:click=save_png>"Save as PNG"</button>
                <button type="button" on:click=save_csv>"Save as CSV"</button>
            </div>
        </details>
    }
    .into_any()
}

/// The drawn points as a table.
#[component]
pub(crate) fn PointTable(kind: ChartKind, drawn: RwSignal<Plot>) -> AnyView {
    let cell = move |cell: Option<(f64, f64)>| match cell {
        None => format::NOTHING.to_owned(),
        Some((low, high)) if low == high => kind.format(low),
        Some((low, high)) => format!("{} to {}", kind.format(low), kind.format(high)),
    };
    let body = move || {
        drawn.with(|plot| {
            let row = |row: crate::state::chart_table::Row| {
                let cells = row.cells.into_iter().map(|value| view! { <td class="number">{cell(value)}</td> });
                view! { <tr><th scope="row">{format::clock_tenths(row.at)}</th>{cells.collect_view()}</tr> }
            };
            rows(plot, MAX_ROWS).into_iter().map(row).collect_view()
        })
    };
    let head = move || {
        drawn.with(|plot| {
            let visible = plot.lines.iter().filter(|line| line.visible);
            visible.map(|line| view! { <th scope="col" class="number">{line.label.clone()}</th> }).collect_view()
        })
    };
    view! {
        <div class="table-scroll point-table" tabindex="0" role="region" aria-label=format!("{} as a table", kind.title())>
            <table>
                <caption class="hidden-visually">{kind.title()} ", " {kind.unit()}</caption>
                <thead><tr><th scope="col">"Time"</th>{head}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}
