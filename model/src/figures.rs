//! What a trial comes to, in a few numbers: computed once when it has ended, for lists and comparisons.

use crate::report::SparseHistogram;
use crate::series::{Combine, combined};
use crate::statistics::{Estimate, batch_means};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long clients get to come up to speed, ms; a quarter of a trial that is shorter than four times this.
const RAMP_UP_MS: i64 = 2_000;
/// The most parts whose means give the confidence interval.
const MAX_BATCHES: i64 = 20;
/// How long such a part is at least, ms.
const BATCH_MS: i64 = 1_000;

/// Latencies, ms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyFigures {
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest.
    pub max: f64,
}

/// What a trial comes to. Its steady part is what remains without the first two seconds (or the first quarter, if that is
/// less) and without each client's last report, which the end may have cut short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrialFigures {
    /// The steady part, milliseconds since the epoch; none where no client reported.
    pub steady_ms: Option<(i64, i64)>,
    /// Requests answered per second in the steady part, all clients together, with a 95 % confidence interval of batch
    /// means.
    pub throughput: Option<Estimate>,
    /// Latencies of the requests answered in the steady part; none where none was, or where units report no histograms.
    pub latency: Option<LatencyFigures>,
    /// Requests answered in the whole trial, as far as units report histograms.
    pub requests: u64,
}

/// Works out the figures. `rates` has each client's throughput, requests per second, with the times at which its reports
/// ended, in time order; `latencies` has the histograms (upper bound in µs, count) with the same times, in any order.
pub fn trial_figures<'a>(
    rates: &[&[(i64, f64)]],
    latencies: impl IntoIterator<Item = (i64, &'a SparseHistogram)>,
) -> TrialFigures {
    let steady_ms = steady(rates);
    let mut merged: BTreeMap<u64, u64> = BTreeMap::new();
    let mut requests = 0_u64;
    for (at_ms, histogram) in latencies {
        let counts = steady_ms.is_some_and(|(from, to)| at_ms > from && at_ms <= to);
        for (bound, count) in histogram {
            requests = requests.saturating_add(*count);
            if counts {
                let sum = merged.entry(*bound).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
    }
    let throughput = steady_ms.and_then(|span| {
        let totals = totals(rates, span);
        let batches = ((span.1 - span.0) / BATCH_MS).clamp(1, MAX_BATCHES);
        batch_means(&totals, batches as usize)
    });
    TrialFigures { steady_ms, throughput, latency: latency_figures(&merged), requests }
}

/// From the end of the ramp-up to the last report but one.
fn steady(rates: &[&[(i64, f64)]]) -> Option<(i64, i64)> {
    let first = rates.iter().filter_map(|points| points.first()).map(|point| point.0).min()?;
    let last_but_one = |points: &[(i64, f64)]| match points {
        [.., before, _] if points.len() > 4 => Some(before.0),
        points => points.last().map(|point| point.0),
    };
    let last = rates.iter().filter_map(|points| last_but_one(points)).max()?;
    let from = first + RAMP_UP_MS.min((last - first) / 4);
    // A report at the very beginning of a short trial counts as well.
    Some((if last - first < BATCH_MS { first - 1 } else { from }, last))
}

/// The sum of all clients over time. Of several clients, the first and the last step may lack the report of one.
fn totals(rates: &[&[(i64, f64)]], (from, to): (i64, i64)) -> Vec<f64> {
    let steady = |points: &&[(i64, f64)]| {
        let within = points.iter().filter(|point| point.0 > from && point.0 <= to && point.1.is_finite());
        within.copied().collect::<Vec<_>>()
    };
    let clients: Vec<_> = rates.iter().map(steady).filter(|points| !points.is_empty()).collect();
    let clients: Vec<&[(i64, f64)]> = clients.iter().map(Vec::as_slice).collect();
    let totals: Vec<f64> = combined(&clients, Combine::Sum).into_iter().map(|point| point.1).collect();
    match totals.as_slice() {
        [_, whole @ .., _] if clients.len() > 1 && whole.len() > 2 => whole.to_vec(),
        _ => totals,
    }
}

/// The latencies of (upper bound in µs, count); none where nothing was counted.
pub fn latency_figures(merged: &BTreeMap<u64, u64>) -> Option<LatencyFigures> {
    let all = merged.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
    let largest = merged.iter().rev().find(|(_, count)| **count > 0)?.0;
    let milliseconds = |micros: u64| micros as f64 / 1_000.0;
    let quantile = |share: f64| {
        let rank = ((all as f64 * share).ceil() as u64).max(1);
        let mut seen = 0_u64;
        let found = merged.iter().find(|(_, count)| {
            seen = seen.saturating_add(**count);
            seen >= rank
        });
        milliseconds(found.map_or(*largest, |(bound, _)| *bound))
    };
    Some(LatencyFigures { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max: milliseconds(*largest) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reports every 250 ms from 250 on.
    fn reports(rates: impl IntoIterator<Item = f64>) -> Vec<(i64, f64)> {
        rates.into_iter().enumerate().map(|(index, rate)| (250 * (index as i64 + 1), rate)).collect()
    }

    #[test]
    fn the_ramp_up_and_the_cut_last_report_do_not_count() {
        let mut rates = vec![10.0; 8];
        rates.extend(vec![1_000.0; 32]);
        rates.push(3.0);
        let rates = reports(rates);
        let (slow, fast): (SparseHistogram, SparseHistogram) = (vec![(900_000, 5)], vec![(1_000, 98), (2_000, 2)]);
        let figures = trial_figures(&[&rates], [(500, &slow), (5_000, &fast), (10_250, &slow)]);
        assert_eq!(figures.steady_ms, Some((2_250, 10_000)));
        assert_eq!(figures.throughput, Some(Estimate { mean: 1_000.0, half_width: Some(0.0) }));
        assert_eq!(figures.latency, Some(LatencyFigures { p50: 1.0, p90: 1.0, p99: 2.0, max: 2.0 }));
        assert_eq!(figures.requests, 110);
    }

    #[test]
    fn several_clients_are_added_up_although_they_report_at_different_moments() {
        let one = reports(vec![100.0; 60]);
        let other: Vec<_> = one.iter().map(|(at_ms, rate)| (at_ms + 120, rate * 2.0)).collect();
        let figures = trial_figures(&[&one, &other], []);
        let throughput = figures.throughput.unwrap();
        assert!((throughput.mean - 300.0).abs() < 1e-9, "{throughput:?}");
        assert_eq!(figures.latency, None);
    }

    #[test]
    fn a_client_that_dies_adds_nothing_from_then_on() {
        let one = reports(vec![100.0; 80]);
        let other = reports(vec![100.0; 40]);
        let mean = trial_figures(&[&one, &other], []).throughput.unwrap().mean;
        assert!((130.0..160.0).contains(&mean), "{mean}");
    }

    #[test]
    fn nothing_reported_is_no_figure_and_no_zero() {
        assert_eq!(trial_figures(&[], []), TrialFigures::default());
        assert_eq!(trial_figures(&[&[]], []), TrialFigures::default());
        let only = [(700, 5.0)];
        let figures = trial_figures(&[&only], [(700, &vec![(40, 1)])]);
        assert_eq!(figures.throughput.map(|throughput| throughput.mean), Some(5.0));
        assert_eq!(figures.latency.map(|latency| latency.max), Some(0.04));
    }
}
