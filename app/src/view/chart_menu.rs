//! What else can be done with a chart: read it as a table, and save it as a file.

use crate::state::chart::{Plot, PlotOptions};
use crate::state::chart_kind::ChartKind;
use crate::state::chart_table::{MAX_ROWS, csv, file_name, rows};
use crate::state::format;
use crate::state::svg::Picture;
use crate::view::context::{ChartContext, ChartSource};
use crate::view::export;
use crate::view::menu::Menu;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// More points than any line has: a file holds them all.
const EVERY_POINT: usize = 1 << 20;

/// The menu of one chart.
#[component]
pub(crate) fn ChartMenu(
    kind: ChartKind,
    drawn: RwSignal<Plot>,
    size: RwSignal<(f64, f64)>,
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
        export::text(&name("csv"), &csv(&source.plot.run((kind, options)).tabular()));
    };
    let picture = move |save: fn(&str, &Picture<'_>), ending: &'static str| {
        let title = format!("{}: {} ({})", source.name.get_untracked(), kind.title(), kind.unit());
        drawn.with_untracked(|plot| {
            context.marks.with_untracked(|marks| {
                let picture = Picture { kind, plot, marks, title: &title, size: size.get_untracked() };
                save(&name(ending), &picture);
            });
        });
    };
    let label = format!("{}: table and files", kind.title());
    view! {
        <Menu class="of-chart" name=label label="⋯".into_any()>
                <button
                    type="button"
                    on:click=move |_| table.update(|table| *table = !*table)
                >
                    {move || if table.get() { "Hide table" } else { "View as table" }}
                </button>
                <button type="button" on:click=move |_| picture(export::png, "png")>"Save as PNG"</button>
                <button type="button" on:click=move |_| picture(export::svg, "svg")>"Save as SVG"</button>
                <button type="button" on:click=save_csv>"Save as CSV"</button>
        </Menu>
    }
    .into_any()
}

/// The drawn points as a table.
#[component]
pub(crate) fn PointTable(kind: ChartKind, drawn: RwSignal<Plot>) -> AnyView {
    let cell = move |cell: Option<(f64, f64)>| match cell {
        None => format::NOTHING.to_owned(),
        Some((low, high)) if low == high => kind.table_format(low),
        Some((low, high)) => format!("{} to {}", kind.table_format(low), kind.table_format(high)),
    };
    let body = move || {
        drawn.with(|plot| {
            let row = |row: crate::state::chart_table::Row| {
                let cells = row.cells.into_iter().map(|value| view! { <td class="number">{cell(value)}</td> });
                view! { <tr><th scope="row">{format::clock_tenths(row.at)}</th>{cells.collect_view()}</tr> }
            };
            rows(&plot.tabular(), MAX_ROWS).into_iter().map(row).collect_view()
        })
    };
    let head = move || {
        drawn.with(|plot| {
            let plot = plot.tabular();
            let visible = plot.lines.iter().filter(|line| line.visible);
            visible.map(|line| view! { <th scope="col" class="number">{line.label.clone()}</th> }).collect_view()
        })
    };
    view! {
        <div class="table-scroll point-table" tabindex="0" role="region" aria-label=format!("{} as a table", kind.title())>
            <table>
                <caption class="hidden-visually">{kind.title()} ", " {kind.table_unit()}</caption>
                <thead><tr><th scope="col">"Time"</th>{head}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}
