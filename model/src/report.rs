//! What a native unit reports in one batch, and what it is told in answer. JSON bodies of `PUT /w/<token>/report`,
//! `GET /w/<token>/watch` and `PUT /w/<token>/events`.

use crate::hosts::HostStatus;
use crate::ids::UnitId;
use crate::patch::Patch;
use crate::trial::PhaseName;
use serde::{Deserialize, Serialize};

/// One number: a metric of the reporting unit at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportedSample {
    /// One of [`crate::metric`]'s names.
    pub metric: String,
    /// The number, in the metric's unit.
    pub value: f64,
}

/// A latency histogram in sparse form: (upper bound of the bucket in µs, count).
pub type SparseHistogram = Vec<(u64, u64)>;

/// What a unit knows of a place in the agreed order, for the comparison of replicas. Only what is final counts: nothing
/// that a view change could still undo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// The sequence number.
    pub sequence: u64,
    /// The rolling hash over all executed blocks up to and with it, or the digest of the state there; hexadecimal.
    pub hash: String,
}

/// One report of a native unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Who reports.
    pub unit: UnitId,
    /// Counts up by one with each report of the unit; a report that is sent again is stored once.
    pub number: u64,
    /// The end of the reported interval, milliseconds since the epoch by the unit's clock.
    pub at_ms: i64,
    /// The configuration version in force.
    pub applied_version: u64,
    /// All numbers of the interval.
    pub samples: Vec<ReportedSample>,
    /// Latencies of requests completed in the interval (clients only), 2 significant digits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub latency_micros: SparseHistogram,
    /// Points of the history that became final in the interval: a replica's own, or those of results that a client
    /// accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryPoint>,
    /// Digests of the state at checkpoints taken in the interval (replicas only).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<HistoryPoint>,
    /// Log lines of the interval, at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}

/// The answer to `GET watch?unit=N&applied=V`: given at once when there is a patch newer than V, else after the wait.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WatchAnswer {
    /// The newest version.
    pub version: u64,
    /// The patches after the acknowledged version, oldest first.
    pub patches: Vec<Patch>,
}

/// What the controller tells the backend, in batches, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ControllerEvent {
    /// A launch phase began.
    PhaseStarted {
        /// Which.
        phase: PhaseName,
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
    /// A launch phase ended well.
    PhaseEnded {
        /// Which.
        phase: PhaseName,
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
    /// The launch, or the run, failed.
    Failed {
        /// A sentence that names the unit and the mend.
        reason: String,
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
    /// A unit arrived.
    UnitUp {
        /// Which.
        unit: UnitId,
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
    /// A unit ended by itself or by somebody else.
    UnitDied {
        /// Which.
        unit: UnitId,
        /// A sentence.
        reason: String,
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
    /// A line for the trial's log.
    Log {
        /// Who says it.
        unit: UnitId,
        /// The line.
        line: String,
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
    /// How far a host is with the launch, on testbeds that have hosts.
    Host {
        /// Its new line.
        status: HostStatus,
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
    /// All units have ended as they were told to.
    Stopped {
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
}
