//! The canonical encoding of messages: a tag, then fixed-width little-endian fields. It is what authenticators cover, so
//! there is exactly one encoding of each message. Decoding checks every length against what is there and never panics.

use super::block::{Block, ClientId, Digest, Request};
use super::message::{Message, ReplyItem};
use crate::table::MessageId;
use bytes::{Buf, Bytes};
use model::ids::{SequenceNumber, View};
use std::fmt;

/// Bytes of an encoded request without its payload.
pub const REQUEST_HEADER_BYTES: usize = 28;
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
    match message {
        Message::Requests(requests) => {
            out.push(TAG_REQUESTS);
            put_requests(out, requests);
        }
        Message::Vote { kind, view, sequence, digest } => {
            out.push(TAG_VOTE);
            put_header(out, *kind, *view, *sequence);
            out.extend_from_slice(digest);
        }
        Message::Proposal { kind, view, sequence, block } => {
            out.push(TAG_PROPOSAL);
            put_header(out, *kind, *view, *sequence);
            out.extend_from_slice(block.encoded());
        }
        Message::Reply { view, sequence, items } => {
            out.push(TAG_REPLY);
            out.extend_from_slice(&view.0.to_le_bytes());
            out.extend_from_slice(&sequence.0.to_le_bytes());
            out.extend_from_slice(&(items.len() as u32).to_le_bytes());
            for item in items {
                put_client(out, item.client);
                out.extend_from_slice(&item.timestamp.to_le_bytes());
                out.extend_from_slice(&item.result.to_le_bytes());
                out.extend_from_slice(&(item.payload.len() as u32).to_le_bytes());
                out.extend_from_slice(&item.payload);
            }
        }
        Message::Checkpoint { sequence, digest } => {
            out.push(TAG_CHECKPOINT);
            out.extend_from_slice(&sequence.0.to_le_bytes());
            out.extend_from_slice(digest);
        }
        Message::Fetch { after } => {
            out.push(TAG_FETCH);
            out.extend_from_slice(&after.0.to_le_bytes());
        }
        Message::Decided { sequence, block } => {
            out.push(TAG_DECIDED);
            out.extend_from_slice(&sequence.0.to_le_bytes());
            out.extend_from_slice(block.encoded());
        }
        Message::Snapshot { sequence, state } => {
            out.push(TAG_SNAPSHOT);
            out.extend_from_slice(&sequence.0.to_le_bytes());
            out.extend_from_slice(state);
        }
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
        TAG_VOTE => {
            let (kind, view, sequence) = reader.header()?;
            Message::Vote { kind, view, sequence, digest: reader.digest()? }
        }
        TAG_PROPOSAL => {
            let (kind, view, sequence) = reader.header()?;
            Message::Proposal { kind, view, sequence, block: Block::decode(reader.rest())? }
        }
        TAG_REPLY => Message::Reply {
            view: View(reader.u64()?),
            sequence: SequenceNumber(reader.u64()?),
            items: reader.reply_items()?,
        },
        TAG_CHECKPOINT => Message::Checkpoint { sequence: SequenceNumber(reader.u64()?), digest: reader.digest()? },
        TAG_FETCH => Message::Fetch { after: SequenceNumber(reader.u64()?) },
        TAG_DECIDED => {
            Message::Decided { sequence: SequenceNumber(reader.u64()?), block: Block::decode(reader.rest())? }
        }
        TAG_SNAPSHOT => Message::Snapshot { sequence: SequenceNumber(reader.u64()?), state: reader.rest() },
        _ => return Err(DecodeError::OutOfBounds),
    };
    reader.finish()?;
    Ok(message)
}

pub(super) fn put_requests(out: &mut Vec<u8>, requests: &[Request]) {
    out.extend_from_slice(&(requests.len() as u32).to_le_bytes());
    for request in requests {
        put_client(out, request.client);
        out.extend_from_slice(&request.timestamp.to_le_bytes());
        out.extend_from_slice(&request.record.to_le_bytes());
        out.extend_from_slice(&request.compute.to_le_bytes());
        out.extend_from_slice(&request.reply_bytes.to_le_bytes());
        out.extend_from_slice(&(request.payload.len() as u32).to_le_bytes());
        out.extend_from_slice(&request.payload);
    }
}

pub(super) fn put_client(out: &mut Vec<u8>, client: ClientId) {
    out.extend_from_slice(&client.unit.to_le_bytes());
    out.extend_from_slice(&client.index.to_le_bytes());
}

fn put_header(out: &mut Vec<u8>, kind: MessageId, view: View, sequence: SequenceNumber) {
    out.push(kind.0);
    out.extend_from_slice(&view.0.to_le_bytes());
    out.extend_from_slice(&sequence.0.to_le_bytes());
}

/// Takes fields off the front of shared bytes.
#[derive(Debug)]
pub struct Reader {
    bytes: Bytes,
}

impl Reader {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: Bytes) -> Self {
        Self { bytes }
    }

    fn need(&self, count: usize) -> Result<(), DecodeError> {
        if self.bytes.len() < count { Err(DecodeError::TooShort) } else { Ok(()) }
    }

    /// One byte.
    ///
    /// # Errors
    /// When there is none.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.need(1)?;
        Ok(self.bytes.get_u8())
    }

    /// Two bytes.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.need(2)?;
        Ok(self.bytes.get_u16_le())
    }

    /// Four bytes.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.need(4)?;
        Ok(self.bytes.get_u32_le())
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.need(8)?;
        Ok(self.bytes.get_u64_le())
    }

    /// A hash.
    ///
    /// # Errors
    /// When there are fewer bytes.
    pub fn digest(&mut self) -> Result<Digest, DecodeError> {
        self.need(32)?;
        let mut digest = [0; 32];
        self.bytes.copy_to_slice(&mut digest);
        Ok(digest)
    }

    /// All that is left.
    pub fn rest(&mut self) -> Bytes {
        self.bytes.split_off(0)
    }

    /// How many entries follow, each of at least `entry_bytes`: a count that cannot be true is refused before anything is
    /// allocated for it.
    ///
    /// # Errors
    /// When the count is beyond what the bytes can hold.
    pub fn count(&mut self, entry_bytes: usize, most: usize) -> Result<usize, DecodeError> {
        let count = self.u32()? as usize;
        if count > most || count.saturating_mul(entry_bytes) > self.bytes.len() {
            return Err(DecodeError::OutOfBounds);
        }
        Ok(count)
    }

    /// A client's id.
    ///
    /// # Errors
    /// When there are fewer bytes.
    pub fn client(&mut self) -> Result<ClientId, DecodeError> {
        Ok(ClientId { unit: self.u16()?, index: self.u16()? })
    }

    fn header(&mut self) -> Result<(MessageId, View, SequenceNumber), DecodeError> {
        Ok((MessageId(self.u8()?), View(self.u64()?), SequenceNumber(self.u64()?)))
    }

    fn payload(&mut self) -> Result<Bytes, DecodeError> {
        let length = self.u32()? as usize;
        self.need(length)?;
        Ok(self.bytes.split_to(length))
    }

    pub(super) fn requests(&mut self) -> Result<Vec<Request>, DecodeError> {
        let count = self.count(REQUEST_HEADER_BYTES, MAX_REQUESTS)?;
        let mut requests = Vec::with_capacity(count);
        for _ in 0..count {
            requests.push(Request {
                client: self.client()?,
                timestamp: self.u64()?,
                record: self.u32()?,
                compute: self.u32()?,
                reply_bytes: self.u32()?,
                payload: self.payload()?,
            });
        }
        Ok(requests)
    }

    fn reply_items(&mut self) -> Result<Vec<ReplyItem>, DecodeError> {
        let count = self.count(24, MAX_REQUESTS)?;
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(ReplyItem {
                client: self.client()?,
                timestamp: self.u64()?,
                result: self.u64()?,
                payload: self.payload()?,
            });
        }
        Ok(items)
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// When something is.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(DecodeError::TooLong) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::{Rng, SeedableRng};

    fn messages() -> Vec<Message> {
        let request = Request {
            client: ClientId { unit: 1, index: 7 },
            timestamp: 9,
            record: 3,
            compute: 1,
            reply_bytes: 4,
            payload: Bytes::from_static(b"abc"),
        };
        let block = Block::new(vec![request.clone(), request.clone()]);
        let (kind, view, sequence) = (MessageId(2), View(3), SequenceNumber(4));
        vec![
            Message::Requests(vec![request]),
            Message::Vote { kind, view, sequence, digest: [7; 32] },
            Message::Proposal { kind, view, sequence, block: block.clone() },
            Message::Reply {
                view,
                sequence,
                items: vec![ReplyItem {
                    client: ClientId { unit: 0, index: 1 },
                    timestamp: 2,
                    result: 3,
                    payload: Bytes::from_static(b"xy"),
                }],
            },
            Message::Checkpoint { sequence, digest: [1; 32] },
            Message::Fetch { after: sequence },
            Message::Decided { sequence, block },
            Message::Snapshot { sequence, state: Bytes::from_static(b"state") },
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
