//! What has to be true of a message before the engine sees it: signatures, certificates, clients' proofs. It needs no
//! state of the engine, so that drivers do it where messages are read, in parallel.

use super::authentication::{Certificate, Keys, Scheme, checkpoint_statement, statement};
use super::block::Request;
use super::codec;
use super::message::{Message, ProtocolMessage, Reply, ViewChange};
use super::payload::DETACHED_FROM_BYTES;
use super::settings::Settings;
use crate::replica_set::ReplicaSet;
use crate::table::{CertificateRule, Table};
use model::ids::ReplicaId;

/// Who sent a message, as its channel proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A replica.
    Replica(ReplicaId),
    /// A client unit.
    Client(u16),
}

/// Whether a message is authentic in all its parts. What fails is to be dropped and counted.
pub fn verify(table: &Table, settings: &Settings, keys: &dyn Keys, from: Sender, message: &Message) -> bool {
    let verifier = Verifier { table, settings, keys };
    match (from, message) {
        (Sender::Client(unit), Message::Requests(requests)) => {
            requests.iter().all(|request| request.client.unit == unit) && verifier.requests(requests)
        }
        (Sender::Client(_), Message::ClientCommit { view, sequence, history, voters, proof }) => {
            let Some(rule) = table.commit else { return false };
            let statement = Reply::statement(*view, *sequence, history);
            verifier.is_quorum(*voters, rule.replies) && verifier.joined(table.reply, *voters, &statement, proof)
        }
        (Sender::Client(_), _) => false,
        (Sender::Replica(_), Message::Requests(requests)) => verifier.requests(requests),
        (Sender::Replica(from), Message::Protocol(message)) => verifier.protocol(from, message),
        (Sender::Replica(from), Message::Votes { kind, view, items }) => match verifier.scheme(*kind) {
            None => true,
            Some(scheme) => items.iter().all(|(sequence, digest, signature)| {
                keys.verify(scheme, from, &statement(*kind, *view, *sequence, digest), signature)
            }),
        },
        (Sender::Replica(from), Message::Reply(reply)) => match verifier.scheme(table.reply) {
            Some(scheme) if table.commit.is_some() => {
                let statement = Reply::statement(reply.view, reply.sequence, &reply.history);
                keys.verify(scheme, from, &statement, &reply.signature)
            }
            _ => true,
        },
        (Sender::Replica(from), Message::Checkpoint { sequence, digest, signature, .. }) => {
            // The beginning needs no proof.
            !table.certifies_checkpoints()
                || sequence.0 == 0
                || keys.verify(
                    settings.mode.view_change_scheme(),
                    from,
                    &checkpoint_statement(*sequence, digest),
                    signature,
                )
        }
        (Sender::Replica(_), Message::CheckpointCertificate { sequence, digest, voters, proof }) => {
            let statement = checkpoint_statement(*sequence, digest);
            table.certifies_checkpoints()
                && verifier.is_quorum(*voters, table.n - table.f)
                && keys.verify_combined(settings.mode.view_change_scheme(), *voters, &statement, proof)
        }
        (Sender::Replica(from), Message::ViewChange(change)) => change.from == from && verifier.view_change(change),
        (Sender::Replica(_), Message::NewView { proof, .. }) => proof.iter().all(|change| verifier.view_change(change)),
        // f + 1 replicas have to vouch for these, or a digest does.
        (Sender::Replica(_), _) => true,
    }
}

struct Verifier<'a> {
    table: &'a Table,
    settings: &'a Settings,
    keys: &'a dyn Keys,
}

impl Verifier<'_> {
    fn scheme(&self, kind: crate::table::MessageId) -> Option<Scheme> {
        let info = self.table.messages.get(usize::from(kind.0))?;
        self.settings.mode.scheme(info.authentication)
    }

    fn requests(&self, requests: &[Request]) -> bool {
        let scheme = self.settings.mode.request_scheme();
        if scheme == Scheme::None {
            return true;
        }
        let mut statement = Vec::with_capacity(codec::REQUEST_HEADER_BYTES + DETACHED_FROM_BYTES);
        requests.iter().all(|request| {
            statement.clear();
            codec::request_statement(request, &mut statement);
            self.keys.verify_request(scheme, request.client.unit, &statement, &request.proof)
        })
    }

    fn protocol(&self, from: ReplicaId, message: &ProtocolMessage) -> bool {
        let Some(info) = self.table.messages.get(usize::from(message.kind.0)) else { return false };
        let statement = || statement(message.kind, message.view, message.sequence, &message.digest);
        let signed = self
            .settings
            .mode
            .scheme(info.authentication)
            .is_none_or(|scheme| self.keys.verify(scheme, from, &statement(), &message.signature));
        let justified = match (&info.certificate, &message.certificate) {
            (Some(rule), Some(certificate)) => self.certificate(rule, message, certificate),
            // Whether it may be missing depends on where the replica stands.
            (Some(rule), None) => rule.previous,
            (None, certificate) => certificate.is_none(),
        };
        signed && justified && message.block.as_ref().is_none_or(|block| self.requests(block.requests()))
    }

    fn certificate(&self, rule: &CertificateRule, message: &ProtocolMessage, certificate: &Certificate) -> bool {
        let place = if rule.previous { message.sequence.0.checked_sub(1) } else { Some(message.sequence.0) };
        let about_it = certificate.kind == rule.of
            && certificate.view == message.view
            && Some(certificate.sequence.0) == place
            && (rule.previous || certificate.digest == message.digest);
        let statement = || statement(certificate.kind, certificate.view, certificate.sequence, &certificate.digest);
        about_it
            && self.is_quorum(certificate.voters, rule.size)
            && self.joined(certificate.kind, certificate.voters, &statement(), &certificate.proof)
    }

    fn is_quorum(&self, voters: ReplicaSet, size: u32) -> bool {
        voters.len() >= size && voters.intersection(ReplicaSet::first(self.table.n)) == voters
    }

    /// Whether each of the voters signed. Votes that the protocol leaves unsigned are taken on the sender's word, which
    /// the checker warns of.
    fn joined(&self, kind: crate::table::MessageId, voters: ReplicaSet, statement: &[u8], proof: &[u8]) -> bool {
        self.scheme(kind).is_none_or(|scheme| self.keys.verify_combined(scheme, voters, statement, proof))
    }

    fn view_change(&self, change: &ViewChange) -> bool {
        let mut last = change.stable;
        let last_allowed = change.stable.0.saturating_add(self.settings.log_capacity());
        let in_order = change.claims.iter().all(|claim| {
            let rises = claim.sequence > last && claim.sequence.0 <= last_allowed;
            last = claim.sequence;
            rises
        });
        in_order
            && change.from.0 < self.table.n
            && self.keys.verify(
                self.settings.mode.view_change_scheme(),
                change.from,
                &codec::view_change_statement(change),
                &change.signature,
            )
    }
}
