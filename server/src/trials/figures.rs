//! What trials came to, worked out once when they have ended.

use super::registry::Trials;
use model::event::LiveEvent;
use model::ids::TrialId;
use std::sync::Arc;
use store::{Record, StoreError};
use tokio_util::sync::CancellationToken;

impl Trials {
    /// Works out what an ended trial came to, keeps it and tells the pages. What goes wrong is logged: it is tried again
    /// at the next start of the server.
    pub(super) async fn measure(self: &Arc<Self>, trial: TrialId) {
        if let Err(error) = self.try_measure(trial).await {
            tracing::warn!("trial {trial}: its figures could not be worked out: {error}");
        }
    }

    async fn try_measure(self: &Arc<Self>, trial: TrialId) -> Result<(), StoreError> {
        let Some(figures) = self.store.work_out_figures(trial).await? else { return Ok(()) };
        let _in_order = self.lines.lock().await;
        let listed = self.store.summary(trial).await?;
        // A trial that was deleted meanwhile is told of when it comes back.
        match (listed, self.in_memory(trial)) {
            (Some(_), Some(session)) => self.change(&session, move |progress| ((), progress.measured(figures))).await,
            (listed, _) => {
                self.store.write(vec![Record::Figures(trial, figures)]).await?;
                if let Some(mut summary) = listed {
                    summary.figures = Some(figures);
                    self.tell(&LiveEvent::Trial { summary });
                }
                Ok(())
            }
        }
    }

    /// Does so for all trials that have no figures yet: those of earlier versions, and those whose server was ended.
    pub(crate) async fn measure_missing(self: Arc<Self>, shutdown: CancellationToken) {
        let missing = match self.store.without_figures().await {
            Ok(missing) => missing,
            Err(error) => return tracing::warn!("the trials without figures could not be found: {error}"),
        };
        for trial in missing {
            if shutdown.is_cancelled() {
                return;
            }
            self.measure(trial).await;
        }
    }
}
