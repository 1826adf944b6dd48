//! All sweeps that run, and the loop of each.

use super::live::Live;
use super::perform::Performed;
use super::progress::Progress;
use crate::clock::Clock;
use crate::live::Hub;
use crate::trials::Trials;
use model::event::LiveEvent;
use model::ids::{SweepId, TrialId};
use model::sweep::{SweepRun, SweepState, SweepSummary};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError, StoredSweep, SweepRecord};
use tokio::sync::Mutex;

/// How long the sweeps' running trials may take to end when the server ends.
const END_LIMIT: Duration = Duration::from_secs(4);

/// The sweeps' keeper.
pub struct Sweeps {
    pub(super) trials: Arc<Trials>,
    pub(super) store: Arc<Store>,
    pub(super) hub: Arc<Hub>,
    pub(super) clock: Clock,
    /// Held while one starts or is looked up, so that each runs once.
    running: Mutex<BTreeMap<SweepId, Arc<Live>>>,
}

impl std::fmt::Debug for Sweeps {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sweeps")
    }
}

impl Sweeps {
    /// A keeper whose runs are trials of `trials`.
    pub fn new(trials: Arc<Trials>, store: Arc<Store>, hub: Arc<Hub>, clock: Clock) -> Self {
        Self { trials, store, hub, clock, running: Mutex::default() }
    }

    /// Pauses every sweep because the server ends.
    pub async fn pause_all(&self) {
        let running: Vec<_> = self.running.lock().await.values().cloned().collect();
        running.iter().for_each(|live| {
            live.stop_as(SweepState::Paused { reason: "the server ended while it ran".to_owned() });
        });
        let ends = futures::future::join_all(running.iter().map(|live| live.ended.cancelled()));
        // What is not stored in time is paused by the next start of the server.
        let _ = tokio::time::timeout(END_LIMIT, ends).await;
    }

    /// The sweep of this number, if it runs.
    pub(super) async fn live(&self, sweep: SweepId) -> Option<Arc<Live>> {
        self.running.lock().await.get(&sweep).cloned()
    }

    /// The line of a sweep as it is now: the store does not know which run is underway.
    pub(super) async fn current(&self, stored: SweepSummary) -> SweepSummary {
        match self.live(stored.id).await {
            Some(live) => live.summary(),
            None if stored.state == SweepState::Running => {
                let state = SweepState::Paused { reason: "it broke off; the server's log says why".to_owned() };
                SweepSummary { state, ..stored }
            }
            None => stored,
        }
    }

    /// Lets a sweep run that does not.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(super) async fn go_on(self: &Arc<Self>, sweep: SweepId) -> Result<(), StoreError> {
        let mut running = loop {
            let running = self.running.lock().await;
            match running.get(&sweep).cloned() {
                None => break running,
                Some(live) if live.summary().state == SweepState::Running => return Ok(()),
                // It has stopped, and is about to leave the list.
                Some(live) => {
                    drop(running);
                    live.ended.cancelled().await;
                }
            }
        };
        let Some(stored) = self.store.sweep(sweep).await? else { return Ok(()) };
        let progress = Progress::resumed(&stored);
        let records = vec![SweepRecord::ForgetFailed(sweep), state_record(progress.summary())];
        self.store.write_sweep(records).await?;
        self.tell(progress.summary(), None);
        let StoredSweep { plan, .. } = stored;
        let live = Arc::new(Live::new(sweep, plan, progress));
        running.insert(sweep, Arc::clone(&live));
        tokio::spawn(Arc::clone(self).run(live));
        Ok(())
    }

    /// Runs a sweep until nothing is missing or it has to stop.
    async fn run(self: Arc<Self>, live: Arc<Live>) {
        if let Err(error) = self.run_all(&live).await {
            tracing::error!("sweep {} broke off: {error}", live.id);
        }
        self.running.lock().await.remove(&live.id);
        live.ended.cancel();
    }

    async fn run_all(self: &Arc<Self>, live: &Live) -> Result<(), StoreError> {
        let state = loop {
            if live.stop.is_cancelled() {
                break live.becomes();
            }
            let next = live.progress().next();
            let Some(run) = next else { break SweepState::Finished };
            match self.perform(live, run).await? {
                Performed::Stopped => break live.becomes(),
                Performed::Refused(reason) => break SweepState::Failed { reason },
                Performed::Ended(run) => {
                    if let Some(reason) = self.note_ended(live, *run).await? {
                        break SweepState::Failed { reason };
                    }
                }
            }
        };
        let at_ms = self.clock.now_ms();
        self.note(live, None, |progress| progress.stopped(state, at_ms)).await
    }

    /// A run has a trial now.
    pub(super) async fn note_begun(&self, live: &Live, run: usize, trial: TrialId) -> Result<(), StoreError> {
        self.note(live, None, |progress| progress.begun(run, trial)).await
    }

    async fn note_ended(&self, live: &Live, run: SweepRun) -> Result<Option<String>, StoreError> {
        self.note(live, Some(run.clone()), |progress| progress.ended(&run)).await
    }

    /// Changes where a sweep is, with the run that has ended, if one has. Stored first: what somebody has seen of a sweep is
    /// there after a crash. Only a sweep's own loop changes it, so nothing comes in between.
    async fn note<T>(
        &self,
        live: &Live,
        ended: Option<SweepRun>,
        change: impl FnOnce(&mut Progress) -> T,
    ) -> Result<T, StoreError> {
        let mut progress = live.progress().clone();
        let answer = change(&mut progress);
        let summary = progress.summary().clone();
        let run = ended.iter().map(|run| SweepRecord::Run(live.id, run.clone()));
        self.store.write_sweep(run.chain([state_record(&summary)]).collect()).await?;
        *live.progress() = progress;
        self.tell(&summary, ended);
        Ok(answer)
    }

    fn tell(&self, summary: &SweepSummary, run: Option<SweepRun>) {
        self.hub.emit(&LiveEvent::Sweep { summary: summary.clone(), run: run.map(Box::new) });
    }
}

fn state_record(summary: &SweepSummary) -> SweepRecord {
    SweepRecord::State {
        sweep: summary.id,
        state: summary.state.clone(),
        ended_ms: summary.ended_ms,
        revision: summary.revision,
        current: summary.current.as_ref().map(|current| current.trial),
    }
}
