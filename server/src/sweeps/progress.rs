//! How far a sweep is: a plain machine that says which run comes next and takes what became of each.

use model::ids::TrialId;
use model::sweep::{CurrentRun, RunState, SweepPlan, SweepRun, SweepState, SweepSummary, run_order};
use std::collections::{HashSet, VecDeque};
use store::StoredSweep;

/// So many failed runs one after the other end a sweep: the next ones would fail as well.
const FAILURES: u32 = 3;

/// A sweep that runs.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    summary: SweepSummary,
    /// The runs that are to come, in their order.
    ahead: VecDeque<usize>,
    /// What the measured runs took together, ms.
    took_ms: u64,
    failures_in_a_row: u32,
}

impl Progress {
    /// A sweep that begins, or goes on: runs that failed before come again, in their places.
    pub(super) fn resumed(stored: &StoredSweep) -> Self {
        let done: Vec<&SweepRun> = stored.runs.iter().filter(|run| run.state == RunState::Done).collect();
        let places: HashSet<usize> = done.iter().map(|run| run.run).collect();
        let summary = SweepSummary {
            state: SweepState::Running,
            ended_ms: None,
            done: done.len(),
            failed: 0,
            current: None,
            revision: stored.summary.revision + 1,
            ..stored.summary.clone()
        };
        Self {
            summary,
            ahead: run_order(&stored.plan).into_iter().filter(|run| !places.contains(run)).collect(),
            took_ms: done.iter().map(|run| run.took_ms).sum(),
            failures_in_a_row: 0,
        }
    }

    /// Its line.
    pub(super) fn summary(&self) -> &SweepSummary {
        &self.summary
    }

    /// The run that comes next.
    pub(super) fn next(&self) -> Option<usize> {
        self.ahead.front().copied()
    }

    /// The next run has a trial.
    pub(super) fn begun(&mut self, run: usize, trial: TrialId) {
        self.summary.current = Some(CurrentRun { run, trial });
        self.summary.revision += 1;
    }

    /// A run has ended. Answers with why the sweep cannot go on, if it cannot.
    pub(super) fn ended(&mut self, run: &SweepRun) -> Option<String> {
        self.ahead.retain(|ahead| *ahead != run.run);
        self.summary.current = None;
        self.summary.revision += 1;
        match &run.state {
            RunState::Done => {
                self.failures_in_a_row = 0;
                self.summary.done += 1;
                self.took_ms = self.took_ms.saturating_add(run.took_ms);
                self.summary.run_ms = self.took_ms / self.summary.done as u64;
                None
            }
            RunState::Failed { reason } => {
                self.failures_in_a_row += 1;
                self.summary.failed += 1;
                let stop = self.failures_in_a_row >= FAILURES && !self.ahead.is_empty();
                stop.then(|| format!("{FAILURES} runs failed one after the other. The last one: {reason}"))
            }
        }
    }

    /// The sweep stands still from now on.
    pub(super) fn stopped(&mut self, state: SweepState, at_ms: i64) {
        self.summary.state = state;
        self.summary.ended_ms = Some(at_ms);
        self.summary.current = None;
        self.summary.revision += 1;
    }
}

/// The name of a run's trial.
pub(super) fn trial_name(plan: &SweepPlan, run: usize) -> String {
    let (point, repetition) = plan.place_of_run(run);
    model::sweep::point(plan, point).trial_name(&plan.name, repetition, plan.repetitions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ids::SweepId;
    use model::schema::default_tree;
    use model::sweep::{Axis, SweepOrder, SweepProtocol};
    use model::testbed::TestbedName;

    fn stored(runs: Vec<SweepRun>) -> StoredSweep {
        let plan = SweepPlan {
            name: "blocks".into(),
            protocols: vec![SweepProtocol::named("pbft")],
            axes: vec![Axis { key: "benchmark.block-size".into(), values: vec!["1".into(), "10".into()] }],
            duration_ms: 2_000,
            warmup_ms: 500,
            repetitions: 2,
            order: SweepOrder::AsWritten,
            testbed: TestbedName::default(),
            config: default_tree(),
            schedule: vec![],
        };
        let summary = SweepSummary {
            id: SweepId(1),
            name: "blocks".into(),
            testbed: TestbedName::default(),
            created_ms: 0,
            ended_ms: Some(9),
            state: SweepState::Cancelled,
            done: 1,
            failed: 1,
            total: 4,
            current: None,
            run_ms: 4_000,
            revision: 5,
        };
        StoredSweep { summary, plan, runs }
    }

    fn run(run: usize, state: RunState) -> SweepRun {
        SweepRun { run, trial: Some(TrialId(1)), state, verdict: None, figures: None, took_ms: 3_000 }
    }

    fn failed() -> RunState {
        RunState::Failed { reason: "replica 3 did not arrive".into() }
    }

    #[test]
    fn what_was_measured_stays_and_what_failed_comes_again() {
        let mut progress = Progress::resumed(&stored(vec![run(0, RunState::Done), run(1, failed())]));
        assert_eq!((progress.next(), progress.summary().state.clone()), (Some(1), SweepState::Running));
        assert_eq!((progress.summary().done, progress.summary().failed, progress.summary().ended_ms), (1, 0, None));
        progress.begun(1, TrialId(7));
        assert_eq!(progress.summary().current, Some(CurrentRun { run: 1, trial: TrialId(7) }));
        assert_eq!(progress.ended(&SweepRun { took_ms: 5_000, ..run(1, RunState::Done) }), None);
        assert_eq!((progress.next(), progress.summary().run_ms), (Some(2), 4_000));
        progress.ended(&run(2, RunState::Done));
        progress.ended(&run(3, RunState::Done));
        assert_eq!((progress.next(), progress.summary().left()), (None, 0));
        let revision = progress.summary().revision;
        progress.stopped(SweepState::Finished, 99);
        assert_eq!((progress.summary().revision, progress.summary().ended_ms), (revision + 1, Some(99)));
    }

    #[test]
    fn three_failures_one_after_the_other_end_it_but_not_when_it_is_over_anyway() {
        let mut progress = Progress::resumed(&stored(vec![]));
        assert_eq!(progress.ended(&run(0, failed())), None);
        assert_eq!(progress.ended(&run(1, failed())), None);
        let reason = progress.ended(&run(2, failed())).unwrap();
        assert!(reason.contains("3 runs failed") && reason.contains("replica 3 did not arrive"), "{reason}");
        assert_eq!(progress.ended(&run(3, failed())), None, "nothing is left to be saved from failing");
        let mut mixed = Progress::resumed(&stored(vec![]));
        for (place, state) in [failed(), failed(), RunState::Done, failed()].into_iter().enumerate() {
            assert_eq!(mixed.ended(&run(place, state)), None);
        }
    }

    #[test]
    fn a_runs_trial_says_which_point_and_which_repetition_it_is() {
        assert_eq!(trial_name(&stored(vec![]).plan, 3), "blocks: pbft, block-size=10 (2 of 2)");
    }
}
