//! What one run of a sweep comes to: computed from what its units reported in the measured time.

use crate::figures::{LatencyFigures, latency_figures};
use crate::metric;
use crate::report::SparseHistogram;
use crate::series::Series;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a run comes to, after its warm-up. Nothing that was not measured is a zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunFigures {
    /// Requests answered per second, all clients together; none where no client reported.
    pub throughput_req_s: Option<f64>,
    /// Latencies of the answered requests.
    pub latency_ms: Option<LatencyFigures>,
    /// Protocol messages sent per second, all units together.
    pub messages_s: Option<f64>,
    /// Bytes sent per second, all units together.
    pub bytes_s: Option<f64>,
    /// Processor time of all units, percent of one core.
    pub cpu_percent: Option<f64>,
    /// The most memory of any one unit, MiB.
    pub memory_mib: Option<f64>,
}

/// What the units of a run reported.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// How many replicas there are: entities from this number on are clients.
    pub replicas: u32,
    /// The measured time, milliseconds since the epoch.
    pub measured_ms: (i64, i64),
    /// All series.
    pub series: &'a [Series],
    /// (entity, end of its interval in ms since the epoch, histogram) of every client's report with latencies.
    pub latencies: &'a [(u32, i64, SparseHistogram)],
}

/// Works out the figures of a run.
pub fn run_figures(reported: &Reported<'_>) -> RunFigures {
    let total = |name: &str| reported.means(name).reduce(|sum, value| sum + value);
    RunFigures {
        throughput_req_s: reported.throughput(),
        latency_ms: reported.latency(),
        messages_s: total(metric::MESSAGES_SENT),
        bytes_s: total(metric::BYTES_SENT),
        cpu_percent: total(metric::CPU),
        memory_mib: reported.of(metric::MEMORY).flat_map(|(_, points)| points).map(|point| point.1).reduce(f64::max),
    }
}

impl Reported<'_> {
    /// The series of a metric, each with its points of the measured time.
    fn of(&self, name: &str) -> impl Iterator<Item = (u32, Vec<(i64, f64)>)> {
        let (from, to) = self.measured_ms;
        self.series.iter().filter(move |series| series.metric == name).map(move |series| {
            let within = series.points.iter().filter(|point| point.0 >= from && point.0 <= to);
            (series.entity, within.copied().collect())
        })
    }

    /// The mean of each unit that reported a metric.
    fn means(&self, name: &str) -> impl Iterator<Item = f64> {
        self.of(name).filter(|(_, points)| !points.is_empty()).map(|(_, points)| mean(&points))
    }

    /// The sum over all clients. A client's first report says of an interval that began before the measured time: answers
    /// are counted from there on. Where units report no histograms, the mean of their rates stands for it.
    fn throughput(&self) -> Option<f64> {
        let of_client = |(entity, points): (u32, Vec<(i64, f64)>)| {
            let (first, last) = (points.first()?.0, points.last()?.0);
            let counted = self.latencies.iter().any(|(of, ..)| *of == entity) && last > first;
            if !counted {
                return Some(mean(&points));
            }
            let within =
                self.latencies.iter().filter(|(of, at_ms, _)| *of == entity && *at_ms > first && *at_ms <= last);
            let answered: u64 = within.flat_map(|(.., histogram)| histogram).map(|(_, count)| count).sum();
            Some(answered as f64 * 1_000.0 / (last - first) as f64)
        };
        let clients = self.of(metric::THROUGHPUT).filter(|(entity, _)| *entity >= self.replicas);
        clients.filter_map(of_client).reduce(|sum, value| sum + value)
    }

    fn latency(&self) -> Option<LatencyFigures> {
        let (from, to) = self.measured_ms;
        let mut merged: BTreeMap<u64, u64> = BTreeMap::new();
        for (_, at_ms, histogram) in self.latencies {
            if (from..=to).contains(at_ms) {
                for (bound, count) in histogram {
                    let sum = merged.entry(*bound).or_default();
                    *sum = sum.saturating_add(*count);
                }
            }
        }
        latency_figures(&merged)
    }
}

fn mean(points: &[(i64, f64)]) -> f64 {
    points.iter().map(|point| point.1).sum::<f64>() / points.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(metric: &str, entity: u32, points: &[(i64, f64)]) -> Series {
        Series { metric: metric.into(), entity, points: points.to_vec() }
    }

    #[test]
    fn only_the_measured_time_counts_and_clients_are_added_up() {
        let rate: Vec<(i64, f64)> = (1..=8).map(|quarter| (quarter * 250, 1.0)).collect();
        let series = [
            series(metric::THROUGHPUT, 4, &rate),
            series(metric::THROUGHPUT, 5, &[(1_100, 30.0), (1_600, 50.0)]),
            series(metric::MESSAGES_SENT, 0, &[(900, 7_000.0), (1_500, 100.0)]),
            series(metric::MESSAGES_SENT, 1, &[(1_500, 50.0)]),
            series(metric::MEMORY, 1, &[(500, 90.0), (1_500, 20.0), (1_600, 21.0)]),
        ];
        // Every quarter of a second client 4 got 25 answers: 100 a second. Those of the warm-up were slow.
        let latencies: Vec<_> = rate
            .iter()
            .map(|(at_ms, _)| (4, *at_ms, vec![(if *at_ms < 1_000 { 900_000 } else { 2_000 }, 25)]))
            .collect();
        let reported = Reported { replicas: 4, measured_ms: (1_000, 2_000), series: &series, latencies: &latencies };
        let figures = run_figures(&reported);
        assert_eq!(figures.throughput_req_s, Some(140.0), "100 counted and 40 told");
        assert_eq!(figures.latency_ms.map(|latency| (latency.p50, latency.max)), Some((2.0, 2.0)));
        assert_eq!((figures.messages_s, figures.memory_mib), (Some(150.0), Some(21.0)));
        assert_eq!((figures.bytes_s, figures.cpu_percent), (None, None));
    }

    #[test]
    fn a_client_that_reports_but_gets_no_answer_has_a_throughput_of_nothing_and_no_latency() {
        let series = [series(metric::THROUGHPUT, 4, &[(1_100, 0.0), (1_600, 0.0)])];
        let reported = Reported { replicas: 4, measured_ms: (1_000, 2_000), series: &series, latencies: &[] };
        let figures = run_figures(&reported);
        assert_eq!((figures.throughput_req_s, figures.latency_ms), (Some(0.0), None));
        let nothing = Reported { measured_ms: (5_000, 9_000), ..reported };
        assert_eq!(run_figures(&nothing), RunFigures::default());
    }
}
