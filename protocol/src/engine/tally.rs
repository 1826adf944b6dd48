//! Votes for one place, by message and block. One vote a sender and message: the first counts, others are equivocation.

use super::authentication::Certificate;
use super::block::Digest;
use crate::replica_set::ReplicaSet;
use crate::table::MessageId;
use bytes::Bytes;
use model::ids::ReplicaId;

/// Votes for one place in one view. Memory: O(senders) for each message of the protocol.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    kinds: Vec<Votes>,
    certificates: Vec<Certificate>,
}

#[derive(Clone, Debug)]
struct Votes {
    kind: MessageId,
    voters: ReplicaSet,
    digests: Vec<(Digest, ReplicaSet)>,
    /// Signatures, where the message is signed, in order of arrival.
    signatures: Vec<(ReplicaId, Bytes)>,
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
    pub fn add(&mut self, kind: MessageId, digest: Digest, from: ReplicaId, signature: Bytes) -> Vote {
        let votes = self.of_kind(kind);
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
        if !signature.is_empty() {
            votes.signatures.push((from, signature));
        }
        Vote::Counted
    }

    /// Counts the votes that a verified certificate stands for; keeps it for passing on.
    pub fn add_certificate(&mut self, certificate: Certificate) {
        let (kind, digest) = (certificate.kind, certificate.digest);
        for voter in certificate.voters.iter() {
            self.add(kind, digest, voter, Bytes::new());
        }
        if !self.certificates.iter().any(|known| known.kind == kind) {
            self.certificates.push(certificate);
        }
    }

    /// A certificate that was counted.
    pub fn certificate(&self, kind: MessageId, digest: &Digest) -> Option<&Certificate> {
        self.certificates.iter().find(|known| known.kind == kind && known.digest == *digest)
    }

    /// How many senders named this block in this message.
    pub fn count(&self, kind: MessageId, digest: &Digest) -> u32 {
        self.voters(kind, digest).len()
    }

    /// Who named this block in this message.
    pub fn voters(&self, kind: MessageId, digest: &Digest) -> ReplicaSet {
        let digests = self.votes(kind).map_or(&[][..], |votes| &votes.digests);
        digests.iter().find(|(known, _)| known == digest).map_or(ReplicaSet::EMPTY, |(_, voters)| *voters)
    }

    /// The signatures of `size` senders that named this block, lowest numbers first; fewer when there are fewer.
    pub fn signatures(&self, kind: MessageId, digest: &Digest, size: u32) -> Vec<(ReplicaId, Bytes)> {
        let voters = self.voters(kind, digest);
        let known = self.votes(kind).map_or(&[][..], |votes| &votes.signatures);
        let mut signatures: Vec<_> = known.iter().filter(|(from, _)| voters.contains(*from)).cloned().collect();
        signatures.sort_by_key(|(from, _)| *from);
        signatures.truncate(size as usize);
        signatures
    }

    /// The block that the most senders named in this message, with their number.
    pub fn leading(&self, kind: MessageId) -> Option<(Digest, u32)> {
        // Of equals the first: iteration order is the order of arrival, hence the same in every run.
        let mut best: Option<(Digest, u32)> = None;
        for (digest, voters) in self.votes(kind).map_or(&[][..], |votes| &votes.digests) {
            if best.is_none_or(|(_, count)| voters.len() > count) {
                best = Some((*digest, voters.len()));
            }
        }
        best
    }

    /// Whether nobody has voted.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    fn votes(&self, kind: MessageId) -> Option<&Votes> {
        self.kinds.iter().find(|votes| votes.kind == kind)
    }

    fn of_kind(&mut self, kind: MessageId) -> &mut Votes {
        let position = self.kinds.iter().position(|votes| votes.kind == kind).unwrap_or_else(|| {
            self.kinds.push(Votes {
                kind,
                voters: ReplicaSet::EMPTY,
                digests: Vec::with_capacity(1),
                signatures: Vec::new(),
            });
            self.kinds.len() - 1
        });
        &mut self.kinds[position]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_counts_once_and_for_one_block_only() {
        let mut tally = Tally::default();
        let kind = MessageId(3);
        let mut add = |digest, from| tally.add(kind, digest, ReplicaId(from), Bytes::new());
        assert_eq!(add([1; 32], 0), Vote::Counted);
        assert_eq!(add([1; 32], 0), Vote::Repeated);
        assert_eq!(add([2; 32], 0), Vote::Equivocation);
        assert_eq!(add([1; 32], 2), Vote::Counted);
        assert_eq!(tally.count(kind, &[1; 32]), 2);
        assert_eq!(tally.count(kind, &[2; 32]), 0);
        assert_eq!(tally.leading(kind), Some(([1; 32], 2)));
        assert_eq!(tally.leading(MessageId(4)), None);
    }

    #[test]
    fn a_certificates_votes_count_with_those_that_came_one_by_one() {
        let mut tally = Tally::default();
        let kind = MessageId(1);
        tally.add(kind, [1; 32], ReplicaId(3), Bytes::from_static(b"three"));
        tally.add_certificate(Certificate {
            kind,
            view: model::ids::View(0),
            sequence: model::ids::SequenceNumber(1),
            digest: [1; 32],
            voters: ReplicaSet::first(3),
            proof: Bytes::new(),
        });
        assert_eq!(tally.count(kind, &[1; 32]), 4);
        assert_eq!(tally.signatures(kind, &[1; 32], 3), [(ReplicaId(3), Bytes::from_static(b"three"))]);
        assert!(tally.certificate(kind, &[1; 32]).is_some());
    }
}
