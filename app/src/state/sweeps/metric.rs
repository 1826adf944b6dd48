//! What can be read off a run.

use crate::state::format;
use model::sweep::RunFigures;

/// One figure of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Requests answered per second.
    #[default]
    Throughput,
    /// Median latency.
    P50,
    /// 90th percentile of the latency.
    P90,
    /// 99th percentile of the latency.
    P99,
    /// Largest latency.
    Max,
    /// Messages sent per second.
    Messages,
    /// Bytes sent per second.
    Bytes,
    /// Processor time of all units.
    Cpu,
    /// Memory of the largest unit.
    Memory,
}

impl Metric {
    /// All, in the order of the choice.
    pub const ALL: [Self; 9] = [
        Self::Throughput,
        Self::P50,
        Self::P90,
        Self::P99,
        Self::Max,
        Self::Messages,
        Self::Bytes,
        Self::Cpu,
        Self::Memory,
    ];

    /// The name in files and in the page's data attributes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::P50 => "latency-p50",
            Self::P90 => "latency-p90",
            Self::P99 => "latency-p99",
            Self::Max => "latency-max",
            Self::Messages => "messages",
            Self::Bytes => "bytes",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }

    /// The metric of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// The title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Throughput => "Throughput",
            Self::P50 => "Latency, median",
            Self::P90 => "Latency, 90th percentile",
            Self::P99 => "Latency, 99th percentile",
            Self::Max => "Latency, largest",
            Self::Messages => "Messages",
            Self::Bytes => "Bytes sent",
            Self::Cpu => "Processor",
            Self::Memory => "Memory of the largest unit",
        }
    }

    /// What it is counted in.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Throughput => "requests/s",
            Self::P50 | Self::P90 | Self::P99 | Self::Max => "ms",
            Self::Messages => "messages/s",
            Self::Bytes => "bytes/s",
            Self::Cpu => "% of one core",
            Self::Memory => "MiB",
        }
    }

    /// Whether more of it is better; none where that depends.
    pub fn more_is_better(self) -> Option<bool> {
        match self {
            Self::Throughput => Some(true),
            Self::P50 | Self::P90 | Self::P99 | Self::Max => Some(false),
            Self::Messages | Self::Bytes | Self::Cpu | Self::Memory => None,
        }
    }

    /// Its value of a run.
    pub fn of(self, figures: &RunFigures) -> Option<f64> {
        let latency = figures.latency_ms.as_ref();
        match self {
            Self::Throughput => figures.throughput_req_s,
            Self::P50 => latency.map(|latency| latency.p50),
            Self::P90 => latency.map(|latency| latency.p90),
            Self::P99 => latency.map(|latency| latency.p99),
            Self::Max => latency.map(|latency| latency.max),
            Self::Messages => figures.messages_s,
            Self::Bytes => figures.bytes_s,
            Self::Cpu => figures.cpu_percent,
            Self::Memory => figures.memory_mib,
        }
    }

    /// A value with about three digits.
    pub fn format(self, value: f64) -> String {
        format::si(value)
    }
}
