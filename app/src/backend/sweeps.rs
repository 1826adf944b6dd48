//! What the page needs from the host for sweeps. The server puts an `Arc<dyn SweepBackend>` into the context of every
//! server function.

#[cfg(feature = "ssr")]
use super::BackendError;
#[cfg(feature = "ssr")]
use model::ids::SweepId;
use model::sweep::{SweepPlan, SweepRun, SweepSummary};
use serde::{Deserialize, Serialize};

/// A sweep with its plan and the runs that have ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepView {
    /// Its line in the list.
    pub summary: SweepSummary,
    /// What it is to run.
    pub plan: SweepPlan,
    /// The runs that have ended, in the order of their places.
    pub runs: Vec<SweepRun>,
}

/// The host, as server functions of sweeps see it.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait SweepBackend: Send + Sync + 'static {
    /// The lines of all sweeps, newest first.
    async fn sweeps(&self) -> Result<Vec<SweepSummary>, BackendError>;

    /// One sweep.
    async fn sweep(&self, sweep: SweepId) -> Result<SweepView, BackendError>;

    /// Starts a sweep; its runs follow as live events. Problems are at the keys that
    /// [`SweepPlan::problem_key`] gives.
    async fn start_sweep(&self, plan: SweepPlan) -> Result<SweepId, BackendError>;

    /// Ends a sweep and its running trial; answers when no process of it is left. What has been measured stays, and it can
    /// be resumed. Cancelling one that does not run is no error.
    async fn cancel_sweep(&self, sweep: SweepId) -> Result<(), BackendError>;

    /// Goes on with the runs that are missing, and tries those again that failed. Resuming one that runs is no error.
    async fn resume_sweep(&self, sweep: SweepId) -> Result<(), BackendError>;

    /// Forgets a sweep that does not run. Its trials stay.
    async fn delete_sweep(&self, sweep: SweepId) -> Result<(), BackendError>;

    /// Reads a grid file, as `bftgym sweep` does. Problems are at their places: `line 2, column 4`.
    async fn read_grid(&self, text: String) -> Result<SweepPlan, BackendError>;
}
