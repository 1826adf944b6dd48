//! Which charts there are, and which part of the trial they show.

use crate::state::format;
use crate::state::heat::axis_label;
use model::metric;

/// The charts of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChartKind {
    /// Requests answered per second.
    Throughput,
    /// Latency percentiles.
    Latency,
    /// How many requests took how long, over time: a map.
    Histogram,
    /// The last executed sequence number of each replica.
    Committed,
    /// The view of each replica.
    Views,
    /// Messages sent per second by type.
    Messages,
    /// Bytes sent per second by type.
    Bytes,
    /// The share of blocks that took the slow path.
    SlowPath,
    /// Processor time of each unit.
    Processor,
    /// Resident memory of each unit.
    Memory,
}

/// Where a chart's lines come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// A line an entity and metric; each metric with what its lines are called besides their entity.
    Metrics(&'static [(&'static str, &'static str)]),
    /// A line a type of message, summed over all units: the metrics with this name before their slash.
    Types(&'static str),
    /// A line a replica: slow blocks of executed ones.
    SlowShare,
    /// It has none: it is a map of cells.
    None,
}

impl ChartKind {
    /// All charts from top to bottom.
    pub const ALL: [Self; 10] = [
        Self::Throughput,
        Self::Latency,
        Self::Histogram,
        Self::Committed,
        Self::Views,
        Self::Messages,
        Self::Bytes,
        Self::SlowPath,
        Self::Processor,
        Self::Memory,
    ];

    /// Those that everybody sees first.
    pub const MAIN: [Self; 3] = [Self::Throughput, Self::Latency, Self::Committed];

    /// The chart of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a value holds until the next one, so that lines have corners.
    pub fn is_stepped(self) -> bool {
        self == Self::Views
    }

    /// The value of the `data-chart` attribute.
    pub fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Latency => "latency",
            Self::Histogram => "histogram",
            Self::Committed => "committed",
            Self::Views => "views",
            Self::Messages => "messages",
            Self::Bytes => "bytes",
            Self::SlowPath => "slow-path",
            Self::Processor => "processor",
            Self::Memory => "memory",
        }
    }

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Throughput => "Throughput",
            Self::Latency => "Latency",
            Self::Histogram => "Latency histogram",
            Self::Committed => "Last committed",
            Self::Views => "Views and leader changes",
            Self::Messages => "Messages by type",
            Self::Bytes => "Bytes by type",
            Self::SlowPath => "Slow path",
            Self::Processor => "Processor",
            Self::Memory => "Memory",
        }
    }

    /// What the values are counted in.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Throughput => "req/s",
            Self::Latency | Self::Histogram => "ms",
            Self::Committed => "sequence",
            Self::Views => "view",
            Self::Messages => "messages/s",
            Self::Bytes => "bytes/s",
            Self::SlowPath => "% of blocks",
            Self::Processor => "% of a core",
            Self::Memory => "MiB",
        }
    }

    /// What the latest value in the heading is, of a trial that is active or not; see also
    /// [`crate::state::chart::Plot::headline_words`].
    pub fn headline(self, active: bool) -> &'static str {
        match (self, active) {
            (Self::Throughput | Self::Latency, true) => "now",
            (Self::Throughput | Self::Latency, false) => "at the end",
            (Self::Histogram, true) => "most often now",
            (Self::Histogram, false) => "most often at the end",
            (Self::Messages | Self::Bytes, true) => "now, all units",
            (Self::Messages | Self::Bytes, false) => "at the end, all units",
            (Self::SlowPath | Self::Processor | Self::Memory, true) => "highest now",
            (Self::SlowPath | Self::Processor | Self::Memory, false) => "highest at the end",
            (Self::Committed | Self::Views, _) => "highest",
        }
    }

    /// Whether it has lines; a map has none, and cannot be laid over another.
    pub fn has_lines(self) -> bool {
        self != Self::Histogram
    }

    /// What the cells of its table are counted in.
    pub fn table_unit(self) -> &'static str {
        if self.has_lines() { self.unit() } else { "req/s in each band of latency" }
    }

    /// A cell of its table.
    pub fn table_format(self, value: f64) -> String {
        if self.has_lines() { self.format(value) } else { format::si(value) }
    }

    /// A tick of its value axis.
    pub fn tick_label(self, tick: f64) -> String {
        if self.has_lines() { format::si(tick) } else { axis_label(tick) }
    }

    /// Where its lines come from.
    pub fn lines(self) -> Lines {
        match self {
            Self::Throughput => Lines::Metrics(&[(metric::THROUGHPUT, "achieved"), (metric::OFFERED, "offered")]),
            Self::Latency => Lines::Metrics(&[
                (metric::LATENCY_P50, "p50"),
                (metric::LATENCY_P90, "p90"),
                (metric::LATENCY_P99, "p99"),
                (metric::LATENCY_MAX, "max"),
            ]),
            Self::Committed => Lines::Metrics(&[(metric::LAST_EXECUTED, "")]),
            Self::Views => Lines::Metrics(&[(metric::VIEW, "")]),
            Self::Messages => Lines::Types(metric::MESSAGES_SENT),
            Self::Bytes => Lines::Types(metric::BYTES_SENT),
            Self::SlowPath => Lines::SlowShare,
            Self::Histogram => Lines::None,
            Self::Processor => Lines::Metrics(&[(metric::CPU, "")]),
            Self::Memory => Lines::Metrics(&[(metric::MEMORY, "")]),
        }
    }

    /// The metrics that it shows as they are, each with what its lines are called besides their entity.
    pub fn metrics(self) -> &'static [(&'static str, &'static str)] {
        match self.lines() {
            Lines::Metrics(metrics) => metrics,
            Lines::Types(_) | Lines::SlowShare | Lines::None => &[],
        }
    }

    /// A value with its unit, for headings and tooltips.
    pub fn format(self, value: f64) -> String {
        match self {
            Self::Committed | Self::Views => format::grouped(value),
            Self::Throughput if value.abs() < 1e6 => format::grouped(value),
            Self::Latency | Self::Histogram if value.abs() >= 999.5 => format::grouped(value),
            _ => format::si(value),
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
