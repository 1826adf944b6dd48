//! A sweep that runs, in memory.

use super::progress::Progress;
use model::ids::SweepId;
use model::sweep::{SweepPlan, SweepState, SweepSummary};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// A sweep that runs.
#[derive(Debug)]
pub(super) struct Live {
    /// Its number.
    pub(super) id: SweepId,
    /// What it runs.
    pub(super) plan: SweepPlan,
    progress: Mutex<Progress>,
    /// What it is to become when it is told to stop.
    becomes: Mutex<Option<SweepState>>,
    /// Cancelled to tell it to stop.
    pub(super) stop: CancellationToken,
    /// Cancelled when it has stopped and that is stored.
    pub(super) ended: CancellationToken,
}

impl Live {
    pub(super) fn new(id: SweepId, plan: SweepPlan, progress: Progress) -> Self {
        Self {
            id,
            plan,
            progress: Mutex::new(progress),
            becomes: Mutex::default(),
            stop: CancellationToken::new(),
            ended: CancellationToken::new(),
        }
    }

    /// Its line.
    pub(super) fn summary(&self) -> SweepSummary {
        self.progress().summary().clone()
    }

    /// Reads or changes where it is.
    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells it to stop; what it was told first counts.
    pub(super) fn stop_as(&self, state: SweepState) {
        self.becomes.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(state);
        self.stop.cancel();
    }

    /// What it is to become, once it has been told to stop.
    pub(super) fn becomes(&self) -> SweepState {
        self.becomes.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or(SweepState::Cancelled)
    }
}
