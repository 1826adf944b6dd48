//! The canonical encoding of messages: a tag, then fixed-width little-endian fields. It is what authenticators cover, so
//! there is exactly one encoding of each message. Detached payloads ([`super::payload`]) follow at its end, in order; what is
//! before them is its head. Decoding checks every length against what is there and never panics.

use super::block::{Block, ClientId, Digest, Request};
use super::message::{Message, ProtocolMessage, Reply, ReplyItem, ViewChange};
use super::payload::Payload;
use super::reader::Reader;
use crate::replica_set::ReplicaSet;
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
        Message::Protocol(message) => put_protocol(out, message),
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

pub(super) fn put_requests(out: &mut Vec<u8>, requests: &[Request]) {
    put_count(out, requests.len());
    for request in requests {
        put_request_body(out, request);
        put_short(out, &request.proof);
    }
}

/// Bytes of an encoded request without a detached payload.
pub(super) fn request_head_bytes(request: &Request) -> usize {
    let payload = if request.payload.is_detached() { 0 } else { request.payload.len() };
    REQUEST_HEADER_BYTES + 2 + payload + request.proof.len()
}

fn put_request_body(out: &mut Vec<u8>, request: &Request) {
    put_client(out, request.client);
    put_u64(out, request.timestamp);
    out.extend_from_slice(&request.record.to_le_bytes());
    out.extend_from_slice(&request.compute.to_le_bytes());
    out.extend_from_slice(&request.reply_bytes.to_le_bytes());
    out.push(u8::from(request.read_only));
    put_payload(out, &request.payload);
}

fn put_reply_items(out: &mut Vec<u8>, items: &[ReplyItem]) {
    put_count(out, items.len());
    for item in items {
        put_client(out, item.client);
        put_u64(out, item.timestamp);
        put_u64(out, item.result);
        put_payload(out, &item.payload);
    }
}

/// The length, and what is not detached.
fn put_payload(out: &mut Vec<u8>, payload: &Payload) {
    put_count(out, payload.len());
    if !payload.is_detached() {
        out.extend_from_slice(payload.bytes());
    }
}

fn put_protocol(out: &mut Vec<u8>, message: &ProtocolMessage) {
    out.push(if message.block.is_some() { TAG_PROPOSAL } else { TAG_VOTE });
    out.push(message.kind.0);
    put_u64(out, message.view.0);
    put_u64(out, message.sequence.0);
    put_short(out, &message.signature);
    match &message.certificate {
        None => out.push(0),
        Some(certificate) => {
            out.push(1);
            out.push(certificate.kind.0);
            put_place(out, certificate.view, certificate.sequence, &certificate.digest);
            put_joined(out, certificate.voters, &certificate.proof);
        }
    }
    // The digest of a block is computed from it: sending it along would only be a chance to lie.
    match &message.block {
        Some(block) => out.extend_from_slice(block.head()),
        None => out.extend_from_slice(&message.digest),
    }
}

fn put_view_change(out: &mut Vec<u8>, view_change: &ViewChange) {
    put_view_change_body(out, view_change);
    put_short(out, &view_change.signature);
}

fn put_view_change_body(out: &mut Vec<u8>, view_change: &ViewChange) {
    out.extend_from_slice(&view_change.from.0.to_le_bytes());
    put_u64(out, view_change.view.0);
    put_u64(out, view_change.stable.0);
    put_count(out, view_change.checkpoints.len());
    for (sequence, digest) in &view_change.checkpoints {
        put_u64(out, sequence.0);
        out.extend_from_slice(digest);
    }
    put_count(out, view_change.claims.len());
    for claim in &view_change.claims {
        put_u64(out, claim.sequence.0);
        put_count(out, usize::from(claim.proven.is_some()) + claim.accepted.len());
        out.push(u8::from(claim.proven.is_some()));
        for (view, digest) in claim.proven.iter().chain(&claim.accepted) {
            put_u64(out, view.0);
            out.extend_from_slice(digest);
        }
    }
}

pub(super) fn put_client(out: &mut Vec<u8>, client: ClientId) {
    out.extend_from_slice(&client.unit.to_le_bytes());
    out.extend_from_slice(&client.index.to_le_bytes());
}

fn put_place(out: &mut Vec<u8>, view: View, sequence: SequenceNumber, digest: &Digest) {
    put_u64(out, view.0);
    put_u64(out, sequence.0);
    out.extend_from_slice(digest);
}

fn put_u64(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&(count as u32).to_le_bytes());
}

/// Signatures: at most 64 KiB, far beyond a vector of tags for 128 replicas.
fn put_short(out: &mut Vec<u8>, bytes: &Bytes) {
    let length = bytes.len().min(usize::from(u16::MAX));
    out.extend_from_slice(&(length as u16).to_le_bytes());
    out.extend_from_slice(&bytes[..length]);
}

/// Voters with their joined signatures.
fn put_joined(out: &mut Vec<u8>, voters: ReplicaSet, proof: &Bytes) {
    out.extend_from_slice(&voters.bits().to_le_bytes());
    put_count(out, proof.len());
    out.extend_from_slice(proof);
}

#[cfg(test)]
mod tests {
    use super::super::authentication::Certificate;
    use super::super::message::Claim;
    use super::*;
    use model::ids::ReplicaId;
    use rand_chacha::ChaCha8Rng;
    use rand_core::{Rng, SeedableRng};

    fn messages() -> Vec<Message> {
        let request = Request {
            client: ClientId { unit: 1, index: 7 },
            timestamp: 9,
            record: 3,
            compute: 1,
            reply_bytes: 4,
            read_only: true,
            payload: Bytes::from_static(b"abc").into(),
            proof: Bytes::from_static(b"proof"),
        };
        let large = Request { payload: Bytes::from(vec![5; 300]).into(), ..request.clone() };
        let block = Block::new(vec![request.clone(), large.clone(), request.clone()]);
        let (kind, view, sequence, digest) = (MessageId(2), View(3), SequenceNumber(4), [7; 32]);
        let signature = Bytes::from_static(b"signed");
        let item = ReplyItem {
            client: ClientId { unit: 0, index: 1 },
            timestamp: 2,
            result: 3,
            payload: Bytes::from_static(b"xy").into(),
        };
        let large_item = ReplyItem { payload: Bytes::from(vec![6; 400]).into(), ..item.clone() };
        let items = vec![item, large_item];
        let vote = ProtocolMessage { kind, view, sequence, digest, block: None, signature, certificate: None };
        let certificate = Certificate {
            kind,
            view,
            sequence,
            digest,
            voters: ReplicaSet::first(3),
            proof: Bytes::from_static(b"joined"),
        };
        let proposal = ProtocolMessage {
            block: Some(block.clone()),
            digest: block.digest(),
            certificate: Some(Box::new(certificate)),
            ..vote.clone()
        };
        let view_change = ViewChange {
            from: ReplicaId(2),
            view,
            stable: sequence,
            checkpoints: vec![(sequence, digest)],
            claims: vec![
                Claim { sequence, proven: Some((view, digest)), accepted: vec![(view, [8; 32])] },
                Claim { sequence: sequence.next(), proven: None, accepted: vec![] },
            ],
            signature: Bytes::from_static(b"signed"),
        };
        vec![
            Message::Requests(vec![large.clone(), request, large]),
            Message::Protocol(vote),
            Message::Protocol(proposal),
            Message::Votes { kind, view, items: vec![(sequence, digest, Bytes::new())] },
            Message::Reply(Reply { view, sequence, history: digest, signature: Bytes::new(), items: items.clone() }),
            Message::ReadReply { sequence, items },
            Message::ClientCommit {
                view,
                sequence,
                history: digest,
                voters: ReplicaSet::first(3),
                proof: Bytes::from_static(b"joined"),
            },
            Message::CommitAcknowledgement { view, sequence, history: digest },
            Message::Checkpoint { sequence, digest: [1; 32], proven: true, signature: Bytes::from_static(b"by 1") },
            Message::CheckpointCertificate {
                sequence,
                digest: [1; 32],
                voters: ReplicaSet::first(2),
                proof: Bytes::from_static(b"by 0 and 1"),
            },
            Message::Fetch { view, after: sequence },
            Message::Decided { sequence, block: block.clone() },
            Message::Snapshot { sequence, state: Bytes::from_static(b"state") },
            Message::ViewChange(view_change.clone()),
            Message::NewView { view, proof: vec![view_change.clone(), view_change] },
            Message::FetchBlock { digest },
            Message::Body { block },
        ]
    }

    fn bytes_of(message: &Message) -> Vec<u8> {
        let mut out = Vec::new();
        encode(message, &mut out);
        out
    }

    #[test]
    fn every_message_reads_back_as_the_same_bytes() {
        for message in messages() {
            let bytes = bytes_of(&message);
            let again = decode(Bytes::from(bytes.clone())).unwrap();
            assert_eq!(bytes_of(&again), bytes);
        }
    }

    #[test]
    fn truncated_flipped_and_random_bytes_never_panic_and_never_allocate_beyond_their_length() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        for message in messages() {
            let bytes = bytes_of(&message);
            for cut in 0..bytes.len() {
                let _ = decode(Bytes::copy_from_slice(&bytes[..cut]));
            }
            for _ in 0..2_000 {
                let mut flipped = bytes.clone();
                let position = rng.next_u32() as usize % flipped.len();
                flipped[position] = rng.next_u32() as u8;
                let _ = decode(Bytes::from(flipped));
            }
        }
        for _ in 0..20_000 {
            let mut noise = vec![0; rng.next_u32() as usize % 80];
            rng.fill_bytes(&mut noise);
            let _ = decode(Bytes::from(noise));
        }
    }
}
