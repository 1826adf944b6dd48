//! What an experiment comes to.

use model::figures::LatencyFigures;
use model::verdict::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;

/// The figures of the measured time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The protocol's name.
    pub protocol: String,
    /// How messages are authenticated: as the protocol does, or the configured scheme.
    pub authentication: String,
    /// Replicas.
    pub replicas: u32,
    /// Requests in a full block.
    pub block_size: i64,
    /// Requests outstanding at any time; null in an open loop, which does not bound them.
    pub outstanding: Option<i64>,
    /// Requests sent per second, all clients together; null in a closed loop, where the answers set the rate.
    pub offered_req_s: Option<f64>,
    /// Largest request payload that the workload draws, bytes.
    pub request_bytes: i64,
    /// Largest reply payload that the workload draws, bytes.
    pub reply_bytes: i64,
    /// Measured time, s.
    pub duration_s: f64,
    /// Requests answered per second.
    pub throughput_req_s: f64,
    /// Latency of answered requests, ms; none where none was answered.
    pub latency_ms: Option<LatencyFigures>,
    /// Frames sent by all units per second.
    pub messages_s: f64,
    /// Most resident memory of any replica or client, MiB.
    pub memory_mib_max_per_unit: f64,
    /// Processor time of all units, percent of one core.
    pub cpu_percent: f64,
    /// What the replicas' histories say: `pass`, `no_progress`, `diverged`.
    pub verdict: Verdict,
}

/// What one change of the configuration did to the throughput.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FaultFigures {
    /// When, s since the end of the warm-up.
    pub at_s: f64,
    /// What: `fault.crash.affected-entities = 0`.
    pub change: String,
    /// Requests answered per second in the (at most) five seconds before, since the change before; null without any.
    pub throughput_before_req_s: Option<f64>,
    /// Requests answered per second until the next change, or the end.
    pub throughput_after_req_s: Option<f64>,
    /// How long until nine tenths of the throughput before were reached over a second; 0 where it never fell below. Null
    /// where it did not come back before the next change or the end.
    pub recovered_after_ms: Option<i64>,
}

/// One replica in the measured time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ReplicaFigures {
    /// Which.
    pub replica: u32,
    /// Its last executed sequence number.
    pub executed: u64,
    /// Its last view.
    pub view: u64,
    /// Processor time, percent of one core; the mean.
    pub cpu_percent: f64,
    /// Resident memory, MiB; the most.
    pub memory_mib: f64,
    /// Frames sent per second; the mean.
    pub messages_s: f64,
    /// Bytes sent per second; the mean.
    pub bytes_s: f64,
    /// The last value of everything else that it reported.
    pub other: BTreeMap<String, f64>,
}

/// The result of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The measured time as a whole.
    pub figures: Figures,
    /// What each change did, in order.
    pub faults: Vec<FaultFigures>,
    /// Each replica.
    pub replicas: Vec<ReplicaFigures>,
    /// Units that died, in sentences; those that a fault killed included.
    pub deaths: Vec<String>,
    /// Whether it was stopped before its time.
    pub stopped_early: bool,
}

/// Where a running experiment is.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// s since the end of the warm-up; negative before.
    pub elapsed_s: f64,
    /// Requests answered per second in the last interval, all clients together.
    pub throughput_req_s: f64,
    /// Median latency of the last interval, ms; the slowest client's.
    pub p50_ms: Option<f64>,
    /// 99th percentile, ms; the slowest client's.
    pub p99_ms: Option<f64>,
    /// The highest view of any replica.
    pub view: u64,
    /// The highest executed sequence number of any replica.
    pub executed: u64,
    /// What the histories say so far.
    pub verdict: Verdict,
}

impl Outcome {
    /// As one JSON object: the figures, where `replicas` is not their number but each of them, and what else there is.
    pub fn to_json(&self) -> serde_json::Value {
        let mut object = serde_json::json!(self.figures);
        object["replicas"] = serde_json::json!(self.replicas);
        object["faults"] = serde_json::json!(self.faults);
        object["deaths"] = serde_json::json!(self.deaths);
        object["stopped_early"] = serde_json::json!(self.stopped_early);
        object
    }
}
