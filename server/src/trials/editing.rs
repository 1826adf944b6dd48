//! What people do with trials in the list: rename, note, pin, delete and get back. Every open page hears of it.

use super::registry::Trials;
use super::starting::store_failed;
use app::backend::BackendError;
use model::event::LiveEvent;
use model::ids::TrialId;
use model::trial::TrialEdit;
use std::sync::Arc;
use store::{Hidden, Record};

/// How many trials one request deletes or gets back at most.
const MAX_TRIALS: usize = 10_000;

impl Trials {
    /// Changes a trial's line.
    pub(super) async fn edit(self: Arc<Self>, trial: TrialId, edit: TrialEdit) -> Result<(), BackendError> {
        let edit = edit.checked().map_err(|problems| BackendError::Invalid { problems })?;
        let _in_order = self.lines.lock().await;
        self.known(trial).await?;
        // A trial in memory writes its own line, and has to know its new name.
        if let Some(session) = self.in_memory(trial) {
            let edited = self.change(&session, move |progress| ((), progress.edited(edit)));
            return edited.await.map_err(store_failed);
        }
        self.store.write(vec![Record::Edit(trial, edit)]).await.map_err(store_failed)?;
        self.tell_line(trial).await
    }

    /// Takes trials out of the list: all, or none where one of them may not go.
    pub(super) async fn delete(self: Arc<Self>, trials: Vec<TrialId>) -> Result<(), BackendError> {
        check_count(&trials)?;
        let _in_order = self.lines.lock().await;
        for trial in &trials {
            let summary = self.known(*trial).await?;
            if !summary.state.is_over() {
                let message = format!("the trial {:?} is active or waits: stop it first, then delete it", summary.name);
                return Err(BackendError::Conflict { message });
            }
        }
        self.hide(&trials, Some(Hidden::Deleted)).await?;
        trials.iter().for_each(|trial| self.tell(&LiveEvent::TrialDeleted { trial: *trial }));
        Ok(())
    }

    /// Puts deleted trials back into the list.
    pub(super) async fn restore(self: Arc<Self>, trials: Vec<TrialId>) -> Result<(), BackendError> {
        check_count(&trials)?;
        let _in_order = self.lines.lock().await;
        let deleted = self.store.deleted().await.map_err(store_failed)?;
        for trial in &trials {
            let there = self.store.summary(*trial).await.map_err(store_failed)?.is_some();
            if !there && deleted.iter().all(|summary| summary.id != *trial) {
                let message = format!(
                    "trial {trial} cannot come back: a deleted trial is kept until the server is started again"
                );
                return Err(BackendError::NotFound { message });
            }
        }
        self.hide(&trials, None).await?;
        for trial in trials {
            self.tell_line(trial).await?;
        }
        Ok(())
    }

    /// Tells every page of a trial that came from a file.
    pub(crate) async fn tell_imported(&self, trial: TrialId) {
        if let Err(error) = self.tell_line(trial).await {
            tracing::warn!("trial {trial} was imported, but the pages were not told: {error}");
        }
    }

    async fn hide(&self, trials: &[TrialId], hidden: Option<Hidden>) -> Result<(), BackendError> {
        let records = trials.iter().map(|trial| Record::Hidden(*trial, hidden)).collect();
        self.store.write(records).await.map_err(store_failed)
    }

    /// Tells every page a trial's line as the store has it.
    pub(super) async fn tell_line(&self, trial: TrialId) -> Result<(), BackendError> {
        let summary = self.known(trial).await?;
        self.tell(&LiveEvent::Trial { summary });
        Ok(())
    }
}

fn check_count(trials: &[TrialId]) -> Result<(), BackendError> {
    if trials.len() <= MAX_TRIALS {
        return Ok(());
    }
    let message = format!("{} trials at once are too many: choose at most {MAX_TRIALS}", trials.len());
    Err(BackendError::Conflict { message })
}
