//! All experiments that this server knows, and how they change: first in the store, then for everybody to see.

use super::access::Access;
use super::bench::Bench;
use super::settings::CloudlabSettings;
use crate::clock::Clock;
use crate::live::Hub;
use app::backend::BackendError;
use lab::cloudlab::PortalError;
use lab::cloudlab::lifecycle::{Lifecycle, Pace};
use model::cloudlab::{Experiment, ExperimentKey};
use model::event::LiveEvent;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Record, Store, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many experiments are kept at most, those that are over included.
pub(super) const MAX_KEPT: usize = 200;

/// One experiment with its task's bell.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) key: ExperimentKey,
    /// Held while a change goes to the store and then becomes visible, so that changes do so in one order.
    lifecycle: tokio::sync::Mutex<Lifecycle>,
    /// As it was last made visible.
    shown: Mutex<Experiment>,
    /// Rung when there is something new to do.
    pub(super) bell: Notify,
    /// Cancelled when it is forgotten.
    pub(super) forgotten: CancellationToken,
}

/// CloudLab for this server.
#[derive(Debug)]
pub struct Cloudlab {
    pub(super) store: Arc<Store>,
    hub: Arc<Hub>,
    pub(super) clock: Clock,
    pub(super) access: Access,
    pub(super) bench: Option<Bench>,
    pub(super) pace: Pace,
    lives: Mutex<BTreeMap<ExperimentKey, Arc<Life>>>,
    /// Held while an experiment is added, so that keys and names are given out once.
    pub(super) adding: tokio::sync::Mutex<()>,
    pub(super) shutdown: CancellationToken,
}

impl Life {
    /// As it is now.
    pub(super) fn experiment(&self) -> Experiment {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads what is to be done.
    pub(super) async fn read<T>(&self, read: impl FnOnce(&Lifecycle) -> T) -> T {
        read(&*self.lifecycle.lock().await)
    }
}

impl Cloudlab {
    /// Nothing is known yet; [`Cloudlab::resume`] reads what is kept.
    ///
    /// # Errors
    /// When TLS to the portal cannot be set up for the token that the settings bring.
    pub fn new(
        store: Arc<Store>,
        hub: Arc<Hub>,
        clock: Clock,
        shutdown: CancellationToken,
        settings: CloudlabSettings,
    ) -> Result<Self, PortalError> {
        let pace = settings.pace;
        let (lives, adding) = (Mutex::default(), tokio::sync::Mutex::default());
        Ok(Self { store, hub, clock, access: Access::new(settings)?, bench: None, pace, lives, adding, shutdown })
    }

    /// Lets trials run on the machines.
    #[must_use]
    pub fn with_bench(mut self, bench: Bench) -> Self {
        self.bench = Some(bench);
        self
    }

    /// Goes on with the experiments that the last server left behind. Those need the token again, unless the settings
    /// bring it. Needs a tokio runtime.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn resume(self: &Arc<Self>) -> Result<(), StoreError> {
        for experiment in self.store.cloudlab_experiments().await? {
            self.tell_bench(&experiment).await;
            let life = self.take(experiment);
            self.follow(&life);
        }
        let cloudlab = Arc::clone(self);
        // Nobody has to wait for the portal: until it has answered, the token is not checked. Of a busy one the page asks
        // again.
        tokio::spawn(async move { cloudlab.access.check().await.map(drop) });
        Ok(())
    }

    /// Starts the task of an experiment.
    pub(super) fn follow(self: &Arc<Self>, life: &Arc<Life>) {
        tokio::spawn(super::driver::drive(Arc::clone(self), Arc::clone(life)));
    }

    fn take(&self, experiment: Experiment) -> Arc<Life> {
        let key = experiment.key;
        let lifecycle = Lifecycle::new(experiment.clone(), self.pace, self.clock.now_ms());
        let life = Arc::new(Life {
            key,
            lifecycle: tokio::sync::Mutex::new(lifecycle),
            shown: Mutex::new(experiment),
            bell: Notify::new(),
            forgotten: CancellationToken::new(),
        });
        self.lives().insert(key, Arc::clone(&life));
        life
    }

    /// Changes an experiment. Runs to its end even when nobody waits for it.
    ///
    /// # Errors
    /// When it could not be stored; nothing has changed then.
    pub(super) async fn change(
        self: &Arc<Self>,
        life: &Arc<Life>,
        change: impl FnOnce(&mut Lifecycle, i64) + Send + 'static,
    ) -> Result<(), StoreError> {
        let (cloudlab, life) = (Arc::clone(self), Arc::clone(life));
        let work = tokio::spawn(async move {
            let mut lifecycle = life.lifecycle.lock().await;
            let mut after = lifecycle.clone();
            change(&mut after, cloudlab.clock.now_ms());
            let changed = after.experiment != lifecycle.experiment;
            if changed {
                let experiment = Box::new(after.experiment.clone());
                cloudlab.store.write(vec![Record::Cloudlab(experiment.clone())]).await?;
                life.shown.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&experiment);
                cloudlab.hub.emit(&LiveEvent::Cloudlab { experiment });
            }
            let experiment = after.experiment.clone();
            *lifecycle = after;
            if changed {
                cloudlab.tell_bench(&experiment).await;
            }
            Ok(())
        });
        work.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Keeps a new experiment and tells of it. [`Cloudlab::follow`] starts its task.
    pub(super) async fn add(&self, experiment: Experiment) -> Result<Arc<Life>, StoreError> {
        self.store.write(vec![Record::Cloudlab(Box::new(experiment.clone()))]).await?;
        self.hub.emit(&LiveEvent::Cloudlab { experiment: Box::new(experiment.clone()) });
        self.tell_bench(&experiment).await;
        Ok(self.take(experiment))
    }

    /// Makes the testbed of an experiment what the experiment is.
    async fn tell_bench(&self, experiment: &Experiment) {
        if let Some(bench) = &self.bench {
            bench.follow(experiment).await;
        }
    }

    /// Takes an experiment that is over out of everything.
    pub(super) async fn remove(&self, key: ExperimentKey) -> Result<(), StoreError> {
        self.store.write(vec![Record::CloudlabForgotten(key)]).await?;
        if let Some(life) = self.lives().remove(&key) {
            life.forgotten.cancel();
        }
        self.hub.emit(&LiveEvent::CloudlabForgotten { key });
        Ok(())
    }

    /// All experiments, newest first.
    pub(super) fn experiments(&self) -> Vec<Experiment> {
        let lives: Vec<_> = self.lives().values().rev().cloned().collect();
        lives.iter().map(|life| life.experiment()).collect()
    }

    /// The number that the next experiment gets.
    pub(super) fn next_key(&self) -> ExperimentKey {
        self.lives().last_key_value().map_or(1, |(key, _)| key + 1)
    }

    /// An experiment by its number.
    pub(super) fn find(&self, key: ExperimentKey) -> Result<Arc<Life>, BackendError> {
        self.lives().get(&key).cloned().ok_or_else(|| BackendError::NotFound {
            message: "this server does not know this experiment any more: load the page again".to_owned(),
        })
    }

    /// Lets all tasks go on: there is a token that there was not before.
    pub(super) async fn wake_all(self: &Arc<Self>) {
        let lives: Vec<_> = self.lives().values().cloned().collect();
        for life in lives {
            // What cannot be stored now is stored with the next change.
            let _ = self.change(&life, |lifecycle, now_ms| lifecycle.wake(now_ms)).await;
            life.bell.notify_one();
        }
    }

    fn lives(&self) -> MutexGuard<'_, BTreeMap<ExperimentKey, Arc<Life>>> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
