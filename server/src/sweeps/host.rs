//! What the page's server functions of sweeps call.

use super::check::problems;
use super::registry::Sweeps;
use crate::trials::store_failed;
use app::SweepBackend;
use app::backend::BackendError;
use app::backend::sweeps::SweepView;
use async_trait::async_trait;
use lab::experiment::Grid;
use model::event::LiveEvent;
use model::ids::SweepId;
use model::sweep::{SweepPlan, SweepState, SweepSummary};
use model::validate::Problem;
use std::sync::Arc;
use store::{StoredSweep, SweepRecord};

/// The sweeps as the page sees them. Work goes on when the one who asked is gone.
#[derive(Clone, Debug)]
pub struct SweepHost(pub Arc<Sweeps>);

#[async_trait]
impl SweepBackend for SweepHost {
    async fn sweeps(&self) -> Result<Vec<SweepSummary>, BackendError> {
        let mut lines = Vec::new();
        for stored in self.0.store.sweeps().await.map_err(store_failed)? {
            lines.push(self.0.current(stored).await);
        }
        Ok(lines)
    }

    async fn sweep(&self, sweep: SweepId) -> Result<SweepView, BackendError> {
        // First where it is: a run that ends meanwhile is told again, but none is left out.
        let live = self.0.live(sweep).await.map(|live| live.summary());
        let StoredSweep { summary, plan, runs, .. } = self.stored(sweep).await?;
        let summary = match live {
            Some(live) => live,
            None => self.0.current(summary).await,
        };
        Ok(SweepView { summary, plan, runs })
    }

    async fn start_sweep(&self, plan: SweepPlan) -> Result<SweepId, BackendError> {
        let (plan, found) = blocking(move || {
            let found = problems(&plan);
            (plan, found)
        })
        .await?;
        if !found.is_empty() {
            return Err(BackendError::Invalid { problems: found });
        }
        let sweeps = Arc::clone(&self.0);
        detached(async move {
            let created_ms = sweeps.clock.now_ms();
            let sweep = sweeps.store.create_sweep(plan, created_ms).await.map_err(store_failed)?;
            sweeps.go_on(sweep).await.map_err(store_failed)?;
            Ok(sweep)
        })
        .await
    }

    async fn cancel_sweep(&self, sweep: SweepId) -> Result<(), BackendError> {
        match self.0.live(sweep).await {
            Some(live) => {
                live.stop_as(SweepState::Cancelled);
                live.ended.cancelled().await;
                Ok(())
            }
            None => self.stored(sweep).await.map(drop),
        }
    }

    async fn resume_sweep(&self, sweep: SweepId) -> Result<(), BackendError> {
        let stored = self.stored(sweep).await?;
        if stored.summary.done == stored.summary.total {
            let message =
                format!("every run of the sweep {:?} has been measured: start a new one", stored.summary.name);
            return Err(BackendError::Conflict { message });
        }
        let sweeps = Arc::clone(&self.0);
        detached(async move { sweeps.go_on(sweep).await.map_err(store_failed) }).await
    }

    async fn delete_sweep(&self, sweep: SweepId) -> Result<(), BackendError> {
        let stored = self.stored(sweep).await?;
        if self.0.live(sweep).await.is_some() {
            let message = format!("the sweep {:?} runs: cancel it first, then delete it", stored.summary.name);
            return Err(BackendError::Conflict { message });
        }
        self.0.store.write_sweep(vec![SweepRecord::Delete(sweep)]).await.map_err(store_failed)?;
        self.0.hub.emit(&LiveEvent::SweepDeleted { sweep });
        Ok(())
    }

    async fn read_grid(&self, text: String) -> Result<SweepPlan, BackendError> {
        let base = self.0.trials.start_config().clone();
        let read = blocking(move || Grid::parse(&text, &base)).await?;
        let problem = |found: lab::experiment::FileProblem| Problem {
            key: format!("line {}, column {}", found.line, found.column),
            message: found.message,
        };
        read.map(|grid| grid.plan)
            .map_err(|found| BackendError::Invalid { problems: found.into_iter().map(problem).collect() })
    }
}

impl SweepHost {
    async fn stored(&self, sweep: SweepId) -> Result<StoredSweep, BackendError> {
        let stored = self.0.store.sweep(sweep).await.map_err(store_failed)?;
        stored.ok_or_else(|| BackendError::NotFound {
            message: format!("there is no sweep {sweep}: choose one from the list"),
        })
    }
}

/// Runs what takes a processor for a while on a thread for such work.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, BackendError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| BackendError::Failed { message: format!("the check broke off: {error}") })
}

/// Runs to the end, also when nobody waits for the answer.
async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, BackendError>> + Send + 'static,
) -> Result<T, BackendError> {
    let broke_off =
        |error: tokio::task::JoinError| Err(BackendError::Failed { message: format!("it broke off: {error}") });
    tokio::spawn(work).await.unwrap_or_else(broke_off)
}
