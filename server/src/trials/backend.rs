//! What the page's server functions call.

use super::change::Changes;
use super::registry::Trials;
use super::starting::store_failed;
use app::backend::{Backend, BackendError, Overview, ProtocolSummary, StartRequest, TrialView};
use async_trait::async_trait;
use model::ids::TrialId;
use model::trial::{TrialState, TrialSummary};
use model::validate::{Change, Problem, check_changes};
use protocol::definitions;
use std::sync::Arc;

/// How many points of one series a page gets at most.
const MAX_POINTS: usize = 4000;

/// The trials as the page sees them. Work goes on when the one who asked is gone.
#[derive(Clone, Debug)]
pub struct Host(pub Arc<Trials>);

#[async_trait]
impl Backend for Host {
    async fn overview(&self) -> Result<Overview, BackendError> {
        // First the id: what is read after it may be told again, but nothing is left out.
        let event_id = self.0.hub.current_id(self.0.clock.now_ms());
        let queue = self.0.lanes.lock().await.waiting();
        let trials = self.0.store.trials().await.map_err(store_failed)?;
        let protocols = definitions::ALL.iter().map(|definition| ProtocolSummary {
            name: definition.name.to_owned(),
            title: definition.title.to_owned(),
            paper: definition.paper.to_owned(),
            simplified: definition.simplified.to_owned(),
        });
        Ok(Overview {
            active: trials.iter().filter(|trial| trial.state.is_active()).map(|trial| trial.id).collect(),
            queue,
            testbeds: self.0.testbeds.list(),
            trials,
            config: self.0.settings.config.clone(),
            protocols: protocols.collect(),
            event_id,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            visitor: app::access::Visitor::default(),
        })
    }

    async fn start(&self, request: StartRequest) -> Result<TrialId, BackendError> {
        let trials = Arc::clone(&self.0);
        let work = tokio::spawn(async move { trials.enqueue(request).await.map(|session| session.id) });
        work.await
            .unwrap_or_else(|error| Err(BackendError::Failed { message: format!("the start broke off: {error}") }))
    }

    async fn stop(&self, trial: TrialId) -> Result<(), BackendError> {
        let trials = Arc::clone(&self.0);
        let cancelled = tokio::spawn(async move { trials.cancel(trial).await });
        if cancelled.await.unwrap_or(false) {
            return Ok(());
        }
        match self.0.active(trial).await {
            Some(session) => {
                self.0.end(&session).await;
                Ok(())
            }
            None => self.0.known(trial).await.map(drop),
        }
    }

    async fn move_to_front(&self, trial: TrialId) -> Result<(), BackendError> {
        let trials = Arc::clone(&self.0);
        let work = tokio::spawn(async move { trials.make_next(trial).await });
        work.await.unwrap_or_else(|error| Err(BackendError::Failed { message: format!("it broke off: {error}") }))
    }

    async fn update(&self, trial: TrialId, changes: Vec<Change>) -> Result<u64, BackendError> {
        let Some(session) = self.0.active(trial).await else {
            let trial = self.0.known(trial).await?;
            let message = match trial.state {
                TrialState::Queued => format!("the trial {:?} waits for its turn and takes no changes yet", trial.name),
                _ => format!("the trial {:?} has ended and takes no changes: start a new one with them", trial.name),
            };
            return Err(BackendError::Conflict { message });
        };
        if changes.is_empty() {
            let message = "nothing is changed: give at least one key a new value".to_owned();
            return Err(BackendError::Invalid { problems: vec![Problem { key: "changes".into(), message }] });
        }
        let at_ms = self.0.clock.now_ms();
        let patched = self.0.change(&session, move |progress| match check_changes(&progress.config, &changes) {
            Ok(items) => {
                let (version, changes) = progress.patched(items, at_ms);
                (Ok(version), changes)
            }
            Err(problems) => (Err(BackendError::Invalid { problems }), Changes::default()),
        });
        patched.await.map_err(store_failed)?
    }

    async fn trial(&self, trial: TrialId) -> Result<TrialView, BackendError> {
        let event_id = self.0.hub.current_id(self.0.clock.now_ms());
        let detail = self.0.store.trial(trial).await.map_err(store_failed)?.ok_or_else(|| not_found(trial))?;
        let series = self.0.store.series(trial, MAX_POINTS).await.map_err(store_failed)?;
        Ok(TrialView { detail, series, event_id })
    }
}

impl Trials {
    /// The line of a trial that is there.
    pub(super) async fn known(&self, trial: TrialId) -> Result<TrialSummary, BackendError> {
        let detail = self.store.trial(trial).await.map_err(store_failed)?;
        detail.map(|detail| detail.summary).ok_or_else(|| not_found(trial))
    }
}

fn not_found(trial: TrialId) -> BackendError {
    BackendError::NotFound { message: format!("there is no trial {trial}: choose one from the list") }
}
