//! Certificates of checkpoints, for protocols with fewer than 3f + 1 replicas: of those who made a checkpoint stable, one
//! correct replica alone may be left when another has restarted empty-handed. Its word is not enough for one that lags; the
//! signatures of all of them are (MinBFT, section 4.3; in PBFT, OSDI '99, section 4.3, they are what makes a checkpoint stable).

use super::authentication::{Scheme, checkpoint_statement};
use super::block::Digest;
use super::checkpoint::Announced;
use super::message::Message;
use super::replica::Replica;
use crate::replica_set::ReplicaSet;
use bytes::Bytes;
use model::ids::{ReplicaId, SequenceNumber};

/// The proof that n - f replicas reached a state.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    pub(super) sequence: SequenceNumber,
    pub(super) digest: Digest,
    pub(super) voters: ReplicaSet,
    pub(super) proof: Bytes,
}

impl Replica {
    /// This replica's signature of a checkpoint; empty where the protocol makes no certificates of them.
    pub(super) fn sign_checkpoint(&self, sequence: SequenceNumber, digest: &Digest) -> Bytes {
        if !self.table.certifies_checkpoints() {
            return Bytes::new();
        }
        self.keys.sign(self.settings.mode.view_change_scheme(), &checkpoint_statement(sequence, digest))
    }

    /// The certificate of the stable checkpoint: one that was received, or made of the others' signatures.
    pub(super) fn checkpoint_certificate(&self) -> Option<Message> {
        if !self.table.certifies_checkpoints() {
            return None;
        }
        if let Some(Certificate { sequence, digest, voters, proof }) = self.checkpoints.stable_certificate().cloned() {
            return Some(Message::CheckpointCertificate { sequence, digest, voters, proof });
        }
        let scheme = self.settings.mode.view_change_scheme();
        let (sequence, digest) = self.stable_state()?;
        let mut parts = self.checkpoints.signatures(sequence, &digest);
        parts.retain(|(_, signature)| scheme == Scheme::None || !signature.is_empty());
        let quorum = (self.table.n - self.table.f) as usize;
        parts.truncate(quorum);
        if parts.len() < quorum {
            return None;
        }
        let mut voters = ReplicaSet::EMPTY;
        for (from, _) in &parts {
            voters.insert(*from);
        }
        let proof = self.keys.combine(scheme, &parts);
        Some(Message::CheckpointCertificate { sequence, digest, voters, proof })
    }

    /// Takes a certificate: all its voters have announced the checkpoint.
    pub(super) fn on_checkpoint_certificate(&mut self, certificate: Certificate) {
        let Certificate { sequence, digest, voters, .. } = certificate;
        if !self.table.certifies_checkpoints() || sequence <= self.execution.last_executed() {
            return;
        }
        let others: Vec<ReplicaId> = voters.iter().filter(|voter| *voter != self.settings.me).collect();
        for voter in others {
            self.checkpoints.announce(voter, Announced { sequence, digest, proven: true, signature: Bytes::new() });
        }
        self.checkpoints.keep_certificate(certificate);
    }
}
