//! What a simulated run came to.

use crate::engine::Digest;
use model::ids::SequenceNumber;
use model::verdict::Verdict;

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether histories agree and requests were executed.
    pub verdict: Verdict,
    /// Requests that clients got enough matching replies for.
    pub completed: u64,
    /// Requests that clients sent.
    pub submitted: u64,
    /// Last executed place of each replica.
    pub executed: Vec<SequenceNumber>,
    /// The highest view that any replica entered.
    pub view: u64,
    /// Messages sent between replicas, by name, in the order of the names.
    pub messages: Vec<(String, u64)>,
    /// Bytes of them.
    pub bytes: u64,
    /// Messages refused for a wrong signature or certificate.
    pub refused: u64,
    /// Blocks that took the slow path, at replicas and clients.
    pub slow: u64,
    /// Places whose speculative execution was undone, over all replicas.
    pub rolled_back: u64,
    /// Latencies of completed requests, µs of simulated time, in order of size.
    pub latencies_us: Vec<u64>,
    /// Simulated time at the end, µs.
    pub ended_us: u64,
    /// Hash over every event of the run in order.
    pub trace_hash: Digest,
}

impl Outcome {
    /// The latency that this share of requests did not exceed, µs; none where none was answered.
    pub fn latency_us(&self, quantile: f64) -> Option<u64> {
        let last = self.latencies_us.len().saturating_sub(1);
        let position = (quantile.clamp(0.0, 1.0) * last as f64).round() as usize;
        self.latencies_us.get(position).copied()
    }
}
