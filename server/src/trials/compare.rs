//! A trial as a comparison shows it: one line a chart instead of one a unit.

use super::backend::not_found;
use super::registry::Trials;
use super::starting::store_failed;
use app::backend::{BackendError, ComparedTrial};
use app::state::compare::overlay;
use app::state::marks::marks;
use app::state::series::SeriesSet;
use model::ids::TrialId;
use model::latency::LatencyMap;

/// How many points of one series are read at most.
const MAX_POINTS: usize = 8_000;
/// How many points of one line a page gets at most.
const MAX_LINE_POINTS: usize = 2_000;

impl Trials {
    /// A trial with the lines of its charts.
    pub(super) async fn compared(&self, trial: TrialId) -> Result<ComparedTrial, BackendError> {
        let mut detail = self.store.trial(trial).await.map_err(store_failed)?.ok_or_else(|| not_found(trial))?;
        let series = self.store.series(trial, MAX_POINTS).await.map_err(store_failed)?;
        detail.log.clear();
        let series = SeriesSet::load(series, LatencyMap::default());
        let marks = marks(&detail, &series);
        let mut lines = overlay::lines(&series, &detail.summary);
        for line in &mut lines {
            line.points = store::decimate(std::mem::take(&mut line.points), MAX_LINE_POINTS);
        }
        Ok(ComparedTrial { detail, lines, marks })
    }
}
