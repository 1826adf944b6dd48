//! The lines of all sweeps and the open sweep, as the live stream goes on. Every event may come twice, and a loaded answer
//! may be older than an event that came before it: the higher revision counts.

use crate::backend::sweeps::SweepView;
use model::event::LiveEvent;
use model::ids::SweepId;
use model::sweep::{RunState, SweepPlan, SweepRun, SweepSummary};
use std::collections::BTreeMap;

/// What is known of all sweeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepBook {
    lines: BTreeMap<SweepId, SweepSummary>,
    /// Whether the lines have been loaded.
    pub loaded: bool,
    /// The sweep whose page is open.
    pub open: Option<OpenSweep>,
}

/// A sweep with its plan and the runs that have ended.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenSweep {
    /// Its line.
    pub summary: SweepSummary,
    /// What it is to run.
    pub plan: SweepPlan,
    /// The runs that have ended, by their places.
    pub runs: BTreeMap<usize, SweepRun>,
}

impl SweepBook {
    /// All lines, newest first.
    pub fn lines(&self) -> Vec<SweepSummary> {
        self.lines.values().rev().cloned().collect()
    }

    /// One line.
    pub fn line(&self, sweep: SweepId) -> Option<SweepSummary> {
        self.lines.get(&sweep).cloned()
    }

    /// Forgets the lines: what is loaded next may be of another life of the server.
    pub fn forget(&mut self) {
        self.lines.clear();
    }

    /// Takes over loaded lines.
    pub fn load(&mut self, loaded: Vec<SweepSummary>) {
        let newest = loaded.iter().map(|line| line.id).max();
        // What came since the answer was given stays.
        self.lines.retain(|id, _| newest.is_none_or(|newest| *id > newest) || loaded.iter().any(|line| line.id == *id));
        for line in loaded {
            self.take(line);
        }
        self.loaded = true;
    }

    /// Takes over a loaded sweep and opens it.
    pub fn load_open(&mut self, view: SweepView) {
        let runs = view.runs.into_iter().map(|run| (run.run, run)).collect();
        let loaded = OpenSweep { summary: view.summary, plan: view.plan, runs };
        match &self.open {
            Some(open) if open.summary.id == loaded.summary.id && open.summary.revision > loaded.summary.revision => {}
            _ => self.open = Some(loaded),
        }
    }

    /// Puts an event into the book; says whether it was one that matters here.
    pub fn apply(&mut self, event: &LiveEvent) -> bool {
        match event {
            LiveEvent::Sweep { summary, run } => {
                self.take(summary.clone());
                if let Some(open) = self.open.as_mut().filter(|open| open.summary.id == summary.id) {
                    open.apply(summary, run.as_deref());
                }
                true
            }
            LiveEvent::SweepDeleted { sweep } => self.lines.remove(sweep).is_some(),
            _ => false,
        }
    }

    fn take(&mut self, line: SweepSummary) {
        let known = self.lines.get(&line.id).map(|known| known.revision);
        if known.is_none_or(|known| known <= line.revision) {
            self.lines.insert(line.id, line);
        }
    }
}

impl OpenSweep {
    fn apply(&mut self, summary: &SweepSummary, run: Option<&SweepRun>) {
        if summary.revision <= self.summary.revision {
            return;
        }
        self.summary = summary.clone();
        if let Some(run) = run {
            self.runs.insert(run.run, run.clone());
        }
        // When a sweep is resumed, its failed runs are to come again.
        let failed = self.runs.values().filter(|run| run.state != RunState::Done).count();
        if failed > summary.failed {
            self.runs.retain(|_, run| run.state == RunState::Done);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use model::figures::LatencyFigures;
    use model::ids::TrialId;
    use model::schema::default_tree;
    use model::sweep::{Axis, RunFigures, SweepOrder, SweepProtocol, SweepState};
    use model::testbed::TestbedName;
    use model::verdict::Verdict;

    pub(crate) fn plan() -> SweepPlan {
        let axis = |key: &str, values: &[&str]| Axis {
            key: key.into(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        SweepPlan {
            name: "blocks".into(),
            protocols: vec![SweepProtocol::named("pbft"), SweepProtocol::named("zyzzyva")],
            axes: vec![
                axis("benchmark.block-size", &["1", "10", "100"]),
                axis("benchmark.authentication", &["mac", "none"]),
            ],
            duration_ms: 2_000,
            warmup_ms: 500,
            repetitions: 2,
            order: SweepOrder::AsWritten,
            testbed: TestbedName::default(),
            config: default_tree(),
            schedule: vec![],
        }
    }

    pub(crate) fn summary(revision: u64) -> SweepSummary {
        SweepSummary {
            id: SweepId(3),
            name: "blocks".into(),
            testbed: TestbedName::default(),
            created_ms: 0,
            ended_ms: None,
            state: SweepState::Running,
            done: 0,
            failed: 0,
            total: 24,
            current: None,
            run_ms: 4_000,
            revision,
        }
    }

    pub(crate) fn done(run: usize, throughput: f64) -> SweepRun {
        let latency = LatencyFigures { p50: 1_000.0 / throughput, p90: 2.0, p99: 3.0, max: 4.0 };
        let figures = RunFigures {
            throughput_req_s: Some(throughput),
            latency_ms: Some(latency),
            messages_s: Some(throughput * 3.0),
            ..RunFigures::default()
        };
        SweepRun {
            run,
            trial: Some(TrialId(run as i64 + 1)),
            state: RunState::Done,
            verdict: Some(Verdict::Pass),
            figures: Some(figures),
            took_ms: 4_000,
        }
    }

    pub(crate) fn failed(run: usize) -> SweepRun {
        let state = RunState::Failed { reason: "replica 3 did not arrive".into() };
        SweepRun { state, figures: None, verdict: None, ..done(run, 1.0) }
    }

    fn event(summary: SweepSummary, run: Option<SweepRun>) -> LiveEvent {
        LiveEvent::Sweep { summary, run: run.map(Box::new) }
    }

    #[test]
    fn an_answer_that_is_older_than_an_event_does_not_turn_back_the_time() {
        let mut book = SweepBook::default();
        assert!(book.apply(&event(SweepSummary { done: 2, ..summary(5) }, None)));
        book.load(vec![SweepSummary { done: 1, ..summary(3) }]);
        assert_eq!((book.lines()[0].done, book.loaded), (2, true));
        book.load(vec![]);
        assert_eq!(book.lines().len(), 1, "it may be newer than an empty answer");
        assert!(book.apply(&LiveEvent::SweepDeleted { sweep: SweepId(3) }) && book.lines().is_empty());
        assert!(!book.apply(&LiveEvent::Reset));
    }

    #[test]
    fn runs_come_in_one_by_one_and_failed_ones_leave_when_the_sweep_is_resumed() {
        let mut book = SweepBook::default();
        book.load_open(SweepView { summary: summary(1), plan: plan(), runs: vec![done(0, 10.0)] });
        book.apply(&event(SweepSummary { done: 1, failed: 1, ..summary(2) }, Some(failed(1))));
        book.apply(&event(SweepSummary { done: 2, failed: 1, ..summary(3) }, Some(done(2, 10.0))));
        book.apply(&event(SweepSummary { done: 1, failed: 1, ..summary(2) }, Some(failed(1))));
        assert_eq!(book.open.as_ref().map(|open| open.runs.len()), Some(3));
        book.apply(&event(SweepSummary { done: 2, failed: 0, ..summary(4) }, None));
        let open = book.open.clone().unwrap();
        assert_eq!(open.runs.keys().copied().collect::<Vec<_>>(), [0, 2]);
        book.load_open(SweepView { summary: summary(1), plan: plan(), runs: vec![] });
        assert_eq!(book.open, Some(open), "an old answer");
    }
}
