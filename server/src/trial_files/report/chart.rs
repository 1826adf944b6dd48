//! A chart as a drawing: the lines of the page's chart, as SVG whose colours come from the report's style.

use super::Content;
use app::state::chart::{Line, Plot, PlotOptions, plot};
use app::state::chart_kind::ChartKind;
use app::state::format;
use app::state::line_style::look;
use app::state::marks::Mark;
use app::state::scale::{Scale, time_ticks};
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The drawing's size.
const SIZE: (f64, f64) = (640.0, 220.0);
/// The room around the lines (left, top, right, bottom).
const ROOM: (f64, f64, f64, f64) = (56.0, 18.0, 12.0, 24.0);
/// The most lines that the legend names.
const LEGEND: usize = 16;

/// A chart with its legend; none where nothing was measured for it.
pub(super) fn chart(kind: ChartKind, content: &Content) -> Option<impl IntoView + use<>> {
    let options = PlotOptions { time: content.time, pixels: SIZE.0 as usize, ticks: 4, hidden: BTreeSet::new() };
    let plot = plot(kind, &content.series, &content.detail.summary, content.zero_ms, &options);
    if plot.drawn_points() == 0 || plot.lines.is_empty() {
        return None;
    }
    let times = Scale { low: plot.time.0, high: plot.time.1, from: ROOM.0, to: SIZE.0 - ROOM.2 };
    let values = Scale { low: plot.low, high: plot.high, from: SIZE.1 - ROOM.3, to: ROOM.1 };
    let more = plot.lines.len().saturating_sub(LEGEND);
    let legend = plot.lines.iter().take(LEGEND).map(|line| {
        let (class, dashes) = classes(line);
        view! {
            <li>
                <svg class="swatch" viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
                    <path class=class d="M0 4h24" stroke-dasharray=dashes/>
                </svg>
                {line.label.clone()}
            </li>
        }
    });
    let within = |mark: &Mark| (plot.time.0..=plot.time.1).contains(&mark.at);
    let flags = content.marks.iter().enumerate().filter(|(_, mark)| within(mark));
    let flags = flags.map(|(index, mark)| flag(index, times.pixel(mark.at)));
    Some(view! {
        <figure>
            <figcaption><strong>{kind.title()}</strong> ", " {kind.unit()}</figcaption>
            <svg class="chart" viewBox=format!("0 0 {} {}", SIZE.0, SIZE.1) role="img" aria-label=plot.summary(kind)>
                {grid(&plot, &times, &values)}
                {flags.collect_view()}
                {plot.lines.iter().map(|line| drawn(line, &times, &values)).collect_view()}
            </svg>
            <ul class="legend">
                {legend.collect_view()}
                {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}
            </ul>
        </figure>
    })
}

fn classes(line: &Line) -> (String, String) {
    let (colour, dash) = look(line.style);
    let dashes: Vec<String> = dash.iter().map(ToString::to_string).collect();
    (format!("line series-{colour}"), dashes.join(" "))
}

fn grid(plot: &Plot, times: &Scale, values: &Scale) -> impl IntoView + use<> {
    let across = plot.ticks.iter().map(|tick| {
        let y = format!("{:.1}", values.pixel(*tick));
        view! {
            <line class="grid-line" x1=ROOM.0.to_string() x2=(SIZE.0 - ROOM.2).to_string() y1=y.clone() y2=y.clone()/>
            <text class="value" x=(ROOM.0 - 6.0).to_string() y=y dy="0.32em">{format::si(*tick)}</text>
        }
    });
    let bottom = SIZE.1 - ROOM.3;
    let down = time_ticks(plot.time.0, plot.time.1, 7).into_iter().map(|tick| {
        let x = format!("{:.1}", times.pixel(tick));
        view! { <text class="time" x=x y=(bottom + 16.0).to_string()>{format::clock(tick)}</text> }
    });
    (across.collect_view(), down.collect_view())
}

/// A mark's line, with its number in the list of marks on top.
fn flag(index: usize, x: f64) -> impl IntoView + use<> {
    let x = format!("{x:.1}");
    view! {
        <line class="mark" x1=x.clone() x2=x.clone() y1=ROOM.1.to_string() y2=(SIZE.1 - ROOM.3).to_string()/>
        <text class="mark-number" x=x y=(ROOM.1 - 5.0).to_string()>{index + 1}</text>
    }
}

fn drawn(line: &Line, times: &Scale, values: &Scale) -> impl IntoView + use<> {
    let mut path = String::new();
    for (index, point) in line.points.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{command}{:.1} {:.1}", times.pixel(point.0), values.pixel(point.1));
    }
    if line.points.len() == 1 {
        path.push_str("h2");
    }
    let (class, dashes) = classes(line);
    view! { <path class=class d=path stroke-dasharray=dashes/> }
}
