//! Checkpoints: when n - f replicas vouch for the same state, what lies before it can be forgotten (OSDI '99,
//! section 4.3). Where execution is speculative they vouch twice: first that they are there, then that a quorum is, so
//! that a view change cannot undo what anybody has forgotten.

use super::block::Digest;
use super::checkpoint_certificate::Certificate;
use super::execution::Execution;
use super::frontier::frontier;
use bytes::Bytes;
use model::ids::{ReplicaId, SequenceNumber};
use std::collections::{BTreeMap, VecDeque};

/// How many checkpoints of each replica are remembered: enough for one that lags while others run ahead.
const REMEMBERED: usize = 16;

/// A checkpoint that a replica announced.
#[derive(Clone, Debug)]
pub struct Announced {
    /// The last executed block.
    pub sequence: SequenceNumber,
    /// The hash of history and state.
    pub digest: Digest,
    /// Whether a view change would keep it.
    pub proven: bool,
    /// The replica's signature; empty where no certificate is made of it, or where it came in one.
    pub signature: Bytes,
}

/// The checkpoints that replicas announced. Memory: O(replicas), and this replica's states since the stable one.
#[derive(Clone, Debug, Default)]
pub struct Checkpoints {
    announced: BTreeMap<ReplicaId, VecDeque<Announced>>,
    own_states: VecDeque<(SequenceNumber, Digest, Execution)>,
    stable: Option<(SequenceNumber, Digest, Execution)>,
    /// The newest certificate that another replica sent: where it proves the stable state, others get it too.
    certificate: Option<Certificate>,
}

impl Checkpoints {
    /// Notes what a replica announced.
    pub fn announce(&mut self, from: ReplicaId, mut announced: Announced) {
        let known = self.announced.entry(from).or_default();
        if let Some(same) = known.iter_mut().find(|known| known.sequence == announced.sequence) {
            // After a roll-back a replica may reach another state at the same place, and proof may come later.
            if same.digest == announced.digest {
                announced.proven |= same.proven;
                if announced.signature.is_empty() {
                    announced.signature = same.signature.clone();
                }
            }
            *same = announced;
            return;
        }
        if known.len() == REMEMBERED {
            known.pop_front();
        }
        known.push_back(announced);
    }

    /// The furthest checkpoint that more than `f` replicas other than `me` have reached, as they announced it.
    pub(super) fn frontier(&self, f: u32, me: ReplicaId) -> SequenceNumber {
        let others = self.announced.iter().filter(|(from, _)| **from != me);
        frontier(others.filter_map(|(_, known)| known.iter().map(|announced| announced.sequence).max()), f)
    }

    /// The signatures of those who announced this state; empty where it came in a certificate.
    pub(super) fn signatures(&self, sequence: SequenceNumber, digest: &Digest) -> Vec<(ReplicaId, Bytes)> {
        let signature = |(from, known): (&ReplicaId, &VecDeque<Announced>)| {
            let same = known.iter().find(|known| known.sequence == sequence && known.digest == *digest)?;
            Some((*from, same.signature.clone()))
        };
        self.announced.iter().filter_map(signature).collect()
    }

    /// Keeps another replica's certificate.
    pub(super) fn keep_certificate(&mut self, certificate: Certificate) {
        self.certificate = Some(certificate);
    }

    /// The certificate of the stable state that another replica sent.
    pub(super) fn stable_certificate(&self) -> Option<&Certificate> {
        let (sequence, digest, _) = self.stable.as_ref()?;
        self.certificate.as_ref().filter(|known| known.sequence == *sequence && known.digest == *digest)
    }

    /// Keeps this replica's state at a checkpoint until a later one is stable.
    pub fn keep(&mut self, digest: Digest, state: Execution) {
        self.own_states.push_back((state.last_executed(), digest, state));
    }

    /// How many replicas vouch for this state, with proof or at all.
    pub fn vouchers(&self, sequence: SequenceNumber, digest: &Digest, proven: bool) -> u32 {
        let vouches = |known: &&VecDeque<Announced>| {
            known.iter().any(|announced| {
                announced.sequence == sequence && announced.digest == *digest && (announced.proven || !proven)
            })
        };
        self.announced.values().filter(vouches).count() as u32
    }

    /// Whether so many replicas vouch with proof for one and the same state at a place.
    pub fn is_vouched(&self, sequence: SequenceNumber, enough: u32) -> bool {
        let at_place = |announced: &&Announced| announced.sequence == sequence && announced.proven;
        let mut digests = self.announced.values().flatten().filter(at_place).map(|announced| announced.digest);
        digests.any(|digest| self.vouchers(sequence, &digest, true) >= enough)
    }

    /// Whether a replica vouches for this state with proof.
    pub fn vouches(&self, replica: ReplicaId, sequence: SequenceNumber, digest: &Digest) -> bool {
        self.announced.get(&replica).is_some_and(|known| {
            known
                .iter()
                .any(|announced| announced.sequence == sequence && announced.digest == *digest && announced.proven)
        })
    }

    /// This replica's own checkpoints from the stable one on, for those who have not heard of them, with whether each is
    /// stable here.
    pub fn own(&self) -> impl Iterator<Item = (SequenceNumber, Digest, bool)> + '_ {
        let stable = self.stable.iter().map(|(sequence, digest, _)| (*sequence, *digest, true));
        stable.chain(self.own_states.iter().map(|(sequence, digest, _)| (*sequence, *digest, false)))
    }

    /// The newest of this replica's own checkpoints for which `quorum` replicas vouch at all.
    pub fn newest_vouched(&self, quorum: u32) -> Option<(SequenceNumber, Digest)> {
        let vouched = |(sequence, digest, _): &&(SequenceNumber, Digest, Execution)| {
            self.vouchers(*sequence, digest, false) >= quorum
        };
        self.own_states.iter().rev().find(vouched).map(|(sequence, digest, _)| (*sequence, *digest))
    }

    /// The newest of this replica's own checkpoints that `quorum` replicas vouch for with proof, if it is new.
    pub fn newly_stable(&mut self, quorum: u32) -> Option<SequenceNumber> {
        for position in (0..self.own_states.len()).rev() {
            let (sequence, digest, _) = &self.own_states[position];
            if self.vouchers(*sequence, digest, true) >= quorum {
                self.stable = self.own_states.drain(..=position).next_back();
                return self.stable.as_ref().map(|(sequence, _, _)| *sequence);
            }
        }
        None
    }

    /// A view was built on this state: if this replica has it, it is its stable one now.
    pub fn build_on(&mut self, sequence: SequenceNumber, digest: &Digest) -> bool {
        let same = |(kept, known, _): &(SequenceNumber, Digest, Execution)| *kept == sequence && known == digest;
        let Some(position) = self.own_states.iter().position(same) else { return false };
        self.stable = self.own_states.drain(..=position).next_back();
        true
    }

    /// Whether this replica has reached this state, and still has it.
    pub fn has(&self, sequence: SequenceNumber, digest: &Digest) -> bool {
        self.own().any(|(kept, known, _)| kept == sequence && known == *digest)
    }

    /// Takes over a state that others have proven, as this replica's stable one.
    pub fn adopt(&mut self, digest: Digest, state: &Execution) {
        let sequence = state.last_executed();
        self.own_states.retain(|(kept, _, _)| *kept > sequence);
        self.stable = Some((sequence, digest, state.to_keep()));
    }

    /// The newest kept state that is not beyond `sequence`; states beyond it are dropped.
    pub fn roll_back(&mut self, sequence: SequenceNumber) -> Option<Execution> {
        self.own_states.retain(|(kept, _, _)| *kept <= sequence);
        self.own_states.back().or(self.stable.as_ref()).map(|(_, _, state)| state.to_keep())
    }

    /// The encoded state at the stable checkpoint, for a replica that lags. Cost: O(table), so it is made only when asked for.
    pub fn stable_snapshot(&self) -> Option<(SequenceNumber, Bytes)> {
        self.stable.as_ref().map(|(sequence, _, state)| (*sequence, state.snapshot()))
    }
}
