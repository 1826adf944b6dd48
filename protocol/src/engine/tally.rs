//! Votes for one place, by message and block. One vote a sender and message: the first counts, others are equivocation.

use super::block::Digest;
use crate::replica_set::ReplicaSet;
use crate::table::MessageId;
use model::ids::ReplicaId;

/// Votes for one place. Memory: O(senders) for each message of the protocol.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    kinds: Vec<Votes>,
}

#[derive(Clone, Debug)]
struct Votes {
    kind: MessageId,
    voters: ReplicaSet,
    digests: Vec<(Digest, ReplicaSet)>,
}

/// What became of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// It counts.
    Counted,
    /// The sender has said the same before.
    Repeated,
    /// The sender has named another block before.
    Equivocation,
}

impl Tally {
    /// Counts a vote.
    pub fn add(&mut self, kind: MessageId, digest: Digest, from: ReplicaId) -> Vote {
        let votes = match self.kinds.iter_mut().position(|votes| votes.kind == kind) {
            Some(position) => &mut self.kinds[position],
            None => {
                self.kinds.push(Votes { kind, voters: ReplicaSet::EMPTY, digests: Vec::with_capacity(1) });
                let last = self.kinds.len() - 1;
                &mut self.kinds[last]
            }
        };
        let same = votes.digests.iter_mut().find(|(known, _)| *known == digest);
        if !votes.voters.insert(from) {
            return match same {
                Some((_, voters)) if voters.contains(from) => Vote::Repeated,
                _ => Vote::Equivocation,
            };
        }
        match same {
            Some((_, voters)) => {
                voters.insert(from);
            }
            None => votes.digests.push((digest, ReplicaSet::one(from))),
        }
        Vote::Counted
    }

    /// How many senders named this block in this message.
    pub fn count(&self, kind: MessageId, digest: &Digest) -> u32 {
        self.votes(kind).iter().find(|(known, _)| known == digest).map_or(0, |(_, voters)| voters.len())
    }

    /// The block that the most senders named in this message, with their number.
    pub fn leading(&self, kind: MessageId) -> Option<(Digest, u32)> {
        // Of equals the first: iteration order is the order of arrival, hence the same in every run.
        let mut best: Option<(Digest, u32)> = None;
        for (digest, voters) in self.votes(kind) {
            if best.is_none_or(|(_, count)| voters.len() > count) {
                best = Some((*digest, voters.len()));
            }
        }
        best
    }

    fn votes(&self, kind: MessageId) -> &[(Digest, ReplicaSet)] {
        self.kinds.iter().find(|votes| votes.kind == kind).map_or(&[], |votes| &votes.digests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_counts_once_and_for_one_block_only() {
        let mut tally = Tally::default();
        let kind = MessageId(3);
        assert_eq!(tally.add(kind, [1; 32], ReplicaId(0)), Vote::Counted);
        assert_eq!(tally.add(kind, [1; 32], ReplicaId(0)), Vote::Repeated);
        assert_eq!(tally.add(kind, [2; 32], ReplicaId(0)), Vote::Equivocation);
        assert_eq!(tally.add(kind, [1; 32], ReplicaId(2)), Vote::Counted);
        assert_eq!(tally.count(kind, &[1; 32]), 2);
        assert_eq!(tally.count(kind, &[2; 32]), 0);
        assert_eq!(tally.leading(kind), Some(([1; 32], 2)));
        assert_eq!(tally.leading(MessageId(4)), None);
    }
}
