//! The canonical encoding of messages: a tag, then fixed-width little-endian fields. It is what authenticators cover, so
//! there is exactly one encoding of each message. Detached payloads ([`super::payload`]) follow at its end, in order; what is
//! before them is its head. Decoding checks every length against what is there and never panics.

use super::block::{Block, Request};
use super::message::{Message, ProtocolMessage, Reply, ReplyItem, ViewChange};
use super::payload::Payload;
use super::reader::Reader;
use super::writer::{
    put_count, put_joined, put_place, put_protocol, put_reply_items, put_request_body, put_requests, put_short,
    put_u64, put_view_change, put_view_change_body,
};
use crate::table::MessageId;
use bytes::Bytes;
use model::ids::{SequenceNumber, View};
use std::fmt;

/// Bytes of an encoded request without its payload and proof.
pub const REQUEST_HEADER_BYTES: usize = 31;
/// Most requests in one message.
pub const MAX_REQUESTS: usize = 100_000;

const TAG_REQUESTS: u8 = 1;
const TAG_VOTE: u8 = 2;
const TAG_PROPOSAL: u8 = 3;
const TAG_REPLY: u8 = 4;
const TAG_CHECKPOINT: u8 = 5;
const TAG_FETCH: u8 = 6;
const TAG_DECIDED: u8 = 7;
const TAG_SNAPSHOT: u8 = 8;
const TAG_VOTES: u8 = 9;
const TAG_READ_REPLY: u8 = 10;
const TAG_CLIENT_COMMIT: u8 = 11;
const TAG_COMMIT_ACKNOWLEDGEMENT: u8 = 12;
const TAG_VIEW_CHANGE: u8 = 13;
const TAG_NEW_VIEW: u8 = 14;
const TAG_FETCH_BLOCK: u8 = 15;
const TAG_BODY: u8 = 16;
const TAG_CHECKPOINT_CERTIFICATE: u8 = 17;

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// They end before the message does.
    TooShort,
    /// They go on after the message.
    TooLong,
    /// A count or a tag out of bounds.
    OutOfBounds,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TooShort => "the message ends early",
            Self::TooLong => "bytes follow the message",
            Self::OutOfBounds => "a count or a tag is out of bounds",
        })
    }
}

impl std::error::Error for DecodeError {}

/// Appends a message's encoding.
pub fn encode(message: &Message, out: &mut Vec<u8>) {
    put_head(message, out);
    detached(message).into_iter().for_each(|payload| out.extend_from_slice(payload.bytes()));
}

/// How many bytes a message's encoding has.
pub fn encoded_bytes(message: &Message) -> usize {
    let mut head = Vec::new();
    put_head(message, &mut head);
    head.len() + detached(message).iter().map(Payload::len).sum::<usize>()
}

/// The payloads that follow a message's head, in order.
pub fn detached(message: &Message) -> Vec<Payload> {
    let of_items = |items: &[ReplyItem]| collect_detached(items.iter().map(|item| &item.payload));
    match message {
        Message::Requests(requests) => collect_detached(requests.iter().map(|request| &request.payload)),
        Message::Protocol(ProtocolMessage { block: Some(block), .. })
        | Message::Decided { block, .. }
        | Message::Body { block } => block.detached().cloned().collect(),
        Message::Reply(reply) => of_items(&reply.items),
        Message::ReadReply { items, .. } => of_items(items),
        _ => Vec::new(),
    }
}

fn collect_detached<'a>(payloads: impl Iterator<Item = &'a Payload>) -> Vec<Payload> {
    payloads.filter(|payload| payload.is_detached()).cloned().collect()
}

/// Reads a message, and tells its head and the payloads that follow it apart.
///
/// # Errors
/// When the bytes are not exactly one message.
pub fn open(bytes: Bytes) -> Result<(Message, Bytes, Vec<Payload>), DecodeError> {
    let message = decode(bytes.clone())?;
    let payloads = detached(&message);
    let follow: usize = payloads.iter().map(Payload::len).sum();
    Ok((message, bytes.slice(..bytes.len() - follow), payloads))
}

/// Appends a message's encoding without detached payloads.
pub fn put_head(message: &Message, out: &mut Vec<u8>) {
    match message {
        Message::Requests(requests) => {
            out.push(TAG_REQUESTS);
            put_requests(out, requests);
        }
        Message::Protocol(message) => {
            out.push(if message.block.is_some() { TAG_PROPOSAL } else { TAG_VOTE });
            put_protocol(out, message);
        }
        Message::Votes { kind, view, items } => {
            out.push(TAG_VOTES);
            out.push(kind.0);
            put_u64(out, view.0);
            put_count(out, items.len());
            for (sequence, digest, signature) in items {
                put_u64(out, sequence.0);
                out.extend_from_slice(digest);
                put_short(out, signature);
            }
        }
        Message::Reply(reply) => {
            out.push(TAG_REPLY);
            put_u64(out, reply.view.0);
            put_u64(out, reply.sequence.0);
            out.extend_from_slice(&reply.history);
            put_short(out, &reply.signature);
            put_reply_items(out, &reply.items);
        }
        Message::ReadReply { sequence, items } => {
            out.push(TAG_READ_REPLY);
            put_u64(out, sequence.0);
            put_reply_items(out, items);
        }
        Message::ClientCommit { view, sequence, history, voters, proof } => {
            out.push(TAG_CLIENT_COMMIT);
            put_place(out, *view, *sequence, history);
            put_joined(out, *voters, proof);
        }
        Message::CommitAcknowledgement { view, sequence, history } => {
            out.push(TAG_COMMIT_ACKNOWLEDGEMENT);
            put_place(out, *view, *sequence, history);
        }
        Message::Checkpoint { sequence, digest, proven, signature } => {
            out.push(TAG_CHECKPOINT);
            out.push(u8::from(*proven));
            put_u64(out, sequence.0);
            out.extend_from_slice(digest);
            put_short(out, signature);
        }
        Message::CheckpointCertificate { sequence, digest, voters, proof } => {
            out.push(TAG_CHECKPOINT_CERTIFICATE);
            put_u64(out, sequence.0);
            out.extend_from_slice(digest);
            put_joined(out, *voters, proof);
        }
        Message::Fetch { view, after } => {
            out.push(TAG_FETCH);
            put_u64(out, view.0);
            put_u64(out, after.0);
        }
        Message::Decided { sequence, block } => {
            out.push(TAG_DECIDED);
            put_u64(out, sequence.0);
            out.extend_from_slice(block.head());
        }
        Message::Snapshot { sequence, state } => {
            out.push(TAG_SNAPSHOT);
            put_u64(out, sequence.0);
            out.extend_from_slice(state);
        }
        Message::ViewChange(view_change) => {
            out.push(TAG_VIEW_CHANGE);
            put_view_change(out, view_change);
        }
        Message::NewView { view, proof } => {
            out.push(TAG_NEW_VIEW);
            put_u64(out, view.0);
            put_count(out, proof.len());
            for view_change in proof {
                put_view_change(out, view_change);
            }
        }
        Message::FetchBlock { digest } => {
            out.push(TAG_FETCH_BLOCK);
            out.extend_from_slice(digest);
        }
        Message::Body { block } => {
            out.push(TAG_BODY);
            out.extend_from_slice(block.head());
        }
    }
}

/// What the signature of a view change covers.
pub fn view_change_statement(view_change: &ViewChange) -> Vec<u8> {
    let mut out = vec![b'c'];
    put_view_change_body(&mut out, view_change);
    out
}

/// Appends what a client's proof of a request covers: all of it but the proof; a detached payload by its hash.
pub fn request_statement(request: &Request, out: &mut Vec<u8>) {
    put_request_body(out, request);
    if let Some(digest) = request.payload.digest() {
        out.extend_from_slice(digest);
    }
}

/// Reads a message. Payloads and blocks share the given bytes.
///
/// # Errors
/// When the bytes are not exactly one message.
pub fn decode(bytes: Bytes) -> Result<Message, DecodeError> {
    let mut reader = Reader::new(bytes);
    let message = match reader.u8()? {
        TAG_REQUESTS => Message::Requests(reader.requests()?),
        TAG_VOTE => Message::Protocol(reader.protocol(false)?),
        TAG_PROPOSAL => Message::Protocol(reader.protocol(true)?),
        TAG_VOTES => {
            let (kind, view) = (MessageId(reader.u8()?), View(reader.u64()?));
            let count = reader.count(42, MAX_REQUESTS)?;
            let mut items = Vec::with_capacity(count);
            for _ in 0..count {
                items.push((SequenceNumber(reader.u64()?), reader.digest()?, reader.short()?));
            }
            Message::Votes { kind, view, items }
        }
        TAG_REPLY => Message::Reply(Reply {
            view: View(reader.u64()?),
            sequence: SequenceNumber(reader.u64()?),
            history: reader.digest()?,
            signature: reader.short()?,
            items: reader.reply_items()?,
        }),
        TAG_READ_REPLY => Message::ReadReply { sequence: SequenceNumber(reader.u64()?), items: reader.reply_items()? },
        TAG_CLIENT_COMMIT => {
            let (view, sequence, history) = reader.place()?;
            Message::ClientCommit { view, sequence, history, voters: reader.set()?, proof: reader.payload()? }
        }
        TAG_COMMIT_ACKNOWLEDGEMENT => {
            let (view, sequence, history) = reader.place()?;
            Message::CommitAcknowledgement { view, sequence, history }
        }
        TAG_CHECKPOINT => {
            let proven = reader.flag()?;
            let (sequence, digest) = (SequenceNumber(reader.u64()?), reader.digest()?);
            Message::Checkpoint { sequence, digest, proven, signature: reader.short()? }
        }
        TAG_CHECKPOINT_CERTIFICATE => {
            let (sequence, digest) = (SequenceNumber(reader.u64()?), reader.digest()?);
            Message::CheckpointCertificate { sequence, digest, voters: reader.set()?, proof: reader.payload()? }
        }
        TAG_FETCH => Message::Fetch { view: View(reader.u64()?), after: SequenceNumber(reader.u64()?) },
        TAG_DECIDED => {
            Message::Decided { sequence: SequenceNumber(reader.u64()?), block: Block::decode(reader.rest())? }
        }
        TAG_SNAPSHOT => Message::Snapshot { sequence: SequenceNumber(reader.u64()?), state: reader.rest() },
        TAG_VIEW_CHANGE => Message::ViewChange(reader.view_change()?),
        TAG_NEW_VIEW => {
            let view = View(reader.u64()?);
            let count = reader.count(30, crate::replica_set::MAX_REPLICAS as usize)?;
            let proof = (0..count).map(|_| reader.view_change()).collect::<Result<_, _>>()?;
            Message::NewView { view, proof }
        }
        TAG_FETCH_BLOCK => Message::FetchBlock { digest: reader.digest()? },
        TAG_BODY => Message::Body { block: Block::decode(reader.rest())? },
        _ => return Err(DecodeError::OutOfBounds),
    };
    reader.finish()?;
    Ok(message)
}

#[cfg(test)]
mod tests;
