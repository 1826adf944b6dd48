//! What parts of the page hand down to the parts inside them.

use crate::state::chart::{Plot, PlotOptions};
use crate::state::chart_kind::ChartKind;
use crate::state::compare::overlay::Percentile;
use crate::state::marks::Mark;
use leptos::prelude::*;

/// What the charts of a page show, and when they have to be drawn again. A page gives one, together with a
/// [`ChartContext`], and puts a `<Chart kind/>` for each chart inside: the open trial's charts and a comparison's overlays
/// are the same component.
///
/// The source of a comparison makes a [`crate::state::tracks::Track`] a line (any label; `style` chooses colour and
/// dashes; `zero_ms` aligns its time) and calls [`crate::state::chart::plot_tracks`].
#[derive(Clone, Copy)]
pub(crate) struct ChartSource {
    /// Builds a chart as it is now. Reads signals untracked.
    pub(crate) plot: Callback<(ChartKind, PlotOptions), Plot>,
    /// Changes its value, or notifies, whenever a chart may have to be drawn again.
    pub(crate) changed: Signal<u64>,
    /// Whether values still come in: headings say "now" or "at the end".
    pub(crate) active: Signal<bool>,
    /// What files saved from a chart are named after.
    pub(crate) name: Signal<String>,
    /// In a comparison, the percentile of the latency that is drawn: headings then say what a trial's line is, and no value.
    pub(crate) overlaid: Option<Signal<Percentile>>,
}

/// What all charts of a page share.
#[derive(Clone, Copy)]
pub(crate) struct ChartContext {
    /// The seconds shown.
    pub(crate) time: Memo<(f64, f64)>,
    /// The part that has been zoomed into, if any; `time` follows it.
    pub(crate) zoom: RwSignal<Option<(f64, f64)>>,
    /// The newest second there is to pan to.
    pub(crate) newest: Memo<f64>,
    /// Where the cursor is, seconds since the start.
    pub(crate) cursor: RwSignal<Option<f64>>,
    /// The vertical marks.
    pub(crate) marks: Memo<Vec<Mark>>,
    /// Why there is nothing to draw, if there is nothing.
    pub(crate) empty: Memo<Option<String>>,
    /// Why a single chart has nothing to draw, where others have.
    pub(crate) silent: Signal<&'static str>,
}
