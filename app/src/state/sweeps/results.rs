//! What the runs of a sweep came to, point by point.

use super::book::OpenSweep;
use super::metric::Metric;
use crate::state::compare::address::{Comparison, MAX_TRIALS};
use model::ids::TrialId;
use model::statistics::{Estimate, estimate};
use model::sweep::{RunState, SweepRun};
use model::verdict::Verdict;

/// One point with its runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointResult {
    /// Its place among all points.
    pub point: usize,
    /// Its runs that have ended.
    pub runs: Vec<SweepRun>,
    /// How many of its runs are missing.
    pub missing: usize,
}

/// Every point of a sweep in order, those without runs included.
pub fn results(sweep: &OpenSweep) -> Vec<PointResult> {
    let repetitions = sweep.plan.repetitions.max(1) as usize;
    let of_point = |point: usize| {
        let runs = sweep.runs.range(point * repetitions..(point + 1) * repetitions);
        let runs: Vec<SweepRun> = runs.map(|(_, run)| run.clone()).collect();
        PointResult { point, missing: repetitions - runs.len(), runs }
    };
    (0..sweep.plan.point_count()).map(of_point).collect()
}

impl PointResult {
    /// The runs that were measured.
    pub fn done(&self) -> impl Iterator<Item = &SweepRun> {
        self.runs.iter().filter(|run| run.state == RunState::Done)
    }

    /// How many runs failed.
    pub fn failed(&self) -> usize {
        self.runs.len() - self.done().count()
    }

    /// The mean of a metric over the measured runs, with its interval.
    pub fn estimate(&self, metric: Metric) -> Option<Estimate> {
        let values: Vec<f64> = self.done().filter_map(|run| metric.of(run.figures.as_ref()?)).collect();
        estimate(&values)
    }

    /// The trials of the measured runs.
    pub fn trials(&self) -> Vec<TrialId> {
        self.done().filter_map(|run| run.trial).collect()
    }

    /// The worst verdict of its runs.
    pub fn verdict(&self) -> Option<&Verdict> {
        let badness = |verdict: &&Verdict| match verdict {
            Verdict::Pass => 0,
            Verdict::NoProgress => 1,
            Verdict::Diverged(_) => 2,
        };
        self.runs.iter().filter_map(|run| run.verdict.as_ref()).max_by_key(badness)
    }
}

/// The page that compares these trials; none where there are not two.
pub fn compare_address(trials: &[TrialId]) -> Option<String> {
    let compared = Comparison { trials: trials.iter().copied().take(MAX_TRIALS).collect(), ..Comparison::default() };
    (compared.trials.len() > 1).then(|| format!("/compare{}", compared.query()))
}

/// An estimate as people read it: `12.3k ± 0.4k`.
pub fn shown(metric: Metric, estimate: Option<Estimate>) -> String {
    match estimate {
        None => crate::state::format::NOTHING.to_owned(),
        Some(Estimate { mean, half_width: None }) => metric.format(mean),
        Some(Estimate { mean, half_width: Some(half) }) => {
            format!("{} ± {}", metric.format(mean), metric.format(half))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::{done, failed, plan, summary};
    use super::*;

    fn sweep(runs: Vec<SweepRun>) -> OpenSweep {
        OpenSweep { summary: summary(1), plan: plan(), runs: runs.into_iter().map(|run| (run.run, run)).collect() }
    }

    #[test]
    fn repetitions_are_averaged_and_what_failed_is_no_zero() {
        let results = results(&sweep(vec![done(0, 90.0), done(1, 110.0), done(2, 50.0), failed(3), failed(4)]));
        assert_eq!(results.len(), 12);
        let mean = |point: usize| results[point].estimate(Metric::Throughput).map(|estimate| estimate.mean);
        assert_eq!((mean(0), mean(1), mean(2), mean(3)), (Some(100.0), Some(50.0), None, None));
        assert!(results[0].estimate(Metric::Throughput).unwrap().half_width.is_some());
        assert_eq!((results[1].failed(), results[1].missing), (1, 0));
        assert_eq!((results[2].failed(), results[2].missing, results[3].missing), (1, 1, 2));
        let address = compare_address(&results[0].trials());
        assert_eq!((address.as_deref(), compare_address(&[])), (Some("/compare?trials=1,2"), None));
        assert_eq!((results[0].trials().len(), results[0].verdict()), (2, Some(&Verdict::Pass)));
        assert_eq!(shown(Metric::Throughput, results[1].estimate(Metric::Throughput)), "50");
        assert_eq!(shown(Metric::P50, None), "–");
    }
}
