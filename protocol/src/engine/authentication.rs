//! What makes a statement credible to others than its receiver: signatures and certificates, behind one trait. The engine
//! signs through it; drivers verify through [`super::verify`] before they hand a message to the engine.

use super::block::Digest;
use super::message::{ProtocolMessage, ViewChange};
use crate::replica_set::ReplicaSet;
use crate::table::{Authentication, MessageId, Table};
use bytes::Bytes;
use model::config::ConfigTree;
use model::ids::{ReplicaId, SequenceNumber, View};
use std::fmt::Debug;

/// How statements are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// Not at all: whoever delivers a message is believed.
    None,
    /// A vector of tags, one for each replica: cheap, but a faulty sender can make some entries wrong.
    MacVector,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// BLS12-381: signatures of one statement add up to a single one.
    Bls,
}

/// The trial's choice: `benchmark.authentication`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Every message as its protocol says; certificates are lists of Ed25519 signatures, which up to some twenty voters are
    /// cheaper to verify than one BLS signature.
    #[default]
    Protocol,
    /// Nothing is authenticated, not even the channels.
    None,
    /// Tags only; certificates are vectors of tags.
    Mac,
    /// Every protocol message is signed with Ed25519.
    Ed25519,
    /// As the protocol says, but signatures are BLS ones, so that certificates are single signatures.
    Bls,
}

impl Mode {
    /// Reads the choice from a checked configuration.
    pub fn from_config(tree: &ConfigTree) -> Self {
        match tree.text("benchmark.authentication", "protocol").as_str() {
            "none" => Self::None,
            "mac" => Self::Mac,
            "ed25519" => Self::Ed25519,
            "bls" => Self::Bls,
            _ => Self::Protocol,
        }
    }

    /// The scheme for a message whose protocol asks for this authentication; none: the channel suffices.
    pub fn scheme(self, authentication: Authentication) -> Option<Scheme> {
        match (self, authentication) {
            (Self::None, Authentication::Mac) => None,
            (Self::None, _) => Some(Scheme::None),
            (Self::Ed25519, _) | (Self::Protocol, Authentication::Signature | Authentication::Aggregate) => {
                Some(Scheme::Ed25519)
            }
            (_, Authentication::Mac) => None,
            (Self::Mac, _) | (Self::Protocol, Authentication::Authenticator) => Some(Scheme::MacVector),
            (Self::Bls, _) => Some(Scheme::Bls),
        }
    }

    /// The scheme for messages of the view change, which always have to convince others.
    pub fn view_change_scheme(self) -> Scheme {
        match self {
            Self::None => Scheme::None,
            _ => Scheme::Ed25519,
        }
    }

    /// The scheme for clients' requests: tags for every replica, or a signature.
    pub fn request_scheme(self) -> Scheme {
        match self {
            Self::None => Scheme::None,
            Self::Protocol | Self::Mac => Scheme::MacVector,
            Self::Ed25519 | Self::Bls => Scheme::Ed25519,
        }
    }
}

/// The keys of one unit, and everybody's public ones.
pub trait Keys: Debug + Send + Sync {
    /// As a client unit, proves a request to all replicas.
    fn sign_request(&self, scheme: Scheme, statement: &[u8]) -> Bytes;

    /// As a replica, tells whether client unit `unit` made a request.
    fn verify_request(&self, scheme: Scheme, unit: u16, statement: &[u8], proof: &[u8]) -> bool;

    /// Signs a statement as this replica.
    fn sign(&self, scheme: Scheme, statement: &[u8]) -> Bytes;

    /// Whether `from` signed the statement.
    fn verify(&self, scheme: Scheme, from: ReplicaId, statement: &[u8], signature: &[u8]) -> bool;

    /// Joins signatures of one statement, in the order of the set, into a certificate's proof.
    fn combine(&self, scheme: Scheme, parts: &[(ReplicaId, Bytes)]) -> Bytes;

    /// Whether each of `voters` signed the statement.
    fn verify_combined(&self, scheme: Scheme, voters: ReplicaSet, statement: &[u8], proof: &[u8]) -> bool;
}

/// Keys that believe everything: the mode `none`.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoKeys;

impl Keys for NoKeys {
    fn sign_request(&self, _: Scheme, _: &[u8]) -> Bytes {
        Bytes::new()
    }

    fn verify_request(&self, _: Scheme, _: u16, _: &[u8], _: &[u8]) -> bool {
        true
    }

    fn sign(&self, _: Scheme, _: &[u8]) -> Bytes {
        Bytes::new()
    }

    fn verify(&self, _: Scheme, _: ReplicaId, _: &[u8], _: &[u8]) -> bool {
        true
    }

    fn combine(&self, _: Scheme, _: &[(ReplicaId, Bytes)]) -> Bytes {
        Bytes::new()
    }

    fn verify_combined(&self, _: Scheme, _: ReplicaSet, _: &[u8], _: &[u8]) -> bool {
        true
    }
}

/// Votes of many replicas for one block at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The votes' message.
    pub kind: MessageId,
    /// Their view.
    pub view: View,
    /// Their place.
    pub sequence: SequenceNumber,
    /// The block.
    pub digest: Digest,
    /// Who voted.
    pub voters: ReplicaSet,
    /// The joined signatures.
    pub proof: Bytes,
}

/// Signs a message anew after it was changed; without a scheme for it, the signature is emptied.
pub fn sign_again(table: &Table, mode: Mode, keys: &dyn Keys, message: &mut ProtocolMessage) {
    let info = table.messages.get(usize::from(message.kind.0));
    let scheme = info.and_then(|info| mode.scheme(info.authentication));
    message.signature = scheme.map_or_else(Bytes::new, |scheme| {
        keys.sign(scheme, &statement(message.kind, message.view, message.sequence, &message.digest))
    });
}

/// Signs a request for the next view whose content was changed; false where a trusted counter keeps its sender from that.
pub fn sign_view_change_again(table: &Table, mode: Mode, keys: &dyn Keys, change: &mut ViewChange) -> bool {
    if table.trusted_counter {
        return false;
    }
    change.signature = keys.sign(mode.view_change_scheme(), &super::codec::view_change_statement(change));
    true
}

/// What a signed checkpoint states.
pub fn checkpoint_statement(sequence: SequenceNumber, digest: &Digest) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(41);
    bytes.push(b'k');
    bytes.extend_from_slice(&sequence.0.to_le_bytes());
    bytes.extend_from_slice(digest);
    bytes
}

/// What a signed protocol message states: 50 bytes.
pub fn statement(kind: MessageId, view: View, sequence: SequenceNumber, digest: &Digest) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(50);
    bytes.extend_from_slice(&[b'v', kind.0]);
    bytes.extend_from_slice(&view.0.to_le_bytes());
    bytes.extend_from_slice(&sequence.0.to_le_bytes());
    bytes.extend_from_slice(digest);
    bytes
}
