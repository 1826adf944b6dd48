//! What a simulated run came to.

use crate::engine::Digest;
use crate::engine::block::hexadecimal;
use model::ids::{ReplicaId, SequenceNumber};
use model::trial::Verdict;

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
    /// Messages delivered between replicas, by name, in the order of the names.
    pub messages: Vec<(String, u64)>,
    /// Simulated time at the end, µs.
    pub ended_us: u64,
    /// Hash over every event of the run in order.
    pub trace_hash: Digest,
}

/// Compares executed histories at every place that two replicas remember.
pub(super) fn compare<'a>(
    histories: impl Iterator<Item = (ReplicaId, &'a [(SequenceNumber, Digest)])>,
) -> Option<Verdict> {
    let mut known: std::collections::BTreeMap<SequenceNumber, Vec<(ReplicaId, Digest)>> = Default::default();
    for (replica, points) in histories {
        for (sequence, digest) in points {
            known.entry(*sequence).or_default().push((replica, *digest));
        }
    }
    known.into_iter().find_map(|(sequence, points)| {
        let differ = points.windows(2).any(|pair| pair[0].1 != pair[1].1);
        differ.then(|| Verdict::Diverged {
            sequence: sequence.0,
            replicas: points.iter().map(|(replica, digest)| (replica.0, hexadecimal(digest))).collect(),
        })
    })
}
