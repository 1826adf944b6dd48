//! What parts of the page hand down to the parts inside them.

use crate::backend::Overview;
use crate::conn::error::PageError;
use crate::state::marks::Mark;
use leptos::prelude::*;

/// The overview as each page waits for it: loaded once, on the server where there is one.
pub(crate) type OverviewResource = Resource<Result<Overview, PageError>>;

/// What all charts of a trial share.
#[derive(Clone, Copy)]
pub(crate) struct ChartContext {
    /// When the trial's clock starts, milliseconds since the epoch.
    pub(crate) zero_ms: Memo<i64>,
    /// The seconds shown.
    pub(crate) time: Memo<(f64, f64)>,
    /// Where the cursor is, seconds since the start.
    pub(crate) cursor: RwSignal<Option<f64>>,
    /// The vertical marks.
    pub(crate) marks: Memo<Vec<Mark>>,
    /// Why there is nothing to draw, if there is nothing.
    pub(crate) empty: Memo<Option<String>>,
}
