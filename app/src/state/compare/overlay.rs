//! One line a trial on each chart of a comparison: what its units report, made one.

use crate::state::chart_kind::ChartKind;
use crate::state::series::SeriesSet;
use crate::state::tracks;
use model::metric;
use model::series::{Combine, combined};
use model::trial::TrialSummary;
use serde::{Deserialize, Serialize};

/// A trial's line on one chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverlayLine {
    /// The metric it is made of: the latency's percentiles are lines of their own.
    pub metric: String,
    /// (milliseconds since the epoch, value), in time order.
    pub points: Vec<(i64, f64)>,
}

/// Which percentile of the latency a comparison draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Percentile {
    /// Median.
    #[default]
    P50,
    /// 90th.
    P90,
    /// 99th.
    P99,
    /// Largest.
    Max,
}

impl Percentile {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::P50, Self::P90, Self::P99, Self::Max];

    /// The word in the page and in addresses.
    pub fn label(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P99 => "p99",
            Self::Max => "max",
        }
    }

    fn metric(self) -> &'static str {
        match self {
            Self::P50 => metric::LATENCY_P50,
            Self::P90 => metric::LATENCY_P90,
            Self::P99 => metric::LATENCY_P99,
            Self::Max => metric::LATENCY_MAX,
        }
    }
}

/// What a comparison draws on one chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// The chart.
    pub kind: ChartKind,
    metric: &'static str,
    how: Combine,
    meaning: &'static str,
}

/// All charts of a comparison, from top to bottom.
pub const OVERLAYS: [Overlay; 9] = [
    overlay(ChartKind::Throughput, metric::THROUGHPUT, Combine::Sum, "all clients together"),
    overlay(ChartKind::Latency, metric::LATENCY_P50, Combine::Max, "the slowest client"),
    overlay(ChartKind::Committed, metric::LAST_EXECUTED, Combine::Max, "the furthest replica"),
    overlay(ChartKind::Views, metric::VIEW, Combine::Held, "the highest of all replicas"),
    overlay(ChartKind::Messages, metric::MESSAGES_SENT, Combine::Sum, "all units together"),
    overlay(ChartKind::Bytes, metric::BYTES_SENT, Combine::Sum, "all units together"),
    overlay(ChartKind::SlowPath, metric::SLOW_PATH, Combine::Mean, "mean of the replicas"),
    overlay(ChartKind::Processor, metric::CPU, Combine::Sum, "all units together"),
    overlay(ChartKind::Memory, metric::MEMORY, Combine::Max, "the largest unit"),
];

const fn overlay(kind: ChartKind, metric: &'static str, how: Combine, meaning: &'static str) -> Overlay {
    Overlay { kind, metric, how, meaning }
}

impl Overlay {
    /// That of a chart; none for one that cannot be laid over others.
    pub fn of(kind: ChartKind) -> Option<Self> {
        OVERLAYS.into_iter().find(|overlay| overlay.kind == kind)
    }

    /// The metric of its lines; the latency has one for each percentile.
    pub fn metric(self, percentile: Percentile) -> &'static str {
        if self.kind == ChartKind::Latency { percentile.metric() } else { self.metric }
    }

    /// The heading: "Messages", not "Messages by type".
    pub fn title(self, percentile: Percentile) -> String {
        match self.kind {
            ChartKind::Latency => format!("Latency {}", percentile.label()),
            ChartKind::Messages => "Messages".to_owned(),
            ChartKind::Bytes => "Bytes".to_owned(),
            kind => kind.title().to_owned(),
        }
    }

    /// What a trial's line is, in words.
    pub fn meaning(self) -> &'static str {
        self.meaning
    }

    fn line(self, series: &SeriesSet, trial: &TrialSummary, percentile: Percentile) -> OverlayLine {
        let metric = self.metric(percentile);
        let points = if self.kind == ChartKind::SlowPath {
            let shares = tracks::tracks(self.kind, series, trial, 0);
            let shares: Vec<&[(i64, f64)]> = shares.iter().map(|track| track.points.as_ref()).collect();
            combined(&shares, self.how)
        } else {
            let all: Vec<&[(i64, f64)]> = series.of_metric(metric).map(|(_, points)| points).collect();
            combined(&all, self.how)
        };
        OverlayLine { metric: metric.to_owned(), points }
    }
}

/// All lines of a trial that have points.
pub fn lines(series: &SeriesSet, trial: &TrialSummary) -> Vec<OverlayLine> {
    let all = OVERLAYS.into_iter().flat_map(|overlay| {
        let percentiles =
            if overlay.kind == ChartKind::Latency { Percentile::ALL.to_vec() } else { vec![Percentile::default()] };
        percentiles.into_iter().map(move |percentile| (overlay, percentile))
    });
    all.map(|(overlay, percentile)| overlay.line(series, trial, percentile))
        .filter(|line| !line.points.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::trial::tests::running;
    use model::series::LivePoint;

    #[test]
    fn a_trial_has_one_line_a_chart_whatever_number_of_units_it_has() {
        let mut set = SeriesSet::default();
        let point = |metric: &str, entity, at_ms, value| LivePoint { metric: metric.into(), entity, at_ms, value };
        for second in 0..10 {
            let at_ms = second * 1_000;
            set.push(&[
                point(metric::THROUGHPUT, 4, at_ms, 100.0),
                point(metric::THROUGHPUT, 5, at_ms + 10, 50.0),
                point(metric::LATENCY_P99, 4, at_ms, 7.0),
                point(metric::CPU, 0, at_ms, 20.0),
                point(metric::CPU, 1, at_ms, 30.0),
                point(metric::VIEW, 0, at_ms, 2.0),
                point(metric::VIEW, 1, at_ms, 2.0),
                point(metric::LAST_EXECUTED, 0, at_ms, second as f64),
                point(metric::LAST_EXECUTED, 1, at_ms, second as f64 * 2.0),
            ]);
        }
        let lines = lines(&set, &running().summary);
        let newest = |metric: &str| {
            lines.iter().find(|line| line.metric == metric).and_then(|line| line.points.last()).map(|point| point.1)
        };
        assert_eq!(newest(metric::THROUGHPUT), Some(150.0));
        assert_eq!(newest(metric::LATENCY_P99), Some(7.0));
        assert_eq!((newest(metric::CPU), newest(metric::LAST_EXECUTED)), (Some(50.0), Some(18.0)));
        assert_eq!((newest(metric::LATENCY_P50), lines.len()), (None, 5));
        let views = lines.iter().find(|line| line.metric == metric::VIEW).map(|line| line.points.clone());
        let steady: Vec<_> = (0..10).map(|second| (second * 1_000, 2.0)).collect();
        assert_eq!(views, Some(steady), "though nothing changed in between");
    }
}
