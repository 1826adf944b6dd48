//! Which charts there are, and which part of the trial they show.

use crate::state::format;
use model::metric;

/// The charts of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// Requests answered per second.
    Throughput,
    /// Latency percentiles.
    Latency,
    /// The last executed sequence number of each replica.
    Committed,
}

impl ChartKind {
    /// All charts from top to bottom.
    pub const ALL: [Self; 3] = [Self::Throughput, Self::Latency, Self::Committed];

    /// The value of the `data-chart` attribute.
    pub fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Latency => "latency",
            Self::Committed => "committed",
        }
    }

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Throughput => "Throughput",
            Self::Latency => "Latency",
            Self::Committed => "Last committed",
        }
    }

    /// What the values are counted in.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Throughput => "req/s",
            Self::Latency => "ms",
            Self::Committed => "sequence",
        }
    }

    /// What the latest value in the heading is, of a trial that is active or not.
    pub fn headline(self, active: bool) -> &'static str {
        match (self, active) {
            (Self::Throughput, true) => "now",
            (Self::Throughput, false) => "at the end",
            (Self::Latency, true) => "p50 now",
            (Self::Latency, false) => "p50 at the end",
            (Self::Committed, _) => "highest",
        }
    }

    /// The metrics it shows, each with what its lines are called besides their entity.
    pub fn metrics(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Throughput => &[(metric::THROUGHPUT, "")],
            Self::Latency => {
                &[(metric::LATENCY_P50, "p50"), (metric::LATENCY_P90, "p90"), (metric::LATENCY_P99, "p99")]
            }
            Self::Committed => &[(metric::LAST_EXECUTED, "")],
        }
    }

    /// A value with its unit, for headings and tooltips.
    pub fn format(self, value: f64) -> String {
        match self {
            Self::Committed => format::grouped(value),
            Self::Throughput if value.abs() < 1e6 => format::grouped(value),
            Self::Latency if value.abs() >= 999.5 => format::grouped(value),
            Self::Throughput | Self::Latency => format::si(value),
        }
    }
}

/// Which part of the trial the charts show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// From the start.
    #[default]
    All,
    /// The last so many seconds.
    Last(u32),
}

impl Window {
    /// The choices.
    pub const ALL: [Self; 3] = [Self::All, Self::Last(300), Self::Last(60)];

    /// The words of the choice.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "Whole trial",
            Self::Last(300) => "Last 5 min",
            Self::Last(_) => "Last minute",
        }
    }

    /// The seconds shown when the newest sample is `newest` seconds old in the trial. Never less than 10 s wide.
    pub fn range(self, newest: f64) -> (f64, f64) {
        let high = newest.max(10.0);
        match self {
            Self::All => (0.0, high),
            Self::Last(seconds) => ((high - f64::from(seconds)).max(0.0), high),
        }
    }
}
