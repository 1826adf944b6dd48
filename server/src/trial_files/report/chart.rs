//! A chart of a report: the picture that the page saves, with the colours of the report's style.

use super::Content;
use app::state::chart::{PlotOptions, plot};
use app::state::chart_kind::ChartKind;
use app::state::svg::{Picture, svg};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// The size of the plotting area.
const SIZE: (f64, f64) = (520.0, 170.0);

/// A chart; none where nothing was measured for it.
pub(super) fn chart(kind: ChartKind, content: &Content) -> Option<impl IntoView + use<>> {
    let options = PlotOptions { time: content.time, pixels: SIZE.0 as usize, ticks: 4, hidden: BTreeSet::new() };
    let plot = plot(kind, &content.series, &content.detail.summary, content.zero_ms, &options);
    if plot.drawn_points() == 0 {
        return None;
    }
    let title = format!("{}, {}", kind.title(), kind.unit());
    let picture = Picture { kind, plot: &plot, marks: &content.marks, title: &title, size: SIZE };
    let (_, drawing) = svg(&picture, |name| format!("var(--{name})"));
    Some(view! { <figure><div role="img" aria-label=plot.summary(kind) inner_html=drawing></div></figure> })
}
