//! What units say to each other.

use super::block::{Block, ClientId, Digest, Request};
use crate::table::{MessageId, Table};
use bytes::Bytes;
use model::ids::{SequenceNumber, View};

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
    pub payload: Bytes,
}

/// A message between units. The sender is known from the channel's authenticator.
#[derive(Clone, Debug)]
pub enum Message {
    /// Requests, from a client unit to a replica.
    Requests(Vec<Request>),
    /// A protocol message that names a block by its digest.
    Vote {
        /// Which message of the protocol.
        kind: MessageId,
        /// The sender's view.
        view: View,
        /// The place it is about.
        sequence: SequenceNumber,
        /// The block it is about.
        digest: Digest,
    },
    /// A protocol message that carries the block.
    Proposal {
        /// Which message of the protocol.
        kind: MessageId,
        /// The sender's view.
        view: View,
        /// The place it is about.
        sequence: SequenceNumber,
        /// The block.
        block: Block,
    },
    /// Results of a block's requests, for one client unit.
    Reply {
        /// The sender's view, from which clients learn who leads.
        view: View,
        /// The block's place.
        sequence: SequenceNumber,
        /// Results of the requests of this unit.
        items: Vec<ReplyItem>,
    },
    /// The sender has executed everything up to `sequence` and reached this state (OSDI '99, section 4.3).
    Checkpoint {
        /// The last executed block.
        sequence: SequenceNumber,
        /// The hash of history and state.
        digest: Digest,
    },
    /// The sender has executed up to `after` and makes no progress: whoever knows more, tell.
    Fetch {
        /// The last executed block.
        after: SequenceNumber,
    },
    /// The sender has executed this block at this place. f + 1 of these prove it.
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
}

impl Message {
    /// The protocol message of a kind, view and place about a block; none where the block itself is needed and not known.
    pub fn of_protocol(
        table: &Table,
        (kind, view, sequence): (MessageId, View, SequenceNumber),
        digest: Digest,
        block: &Option<Block>,
    ) -> Option<Self> {
        if table.messages.get(usize::from(kind.0))?.carries_block {
            let block = block.clone()?;
            Some(Self::Proposal { kind, view, sequence, block })
        } else {
            Some(Self::Vote { kind, view, sequence, digest })
        }
    }
}
