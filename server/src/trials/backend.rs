//! What the page's server functions call.

use super::change::Changes;
use super::progress::Progress;
use super::registry::Trials;
use super::starting::store_failed;
use crate::in_full::in_full;
use app::backend::{
    Backend, BackendError, ComparedTrial, Overview, ProtocolSummary, StartRequest, TrialSettings, TrialView,
};
use async_trait::async_trait;
use model::bftbrain::check_live;
use model::configuration::NamedConfiguration;
use model::hosts::{SshTestbed, TestbedCheck};
use model::ids::TrialId;
use model::patch::PatchItem;
use model::testbed::{Engine, TestbedName};
use model::trial::{TrialEdit, TrialState, TrialSummary};
use model::validate::{Change, Problem, check_changes, unknown_replicas};
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
            config_text: self.0.settings.config_text.clone(),
            configurations: self.0.store.configurations().await.map_err(store_failed)?,
            protocols: protocols.collect(),
            bftbrain_missing: self.0.settings.bftbrain.missing_here(),
            event_id,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            visitor: app::access::Visitor::default(),
        })
    }

    async fn start(&self, request: StartRequest) -> Result<TrialId, BackendError> {
        let trials = Arc::clone(&self.0);
        in_full(async move { trials.enqueue(request).await.map(|session| session.id) }).await
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
        in_full(async move { trials.make_next(trial).await }).await
    }

    async fn host_testbeds(&self) -> Result<Vec<SshTestbed>, BackendError> {
        Ok(self.0.described())
    }

    async fn save_testbed(&self, testbed: SshTestbed, edits: Option<TestbedName>) -> Result<(), BackendError> {
        let trials = Arc::clone(&self.0);
        in_full(async move { trials.save_description(testbed, edits.as_ref()).await }).await
    }

    async fn delete_testbed(&self, name: TestbedName) -> Result<(), BackendError> {
        self.0.delete_description(&name).await
    }

    async fn check_testbed(&self, testbed: SshTestbed) -> Result<TestbedCheck, BackendError> {
        self.0.check_description(&testbed).await
    }

    async fn trust_host(&self, address: String, port: u16, key: String) -> Result<(), BackendError> {
        self.0.trust_key(&address, port, &key)
    }

    async fn forget_host(&self, address: String, port: u16) -> Result<(), BackendError> {
        self.0.forget_key(&address, port)
    }

    async fn unlock_key(&self, key: String, passphrase: String) -> Result<(), BackendError> {
        self.0.remember_passphrase(&key, passphrase.into())
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
            Ok(items) => match not_taken(progress, &items) {
                problems if problems.is_empty() => {
                    let (version, changes) = progress.patched(items, at_ms);
                    (Ok(version), changes)
                }
                problems => (Err(BackendError::Invalid { problems }), Changes::default()),
            },
            Err(problems) => (Err(BackendError::Invalid { problems }), Changes::default()),
        });
        patched.await.map_err(store_failed)?
    }

    async fn edit(&self, trial: TrialId, edit: TrialEdit) -> Result<(), BackendError> {
        in_full(Arc::clone(&self.0).edit(trial, edit)).await
    }

    async fn delete(&self, trials: Vec<TrialId>) -> Result<(), BackendError> {
        in_full(Arc::clone(&self.0).delete(trials)).await
    }

    async fn restore(&self, trials: Vec<TrialId>) -> Result<(), BackendError> {
        in_full(Arc::clone(&self.0).restore(trials)).await
    }

    async fn deleted(&self) -> Result<Vec<TrialSummary>, BackendError> {
        self.0.store.deleted().await.map_err(store_failed)
    }

    async fn settings(&self) -> Result<Vec<TrialSettings>, BackendError> {
        let configurations = self.0.store.trial_configurations().await.map_err(store_failed)?;
        Ok(configurations.into_iter().map(|(trial, config)| TrialSettings::of(trial, &config)).collect())
    }

    async fn run_again(&self, trial: TrialId, with_updates: bool) -> Result<TrialId, BackendError> {
        in_full(Arc::clone(&self.0).run_again(trial, with_updates)).await
    }

    async fn compared(&self, trial: TrialId) -> Result<ComparedTrial, BackendError> {
        self.0.compared(trial).await
    }

    async fn trial(&self, trial: TrialId) -> Result<TrialView, BackendError> {
        let event_id = self.0.hub.current_id(self.0.clock.now_ms());
        let detail = self.0.store.trial(trial).await.map_err(store_failed)?.ok_or_else(|| not_found(trial))?;
        let series = self.0.store.chart_series(trial, MAX_POINTS).await.map_err(store_failed)?;
        let latencies = self.0.store.latency_map(trial).await.map_err(store_failed)?;
        Ok(TrialView { detail, series, latencies, event_id })
    }

    async fn configuration(&self, name: String) -> Result<NamedConfiguration, BackendError> {
        self.0.configuration(name).await
    }

    async fn save_configuration(&self, name: String, text: String, replace: bool) -> Result<String, BackendError> {
        self.0.save_configuration(&name, text, replace).await
    }

    async fn rename_configuration(&self, from: String, to: String) -> Result<String, BackendError> {
        self.0.rename_configuration(from, &to).await
    }

    async fn delete_configuration(&self, name: String) -> Result<NamedConfiguration, BackendError> {
        self.0.delete_configuration(name).await
    }
}

/// What of a change the trial's engine does not take while it runs.
fn not_taken(progress: &Progress, items: &[PatchItem]) -> Vec<Problem> {
    if progress.summary().engine == Engine::Bftbrain {
        return check_live(&progress.config, items);
    }
    let mut config = progress.config.clone();
    items.iter().for_each(|item| item.apply_to(&mut config));
    let mut unknown = unknown_replicas(&config, progress.summary().replicas);
    unknown.retain(|problem| items.iter().any(|item| item.key == problem.key));
    unknown
}

impl Trials {
    /// The line of a trial that is there.
    pub(super) async fn known(&self, trial: TrialId) -> Result<TrialSummary, BackendError> {
        self.store.summary(trial).await.map_err(store_failed)?.ok_or_else(|| not_found(trial))
    }
}

pub(super) fn not_found(trial: TrialId) -> BackendError {
    BackendError::NotFound { message: format!("there is no trial {trial}: choose one from the list") }
}
