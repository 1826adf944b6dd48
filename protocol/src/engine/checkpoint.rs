//! Checkpoints: when 2f + 1 (n - f) replicas vouch for the same state, what lies before it can be forgotten
//! (OSDI '99, section 4.3).

use super::block::Digest;
use super::execution::Execution;
use bytes::Bytes;
use model::ids::{ReplicaId, SequenceNumber};
use std::collections::{BTreeMap, VecDeque};

/// How many checkpoints of each replica are remembered: enough for one that lags while others run ahead.
const REMEMBERED: usize = 16;

/// The checkpoints that replicas announced. Memory: O(replicas), and this replica's states since the stable one.
#[derive(Clone, Debug, Default)]
pub struct Checkpoints {
    announced: BTreeMap<ReplicaId, VecDeque<(SequenceNumber, Digest)>>,
    own_states: VecDeque<(SequenceNumber, Digest, Execution)>,
    stable: Option<(SequenceNumber, Digest, Execution)>,
}

impl Checkpoints {
    /// Notes what a replica announced.
    pub fn announce(&mut self, from: ReplicaId, sequence: SequenceNumber, digest: Digest) {
        let known = self.announced.entry(from).or_default();
        if known.iter().any(|(place, _)| *place == sequence) {
            return;
        }
        if known.len() == REMEMBERED {
            known.pop_front();
        }
        known.push_back((sequence, digest));
    }

    /// Keeps this replica's state at a checkpoint until a later one is stable.
    pub fn keep(&mut self, digest: Digest, state: Execution) {
        self.own_states.push_back((state.last_executed(), digest, state));
    }

    /// How many replicas vouch for this state.
    pub fn vouchers(&self, sequence: SequenceNumber, digest: &Digest) -> u32 {
        let vouches = |known: &&VecDeque<(SequenceNumber, Digest)>| known.contains(&(sequence, *digest));
        self.announced.values().filter(vouches).count() as u32
    }

    /// This replica's own checkpoints from the stable one on, for those who have not heard of them.
    pub fn own(&self) -> impl Iterator<Item = (SequenceNumber, Digest)> + '_ {
        let stable = self.stable.iter().map(|(sequence, digest, _)| (*sequence, *digest));
        stable.chain(self.own_states.iter().map(|(sequence, digest, _)| (*sequence, *digest)))
    }

    /// The newest of this replica's own checkpoints that `quorum` replicas vouch for, if it is new.
    pub fn newly_stable(&mut self, quorum: u32) -> Option<SequenceNumber> {
        for position in (0..self.own_states.len()).rev() {
            let (sequence, digest, _) = &self.own_states[position];
            if self.vouchers(*sequence, digest) >= quorum {
                self.stable = self.own_states.drain(..=position).next_back();
                return self.stable.as_ref().map(|(sequence, _, _)| *sequence);
            }
        }
        None
    }

    /// Takes over a state that others have proven, as this replica's stable one.
    pub fn adopt(&mut self, digest: Digest, state: &Execution) {
        self.own_states.clear();
        self.stable = Some((state.last_executed(), digest, state.to_keep()));
    }

    /// The encoded state at the stable checkpoint, for a replica that lags. Cost: O(table), so it is made only when asked for.
    pub fn stable_snapshot(&self) -> Option<(SequenceNumber, Bytes)> {
        self.stable.as_ref().map(|(sequence, _, state)| (*sequence, state.snapshot()))
    }
}
