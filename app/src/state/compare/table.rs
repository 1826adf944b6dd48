//! The summary of a comparison: a row a trial, or a group of repetitions, with the differences from the baseline.

use crate::state::summary::verdict_label;
use model::ids::TrialId;
use model::statistics::{Estimate, estimate};
use model::trial::TrialSummary;

/// A value with how far it is from the baseline's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// The value.
    pub value: Estimate,
    /// By how many percent it is larger than the baseline's; none for the baseline itself, and where that has no value.
    pub percent: Option<f64>,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The places of its trials in the comparison; one, unless repetitions are shown as one.
    pub members: Vec<usize>,
    /// The first of its trials.
    pub trial: TrialId,
    /// That trial's name.
    pub name: String,
    /// The protocol's name.
    pub protocol: String,
    /// Whether the others are measured against it.
    pub is_baseline: bool,
    /// Requests answered per second. With repetitions: the mean over them, with the interval over them.
    pub throughput: Option<Cell>,
    /// Median latency, ms.
    pub p50: Option<Cell>,
    /// 99th percentile of the latency, ms.
    pub p99: Option<Cell>,
    /// The verdicts of its trials, each once.
    pub verdicts: Vec<&'static str>,
}

/// By how many percent a value is larger than another; none where that is nothing.
pub fn percent(value: f64, base: f64) -> Option<f64> {
    (base > 0.0 && value.is_finite()).then(|| (value / base - 1.0) * 100.0)
}

/// A difference with its sign, and the word for it.
pub fn percent_text(percent: f64) -> (String, &'static str) {
    let size = percent.abs();
    let digits = if size >= 99.95 { format!("{size:.0}") } else { format!("{size:.1}") };
    match digits.as_str() {
        "0.0" => ("0 %".to_owned(), "the same"),
        _ if percent > 0.0 => (format!("+{digits} %"), "higher"),
        _ => (format!("−{digits} %"), "lower"),
    }
}

/// The rows of groups of trials, in their order.
pub fn rows(trials: &[TrialSummary], groups: &[Vec<usize>], baseline: Option<TrialId>) -> Vec<Row> {
    let base = groups
        .iter()
        .find(|group| group.iter().any(|member| Some(trials[*member].id) == baseline))
        .or(groups.first())
        .cloned()
        .unwrap_or_default();
    let value = |group: &[usize], read: fn(&TrialSummary) -> Option<Estimate>| {
        let values: Vec<Estimate> = group.iter().filter_map(|member| read(&trials[*member])).collect();
        match values.as_slice() {
            // A single trial has the interval within itself.
            [only] => Some(*only),
            several => estimate(&several.iter().map(|value| value.mean).collect::<Vec<_>>()),
        }
    };
    let cell = |group: &[usize], read: fn(&TrialSummary) -> Option<Estimate>| {
        let found = value(group, read)?;
        let against = if group == base { None } else { value(&base, read) };
        Some(Cell { value: found, percent: against.and_then(|base| percent(found.mean, base.mean)) })
    };
    let row = |group: &Vec<usize>| {
        let first = &trials[*group.first()?];
        let mut verdicts: Vec<_> = group.iter().map(|member| verdict_label(Some(&trials[*member]))).collect();
        verdicts.sort_unstable();
        verdicts.dedup();
        Some(Row {
            members: group.clone(),
            trial: first.id,
            name: first.name.clone(),
            protocol: first.protocol.clone(),
            is_baseline: *group == base,
            throughput: cell(group, |trial| trial.figures?.throughput),
            p50: cell(group, |trial| exact(trial.figures?.latency?.p50)),
            p99: cell(group, |trial| exact(trial.figures?.latency?.p99)),
            verdicts,
        })
    };
    groups.iter().filter_map(row).collect()
}

fn exact(mean: f64) -> Option<Estimate> {
    Some(Estimate { mean, half_width: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::trial::tests::running;
    use model::figures::{LatencyFigures, TrialFigures};
    use model::trial::{TrialState, Verdict};

    fn trial(id: i64, throughput: f64, p99: f64) -> TrialSummary {
        let mut trial = running().summary;
        trial.id = TrialId(id);
        trial.state = TrialState::Finished;
        trial.verdict = Some(Verdict::Pass);
        trial.figures = Some(TrialFigures {
            throughput: Some(Estimate { mean: throughput, half_width: Some(1.0) }),
            latency: Some(LatencyFigures { p50: 1.0, p90: 2.0, p99, max: 9.0 }),
            ..TrialFigures::default()
        });
        trial
    }

    #[test]
    fn each_trial_is_measured_against_the_baseline() {
        let trials = [trial(3, 1_000.0, 10.0), trial(5, 250.0, 40.0)];
        let rows = rows(&trials, &[vec![0], vec![1]], Some(TrialId(5)));
        assert!(rows[1].is_baseline && rows[1].throughput.unwrap().percent.is_none());
        assert_eq!(rows[0].throughput.unwrap().percent, Some(300.0));
        assert_eq!(rows[0].p99.unwrap().percent, Some(-75.0));
        assert_eq!(rows[0].throughput.unwrap().value.half_width, Some(1.0));
        assert_eq!(percent_text(300.0), ("+300 %".to_owned(), "higher"));
        assert_eq!(percent_text(-75.04), ("−75.0 %".to_owned(), "lower"));
        assert_eq!(percent_text(-0.01), ("0 %".to_owned(), "the same"));
    }

    #[test]
    fn repetitions_are_one_row_with_the_interval_over_them() {
        let trials = [trial(3, 18.0, 10.0), trial(4, 20.0, 10.0), trial(5, 22.0, 10.0), trial(6, 40.0, 10.0)];
        let rows = rows(&trials, &[vec![0, 1, 2], vec![3]], Some(TrialId(4)));
        let merged = rows[0].throughput.unwrap().value;
        assert!((merged.mean - 20.0).abs() < 1e-9 && (merged.half_width.unwrap() - 4.968).abs() < 0.01);
        assert_eq!((rows[0].is_baseline, rows[1].throughput.unwrap().percent), (true, Some(100.0)));
    }

    #[test]
    fn a_trial_without_figures_has_no_zeros() {
        let mut bare = trial(3, 0.0, 0.0);
        bare.figures = None;
        bare.verdict = None;
        let rows = rows(&[bare], &[vec![0]], None);
        assert_eq!((rows[0].throughput, rows[0].p50, rows[0].verdicts.as_slice()), (None, None, &["No verdict"][..]));
    }
}
