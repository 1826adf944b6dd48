//! What units say to each other.

use super::authentication::Certificate;
use super::block::{Block, ClientId, Digest, Request};
use super::payload::Payload;
use crate::replica_set::ReplicaSet;
use crate::table::MessageId;
use bytes::Bytes;
use model::ids::{ReplicaId, SequenceNumber, View};

/// The result of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyItem {
    /// Whose request.
    pub client: ClientId,
    /// Which request.
    pub timestamp: u64,
    /// What execution gave.
    pub result: u64,
    /// Bytes that only travel.
    pub payload: Payload,
}

/// A vote or proposal of a protocol, at one place.
#[derive(Clone, Debug)]
pub struct ProtocolMessage {
    /// Which message of the protocol.
    pub kind: MessageId,
    /// The sender's view.
    pub view: View,
    /// The place it is about.
    pub sequence: SequenceNumber,
    /// The block it is about.
    pub digest: Digest,
    /// The block itself, in messages that carry it.
    pub block: Option<Block>,
    /// The sender's signature of [`super::authentication::statement`]; empty where the channel suffices.
    pub signature: Bytes,
    /// The votes that justify it, in messages that carry a certificate.
    pub certificate: Option<Box<Certificate>>,
}

/// A message between units. The sender is known from the channel's authenticator.
#[derive(Clone, Debug)]
pub enum Message {
    /// Requests, from a client unit to a replica.
    Requests(Vec<Request>),
    /// A protocol message.
    Protocol(ProtocolMessage),
    /// Votes of one message and view for many places at once.
    Votes {
        /// Which message of the protocol.
        kind: MessageId,
        /// The sender's view.
        view: View,
        /// Places, blocks, and signatures (empty where the channel suffices).
        items: Vec<(SequenceNumber, Digest, Bytes)>,
    },
    /// Results of a block's requests, for one client unit.
    Reply(Reply),
    /// Results of read-only requests, outside of the order.
    ReadReply {
        /// The sender's last executed place.
        sequence: SequenceNumber,
        /// Results of the requests of this unit.
        items: Vec<ReplyItem>,
    },
    /// A client's proof that 2f + 1 replicas executed the same history up to a place (Zyzzyva, section 3.3).
    ClientCommit {
        /// The view of the replies.
        view: View,
        /// The place.
        sequence: SequenceNumber,
        /// The history after it.
        history: Digest,
        /// Who replied so.
        voters: ReplicaSet,
        /// Their joined signatures of the reply.
        proof: Bytes,
    },
    /// A replica's answer to a client's proof.
    CommitAcknowledgement {
        /// The view of the proof.
        view: View,
        /// The place.
        sequence: SequenceNumber,
        /// The history after it.
        history: Digest,
    },
    /// The sender has executed everything up to `sequence` and reached this state (OSDI '99, section 4.3).
    Checkpoint {
        /// The last executed block.
        sequence: SequenceNumber,
        /// The hash of history and state.
        digest: Digest,
        /// Whether a view change would keep it; false while that rests on the sender's speculation alone.
        proven: bool,
        /// Signature of [`super::authentication::checkpoint_statement`]; empty where no certificate is made of it.
        signature: Bytes,
    },
    /// Enough replicas have signed that they reached this state: one replica alone can prove it.
    CheckpointCertificate {
        /// The last executed block.
        sequence: SequenceNumber,
        /// The hash of history and state.
        digest: Digest,
        /// Who signed.
        voters: ReplicaSet,
        /// Their joined signatures.
        proof: Bytes,
    },
    /// The sender has executed up to `after` and makes no progress: whoever knows more, tell.
    Fetch {
        /// The sender's view.
        view: View,
        /// The last executed block.
        after: SequenceNumber,
    },
    /// The sender has executed this block at this place for good. f + 1 of these prove it.
    Decided {
        /// The place.
        sequence: SequenceNumber,
        /// The block.
        block: Block,
    },
    /// The sender's state at a stable checkpoint, for a replica that lags beyond the log.
    Snapshot {
        /// The checkpoint's place.
        sequence: SequenceNumber,
        /// [`super::snapshot`]'s encoding.
        state: Bytes,
    },
    /// The sender asks for the next view.
    ViewChange(ViewChange),
    /// The leader of a view begins it.
    NewView {
        /// The view.
        view: View,
        /// Why it may, and what is carried over: everybody computes the same from these.
        proof: Vec<ViewChange>,
    },
    /// Who has the block with this digest?
    FetchBlock {
        /// The digest.
        digest: Digest,
    },
    /// The block that was asked for.
    Body {
        /// The block.
        block: Block,
    },
}

impl Message {
    /// What the message is called, unless it is the protocol's own.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Requests(_) => "request",
            Self::Protocol(_) | Self::Votes { .. } => "",
            Self::Reply(_) => "reply",
            Self::ReadReply { .. } => "read-reply",
            Self::ClientCommit { .. } => "client-commit",
            Self::CommitAcknowledgement { .. } => "commit-acknowledgement",
            Self::Checkpoint { .. } => "checkpoint",
            Self::CheckpointCertificate { .. } => "checkpoint-certificate",
            Self::Fetch { .. } => "fetch",
            Self::Decided { .. } => "decided",
            Self::Snapshot { .. } => "snapshot",
            Self::ViewChange(_) => "view-change",
            Self::NewView { .. } => "new-view",
            Self::FetchBlock { .. } => "fetch-block",
            Self::Body { .. } => "body",
        }
    }
}

/// Results of a block's requests, for one client unit.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The sender's view, from which clients learn who leads.
    pub view: View,
    /// The block's place.
    pub sequence: SequenceNumber,
    /// The sender's history after the block.
    pub history: Digest,
    /// Signature of [`Reply::statement`]; empty where nobody else has to be convinced.
    pub signature: Bytes,
    /// Results of the requests of this unit.
    pub items: Vec<ReplyItem>,
}

impl Reply {
    /// In place of a history: the request was executed before a stable checkpoint, so that f + 1 replicas are believed.
    pub const FINAL: Digest = [0xff; 32];

    /// What a signed reply states.
    pub fn statement(view: View, sequence: SequenceNumber, history: &Digest) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(49);
        bytes.push(b'r');
        bytes.extend_from_slice(&view.0.to_le_bytes());
        bytes.extend_from_slice(&sequence.0.to_le_bytes());
        bytes.extend_from_slice(history);
        bytes
    }
}

/// What a replica says when it asks for a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewChange {
    /// Who.
    pub from: ReplicaId,
    /// For which view.
    pub view: View,
    /// Its stable checkpoint.
    pub stable: SequenceNumber,
    /// Its checkpoints from the stable one on.
    pub checkpoints: Vec<(SequenceNumber, Digest)>,
    /// What it has seen at places after its stable checkpoint, in order.
    pub claims: Vec<Claim>,
    /// Signature of [`super::codec::view_change_statement`].
    pub signature: Bytes,
}

/// What a replica has seen at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The place.
    pub sequence: SequenceNumber,
    /// The block it has proof for, and in which view.
    pub proven: Option<(View, Digest)>,
    /// Blocks it accepted, each with the latest view.
    pub accepted: Vec<(View, Digest)>,
}
