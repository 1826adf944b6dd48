//! What can be written. Everything in one call to the store becomes durable together or not at all.

use crate::hidden::Hidden;
use crate::read_samples::LatencyInterval;
use model::cloudlab::{Experiment, ExperimentKey};
use model::config::ConfigTree;
use model::figures::TrialFigures;
use model::hosts::HostStatus;
use model::ids::{SweepId, TrialId, UnitId};
use model::patch::Patch;
use model::report::{HistoryPoint, SparseHistogram};
use model::schedule::ScheduledChange;
use model::testbed::TestbedName;
use model::trial::{LogLine, Phase, TrialEdit, TrialSummary};
use model::unit::UnitStatus;
use model::verdict::{Compared, Divergence};

/// The hash of a trial's token. The token itself is never stored.
pub type TokenHash = [u8; 32];

/// A trial that begins.
#[derive(Clone, Debug)]
pub struct NewTrial {
    /// Its first line; the id in it is replaced by the one that the store gives.
    pub summary: TrialSummary,
    /// The hash of the token of its units.
    pub token_hash: TokenHash,
    /// The configuration it starts with.
    pub config: ConfigTree,
    /// What it runs on.
    pub environment: Vec<(String, String)>,
    /// Its units.
    pub units: Vec<UnitStatus>,
    /// The protocol file, where it is not one that ships with BFTGym.
    pub protocol_text: Option<String>,
    /// What is to change by itself while it runs.
    pub schedule: Vec<ScheduledChange>,
    /// The sweep whose run it is. Both are stored in one step: a trial that waits for a sweep never outlives its server as
    /// one that somebody started, which would run without anybody to end it.
    pub sweep: Option<SweepId>,
}

/// A value as it was reported.
#[derive(Clone, Debug, PartialEq)]
pub enum SampleValue {
    /// A number. One that is not finite is stored as its text.
    Number(f64),
    /// What is no number: `pbft`, `true`, `NaN`.
    Text(String),
}

/// One value of one metric of one entity at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Whose: the replica's number, or n + i for client i.
    pub entity: u32,
    /// Which metric.
    pub metric: String,
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// The value.
    pub value: SampleValue,
}

/// One thing to write. Few are alive at a time, so the largest may be as large as it is.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)]
pub enum Record {
    /// A trial's line: state, times and verdict. What a person wrote comes with [`Record::Edit`].
    Summary(TrialSummary),
    /// What a person changed of a trial's line.
    Edit(TrialId, TrialEdit),
    /// What a trial came to.
    Figures(TrialId, TrialFigures),
    /// A trial is not to be shown any more, or again.
    Hidden(TrialId, Option<Hidden>),
    /// A phase, begun or ended.
    Phase(TrialId, Phase),
    /// A unit's line.
    Unit(TrialId, UnitStatus),
    /// The line of a host of its testbed.
    Host(TrialId, HostStatus),
    /// An accepted Update.
    Patch(TrialId, Patch),
    /// A unit acknowledged a version; only the first time counts.
    Applied {
        /// Whose.
        trial: TrialId,
        /// Which unit.
        unit: UnitId,
        /// Which version.
        version: u64,
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
    /// Lines of the log.
    Log(TrialId, Vec<LogLine>),
    /// Values.
    Samples(TrialId, Vec<Sample>),
    /// Latencies of one interval.
    Latency(TrialId, LatencyInterval),
    /// What an entity said of its history, or its state.
    Votes {
        /// Whose trial.
        trial: TrialId,
        /// Which entity.
        entity: u32,
        /// Of what.
        what: Compared,
        /// What it said.
        points: Vec<HistoryPoint>,
    },
    /// The token of a trial's units is a new one.
    Token(TrialId, TokenHash),
    /// A testbed's description as JSON; without one, it is gone.
    Testbed(TestbedName, Option<String>),
    /// The order in which these trials, which wait, are to start.
    Queue(Vec<TrialId>),
    /// A CloudLab experiment, new or changed.
    Cloudlab(Box<Experiment>),
    /// A CloudLab experiment that is to be forgotten.
    CloudlabForgotten(ExperimentKey),
}

impl Record {
    /// The same of another trial.
    pub(crate) fn of_trial(self, id: TrialId) -> Self {
        match self {
            Self::Summary(summary) => Self::Summary(TrialSummary { id, ..summary }),
            Self::Phase(_, phase) => Self::Phase(id, phase),
            Self::Unit(_, status) => Self::Unit(id, status),
            Self::Host(_, status) => Self::Host(id, status),
            Self::Patch(_, patch) => Self::Patch(id, patch),
            Self::Applied { unit, version, at_ms, .. } => Self::Applied { trial: id, unit, version, at_ms },
            Self::Log(_, lines) => Self::Log(id, lines),
            Self::Samples(_, samples) => Self::Samples(id, samples),
            Self::Edit(_, edit) => Self::Edit(id, edit),
            Self::Figures(_, figures) => Self::Figures(id, figures),
            Self::Hidden(_, hidden) => Self::Hidden(id, hidden),
            Self::Latency(_, interval) => Self::Latency(id, interval),
            Self::Votes { entity, what, points, .. } => Self::Votes { trial: id, entity, what, points },
            Self::Token(_, hash) => Self::Token(id, hash),
            Self::Testbed(name, description) => Self::Testbed(name, description),
            // It is about other trials.
            Self::Queue(trials) => Self::Queue(trials),
            Self::Cloudlab(_) | Self::CloudlabForgotten(_) => self,
        }
    }
}

/// One report of a native unit.
#[derive(Clone, Debug)]
pub struct UnitReport {
    /// Whose.
    pub trial: TrialId,
    /// Which unit.
    pub unit: UnitId,
    /// The report's number.
    pub number: u64,
    /// The moment of the latencies.
    pub at_ms: i64,
    /// The unit's entity number, for latencies and history.
    pub entity: u32,
    /// All numbers.
    pub samples: Vec<Sample>,
    /// Latencies of completed requests.
    pub latency: SparseHistogram,
    /// Points of the executed, or accepted, history.
    pub history: Vec<HistoryPoint>,
    /// Digests of the state.
    pub states: Vec<HistoryPoint>,
    /// Lines for the log.
    pub log: Vec<LogLine>,
}

/// What became of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportOutcome {
    /// Whether it was new; one that was there already is not stored again.
    pub stored: bool,
    /// Where its points contradict those of others, if they do.
    pub divergence: Option<Divergence>,
}
