//! A trial in memory, for its units and for Updates.

use super::merge::merge;
use super::numbering::{Numbered, Numbering};
use super::progress::Progress;
use bytes::Bytes;
use model::ids::{TrialId, UnitId};
use model::patch::Patch;
use model::testbed::Engine;
use model::trial::TrialDetail;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use store::Sample;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How many client units a trial has at most.
pub const MAX_CLIENT_UNITS: u32 = 64;
/// How many different metrics a trial has at most.
const MAX_METRICS: usize = 300;

/// A trial with those who wait for it.
#[derive(Debug)]
pub struct Session {
    /// Its number.
    pub id: TrialId,
    /// How many replicas it has.
    pub replicas: u32,
    progress: Mutex<Progress>,
    /// Held while a change goes to the store and then becomes visible, so that changes do so in one order.
    pub(super) order: tokio::sync::Mutex<()>,
    newest: watch::Sender<u64>,
    started: watch::Sender<Option<i64>>,
    polled: RwLock<Bytes>,
    metrics: Mutex<HashSet<String>>,
    /// Of a trial of the public framework: whose number is whose.
    numbering: Option<Mutex<Numbering>>,
    /// Cancelled to tell the supervisor to end the experiment.
    pub(super) wind_down: CancellationToken,
    /// Cancelled when no process of the trial is left.
    pub(super) ended: CancellationToken,
}

impl Session {
    pub(super) fn new(detail: TrialDetail) -> Self {
        let (id, replicas) = (detail.summary.id, detail.summary.replicas);
        let numbering = (detail.summary.engine == Engine::Bftbrain).then(Mutex::default);
        let progress = Progress::new(detail);
        let session = Self {
            id,
            replicas,
            newest: watch::Sender::new(0),
            started: watch::Sender::new(None),
            polled: RwLock::default(),
            order: tokio::sync::Mutex::default(),
            metrics: Mutex::default(),
            numbering,
            wind_down: CancellationToken::new(),
            ended: CancellationToken::new(),
            progress: Mutex::new(progress.clone()),
        };
        if progress.summary.state.is_over() {
            session.ended.cancel();
        }
        session.replace(progress);
        session
    }

    /// Reads where the trial is.
    pub fn read<T>(&self, read: impl FnOnce(&Progress) -> T) -> T {
        read(&self.progress())
    }

    /// What a unit of the public framework gets when it polls: a JSON array.
    pub fn polled(&self) -> Bytes {
        self.polled.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The patches after a version: at once when there are any, else as soon as there are.
    pub async fn patches_after(&self, version: u64) -> Vec<Patch> {
        let mut newest = self.newest.subscribe();
        // The sender lives as long as this session.
        let _ = newest.wait_for(|newest| *newest > version).await;
        self.read(|progress| progress.patches_after(version))
    }

    /// Waits until no process of it is left, and nothing more happens to it.
    pub async fn over(&self) {
        self.ended.cancelled().await;
    }

    /// When its clients began to send, milliseconds since the epoch; waits until they have.
    pub async fn started(&self) -> i64 {
        let mut started = self.started.subscribe();
        // The sender lives as long as this session.
        let begun = started.wait_for(Option::is_some).await;
        begun.ok().and_then(|begun| *begun).unwrap_or_default()
    }

    /// Whether one more sample of this metric may be stored: known, or one of not too many.
    pub fn admits_metric(&self, metric: &str) -> bool {
        let mut metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        metrics.contains(metric) || (metrics.len() < MAX_METRICS && metrics.insert(metric.to_owned()))
    }

    /// Gives samples the numbers that units have here; some may have to wait for others.
    pub fn number(&self, samples: Vec<Sample>) -> Numbered {
        match &self.numbering {
            Some(numbering) => numbering.lock().unwrap_or_else(PoisonError::into_inner).take(self.replicas, samples),
            None => Numbered { samples, odd_client: None },
        }
    }

    /// Whether the trial may have such a unit, the controller included.
    pub fn has_unit(&self, unit: UnitId) -> bool {
        unit.0 <= self.replicas + MAX_CLIENT_UNITS
    }

    /// The controller has given up: the supervisor ends what is left.
    pub fn give_up(&self) {
        self.wind_down.cancel();
    }

    /// Makes a change visible that the store has acknowledged.
    pub(super) fn replace(&self, progress: Progress) {
        let (version, started_ms) = (progress.version(), progress.summary.started_ms);
        let json = serde_json::to_vec(&merge(&progress.patches)).unwrap_or_else(|_| b"[]".to_vec());
        *self.polled.write().unwrap_or_else(PoisonError::into_inner) = json.into();
        *self.progress() = progress;
        self.newest.send_replace(version);
        self.started.send_replace(started_ms);
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
