//! The columns that the list of trials is sorted by.

use crate::state::engine;
use crate::state::overview::duration_ms;
use crate::state::summary::verdict_label;
use crate::state::testbeds;
use model::testbed::Engine;
use model::trial::TrialSummary;
use std::cmp::Ordering;

/// The testbed of a trial, with the engine where that is not our own.
pub fn ran_on(trial: &TrialSummary) -> String {
    match trial.engine {
        Engine::Native => testbeds::label(&trial.testbed),
        Engine::Bftbrain => format!("{}, {}", testbeds::label(&trial.testbed), engine::label(trial.engine)),
    }
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The name.
    Name,
    /// The protocol's title.
    Protocol,
    /// How many replicas.
    Replicas,
    /// Where it ran, and what ran it.
    Testbed,
    /// Where it is in its life.
    State,
    /// What its histories say.
    Verdict,
    /// Mean throughput of the steady part.
    Throughput,
    /// Median latency.
    P50,
    /// 99th percentile of the latency.
    P99,
    /// When its clients began.
    Started,
    /// How long they sent.
    Duration,
}

impl Column {
    /// All columns from left to right.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Protocol,
        Self::Replicas,
        Self::Testbed,
        Self::State,
        Self::Verdict,
        Self::Throughput,
        Self::P50,
        Self::P99,
        Self::Started,
        Self::Duration,
    ];

    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Protocol => "Protocol",
            Self::Replicas => "Replicas",
            Self::Testbed => "Testbed",
            Self::State => "State",
            Self::Verdict => "Verdict",
            Self::Throughput => "Req/s",
            Self::P50 => "p50, ms",
            Self::P99 => "p99, ms",
            Self::Started => "Started",
            Self::Duration => "Duration",
        }
    }

    /// What the heading stands for, where it is short.
    pub fn help(self) -> &'static str {
        match self {
            Self::Throughput => "Requests answered per second: mean of the steady part",
            Self::P50 => "Median latency of the steady part",
            Self::P99 => "99th percentile of the latency in the steady part",
            _ => "",
        }
    }

    /// Whether its values are numbers.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Replicas | Self::Throughput | Self::P50 | Self::P99 | Self::Duration)
    }

    /// Which way the first click sorts: texts and latencies upwards, the rest with the largest on top.
    pub fn starts_ascending(self) -> bool {
        !matches!(self, Self::Replicas | Self::Throughput | Self::Started | Self::Duration)
    }

    /// The order of two trials; one that has no value comes last either way.
    pub fn compare(
        self,
        one: &TrialSummary,
        other: &TrialSummary,
        ascending: bool,
        title: impl Fn(&str) -> String,
    ) -> Ordering {
        let turned = |order: Ordering| if ascending { order } else { order.reverse() };
        let texts = |read: &dyn Fn(&TrialSummary) -> String| turned(read(one).cmp(&read(other)));
        match self {
            Self::Name => texts(&|trial| trial.name.to_lowercase()),
            Self::Protocol => texts(&|trial| title(&trial.protocol).to_lowercase()),
            Self::Testbed => texts(&|trial| ran_on(trial).to_lowercase()),
            Self::State => texts(&|trial| trial.state.label().to_owned()),
            Self::Verdict => texts(&|trial| verdict_label(Some(trial)).to_owned()),
            _ => match (self.number(one), self.number(other)) {
                (Some(one), Some(other)) => turned(one.total_cmp(&other)),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            },
        }
    }

    fn number(self, trial: &TrialSummary) -> Option<f64> {
        let latency = || trial.figures?.latency;
        match self {
            Self::Replicas => Some(f64::from(trial.replicas)),
            Self::Throughput => Some(trial.figures?.throughput?.mean),
            Self::P50 => Some(latency()?.p50),
            Self::P99 => Some(latency()?.p99),
            Self::Started => Some(trial.started_ms.unwrap_or(trial.created_ms) as f64),
            Self::Duration => duration_ms(trial, None).map(|took| took as f64),
            Self::Name | Self::Protocol | Self::Testbed | Self::State | Self::Verdict => None,
        }
    }
}
