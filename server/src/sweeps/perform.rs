//! One run of a sweep: a trial that is started, measured after its warm-up, and ended.

use super::live::Live;
use super::progress::trial_name;
use super::registry::Sweeps;
use crate::trials::{Host, Session};
use app::Backend;
use app::backend::{BackendError, StartRequest};
use model::ids::TrialId;
use model::schedule::ScheduledChange;
use model::sweep::figures::{Reported, run_figures};
use model::sweep::{RunState, SweepRun};
use model::trial::TrialState;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;

/// What became of a run.
pub(super) enum Performed {
    /// It came to an end, good or bad.
    Ended(Box<SweepRun>),
    /// The sweep was told to stop.
    Stopped,
    /// It cannot be started, and neither can any other.
    Refused(String),
}

impl Sweeps {
    /// Runs one of a sweep's runs to its end.
    ///
    /// # Errors
    /// When the store cannot be written or read.
    pub(super) async fn perform(self: &Arc<Self>, live: &Live, run: usize) -> Result<Performed, StoreError> {
        let begun_ms = self.clock.now_ms();
        let session = match self.trials.enqueue_for(Some(live.id), request(live, run)).await {
            Ok(session) => session,
            Err(BackendError::Failed { message }) => {
                let took_ms = (self.clock.now_ms() - begun_ms).unsigned_abs();
                return Ok(Performed::Ended(Box::new(failed(run, None, message, took_ms))));
            }
            Err(refusal) => return Ok(Performed::Refused(refusal.to_string())),
        };
        self.note_begun(live, run, session.id).await?;
        let measured = tokio::select! {
            // A trial that has ended and a time that is up are both looked at before the wish to stop: what was measured
            // is not thrown away.
            biased;
            measured = self.measure(&session, live) => measured,
            () = live.stop.cancelled() => {
                self.end(session.id).await;
                return Ok(Performed::Stopped);
            }
        };
        self.end(session.id).await;
        self.result(live, run, &session, measured, begun_ms).await.map(Box::new).map(Performed::Ended)
    }

    /// Waits until the measured time is over, or the trial is; answers with the measured time.
    async fn measure(&self, session: &Session, live: &Live) -> Option<(i64, i64)> {
        let started_ms = tokio::select! {
            () = session.over() => return None,
            started_ms = session.started() => started_ms,
        };
        let from_ms = started_ms.saturating_add_unsigned(live.plan.warmup_ms);
        let until_ms = from_ms.saturating_add_unsigned(live.plan.duration_ms);
        let wait = u64::try_from(until_ms - self.clock.now_ms()).unwrap_or(0);
        tokio::select! {
            () = session.over() => None,
            () = tokio::time::sleep(Duration::from_millis(wait)) => Some((from_ms, until_ms)),
        }
    }

    async fn result(
        &self,
        live: &Live,
        run: usize,
        session: &Session,
        measured: Option<(i64, i64)>,
        begun_ms: i64,
    ) -> Result<SweepRun, StoreError> {
        let detail = self.store.trial(session.id).await?;
        let (state, verdict) = session.read(|progress| {
            let summary = progress.summary();
            (summary.state.clone(), summary.verdict.clone())
        });
        // What it waited for its testbed is no part of what it took.
        let phases = detail.iter().flat_map(|detail| &detail.phases);
        let launched_ms = phases.map(|phase| phase.started_ms).min().unwrap_or(begun_ms).max(begun_ms);
        let took_ms = (self.clock.now_ms() - launched_ms).max(0).unsigned_abs();
        let Some(measured_ms) = measured else {
            let reason = match state {
                TrialState::Failed { reason } => reason,
                TrialState::Cancelled => "the trial was taken out of the queue".to_owned(),
                _ => "the trial was stopped before its time".to_owned(),
            };
            return Ok(SweepRun { verdict, ..failed(run, Some(session.id), reason, took_ms) });
        };
        let stored = self.store.measured(session.id, measured_ms).await?;
        let (replicas, series, latencies) = (session.replicas, &stored.series[..], &stored.latencies[..]);
        let figures = run_figures(&Reported { replicas, measured_ms, series, latencies });
        if figures.throughput_req_s.is_none() {
            let seconds = live.plan.duration_ms as f64 / 1_000.0;
            let reason = format!("no client reported in the {seconds} s that were measured");
            return Ok(SweepRun { verdict, ..failed(run, Some(session.id), reason, took_ms) });
        }
        let (trial, figures) = (Some(session.id), Some(figures));
        Ok(SweepRun { run, trial, state: RunState::Done, verdict, figures, took_ms })
    }

    /// Ends a trial, running or waiting.
    async fn end(&self, trial: TrialId) {
        if let Err(error) = Host(Arc::clone(&self.trials)).stop(trial).await {
            tracing::error!("trial {trial} of a sweep could not be ended: {error}");
        }
    }
}

fn failed(run: usize, trial: Option<TrialId>, reason: String, took_ms: u64) -> SweepRun {
    SweepRun { run, trial, state: RunState::Failed { reason }, verdict: None, figures: None, took_ms }
}

/// What is asked of the trials for a run.
fn request(live: &Live, run: usize) -> StartRequest {
    let plan = &live.plan;
    let (point, repetition) = plan.place_of_run(run);
    let at = model::sweep::point(plan, point);
    let protocol = plan.protocols.iter().find(|protocol| protocol.name == at.protocol);
    // The plan's times count from the end of the warm-up, a trial's from where its clients begin.
    let later = |change: &ScheduledChange| ScheduledChange {
        at_ms: change.at_ms.saturating_add(plan.warmup_ms),
        changes: change.changes.clone(),
    };
    StartRequest {
        name: trial_name(plan, run),
        protocol_text: protocol.and_then(|protocol| protocol.text.clone()),
        config: Some(at.config_of(repetition)),
        schedule: plan.schedule.iter().map(later).collect(),
        testbed: plan.testbed.clone(),
        protocol: at.protocol,
        ..StartRequest::default()
    }
}
