//! How far a sweep is.

use super::figures::RunFigures;
use crate::ids::{SweepId, TrialId};
use crate::testbed::TestbedName;
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};

/// Where a sweep is in its life. Whatever it is but `Running`, it can be resumed while runs are missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SweepState {
    /// Its runs come one after the other.
    Running,
    /// It waits for somebody to resume it.
    Paused {
        /// A sentence: "the server ended while it ran".
        reason: String,
    },
    /// A person ended it.
    Cancelled,
    /// Every run has been tried.
    Finished,
    /// It could not go on.
    Failed {
        /// A sentence with the mend.
        reason: String,
    },
}

impl SweepState {
    /// The word the page shows.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Paused { .. } => "Paused",
            Self::Cancelled => "Cancelled",
            Self::Finished => "Finished",
            Self::Failed { .. } => "Failed",
        }
    }

    /// Why it stands still, where there is a reason.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Paused { reason } | Self::Failed { reason } => Some(reason),
            Self::Running | Self::Cancelled | Self::Finished => None,
        }
    }
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RunState {
    /// It was measured.
    Done,
    /// It did not come to its end, or nothing was measured; it is run again when the sweep is resumed.
    Failed {
        /// A sentence.
        reason: String,
    },
}

/// One run that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepRun {
    /// Its place among all runs, from 0.
    pub run: usize,
    /// The trial it is kept as; none where it was not started, or has been deleted.
    pub trial: Option<TrialId>,
    /// What became of it.
    #[serde(flatten)]
    pub state: RunState,
    /// What the trial's histories say.
    pub verdict: Option<Verdict>,
    /// What was measured after the warm-up.
    pub figures: Option<RunFigures>,
    /// How long it took, waiting for its testbed left out, ms.
    pub took_ms: u64,
}

/// The run that is underway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentRun {
    /// Its place among all runs, from 0.
    pub run: usize,
    /// Its trial, which may wait for its testbed.
    pub trial: TrialId,
}

/// One line in the list of sweeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepSummary {
    /// Its number.
    pub id: SweepId,
    /// The name a person gave it.
    pub name: String,
    /// Where it runs.
    pub testbed: TestbedName,
    /// When it was created, milliseconds since the epoch.
    pub created_ms: i64,
    /// When it ended last, milliseconds since the epoch; none while it runs.
    pub ended_ms: Option<i64>,
    /// Where it is in its life.
    #[serde(flatten)]
    pub state: SweepState,
    /// Runs that were measured.
    pub done: usize,
    /// Runs that failed.
    pub failed: usize,
    /// All runs.
    pub total: usize,
    /// The run that is underway.
    pub current: Option<CurrentRun>,
    /// What one run takes: the mean of those that were measured, else what is expected, ms.
    pub run_ms: u64,
    /// Counts up with each change: of two summaries the one with the higher number is the newer one.
    pub revision: u64,
}

impl SweepSummary {
    /// Runs that are missing.
    pub fn left(&self) -> usize {
        self.total.saturating_sub(self.done + self.failed)
    }

    /// Whether it can be resumed: it stands still, and runs are missing or have failed.
    pub fn can_resume(&self) -> bool {
        self.state != SweepState::Running && self.done < self.total
    }

    /// How long the missing runs take, about, when the current one has taken `passed_ms`; none when it does not run. A run
    /// that takes longer than the others so far counts for nothing more.
    pub fn remaining_ms(&self, passed_ms: u64) -> Option<u64> {
        let all = self.run_ms.saturating_mul(self.left() as u64);
        (self.state == SweepState::Running).then(|| all.saturating_sub(passed_ms.min(self.run_ms)))
    }

    /// The share of runs that have been tried, 0 to 1.
    pub fn share(&self) -> f64 {
        (self.done + self.failed) as f64 / self.total.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> SweepSummary {
        SweepSummary {
            id: SweepId(1),
            name: "blocks".into(),
            testbed: TestbedName::default(),
            created_ms: 0,
            ended_ms: None,
            state: SweepState::Running,
            done: 2,
            failed: 1,
            total: 10,
            current: Some(CurrentRun { run: 3, trial: TrialId(9) }),
            run_ms: 4_000,
            revision: 7,
        }
    }

    #[test]
    fn what_is_left_shrinks_while_a_run_is_underway_but_not_below_the_runs_after_it() {
        let running = summary();
        assert_eq!((running.left(), running.share()), (7, 0.3));
        assert_eq!(running.remaining_ms(1_000), Some(27_000));
        assert_eq!(running.remaining_ms(60_000), Some(24_000));
        let paused = SweepSummary { state: SweepState::Paused { reason: "x".into() }, ..summary() };
        assert_eq!((paused.remaining_ms(0), paused.can_resume(), running.can_resume()), (None, true, false));
        let finished = SweepSummary { state: SweepState::Finished, done: 9, ..summary() };
        assert!(finished.can_resume(), "one has failed");
        assert!(!SweepSummary { done: 10, ..finished }.can_resume());
    }

    #[test]
    fn a_summary_and_a_run_read_back_as_they_were_written() {
        let failed = SweepSummary { state: SweepState::Failed { reason: "no hosts".into() }, ..summary() };
        let text = serde_json::to_string(&failed).unwrap();
        assert_eq!(serde_json::from_str::<SweepSummary>(&text).unwrap(), failed);
        let run = SweepRun {
            run: 3,
            trial: None,
            state: RunState::Failed { reason: "no".into() },
            verdict: Some(Verdict::NoProgress),
            figures: None,
            took_ms: 5,
        };
        assert_eq!(serde_json::from_str::<SweepRun>(&serde_json::to_string(&run).unwrap()).unwrap(), run);
    }
}
