//! Taking fields off the front of shared bytes, every length checked against what is there.

use super::authentication::Certificate;
use super::block::{Block, ClientId, Digest, Request};
use super::codec::{DecodeError, MAX_REQUESTS, REQUEST_HEADER_BYTES};
use super::message::{Claim, ProtocolMessage, ReplyItem, ViewChange};
use super::payload::{DETACHED_FROM_BYTES, Payload};
use crate::replica_set::ReplicaSet;
use crate::table::MessageId;
use bytes::{Buf, Bytes};
use model::ids::{ReplicaId, SequenceNumber, View};

/// Most claims in a view change: more places than any window has.
const MAX_CLAIMS: usize = 400_000;
/// Most blocks in a claim.
const MAX_CLAIMED_BLOCKS: usize = 16;

/// Takes fields off the front of shared bytes.
#[derive(Debug)]
pub struct Reader {
    bytes: Bytes,
    detached_bytes: usize,
}

impl Reader {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: Bytes) -> Self {
        Self { bytes, detached_bytes: 0 }
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

    /// Sixteen bytes: a set of replicas.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn set(&mut self) -> Result<ReplicaSet, DecodeError> {
        self.need(16)?;
        Ok(ReplicaSet::from_bits(self.bytes.get_u128_le()))
    }

    /// Bytes with a two-byte length.
    ///
    /// # Errors
    /// When there are fewer than the length says.
    pub fn short(&mut self) -> Result<Bytes, DecodeError> {
        let length = usize::from(self.u16()?);
        self.need(length)?;
        Ok(self.bytes.split_to(length))
    }

    /// One byte that is 0 or 1.
    ///
    /// # Errors
    /// When it is neither, or not there.
    pub fn flag(&mut self) -> Result<bool, DecodeError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::OutOfBounds),
        }
    }

    pub(super) fn place(&mut self) -> Result<(View, SequenceNumber, Digest), DecodeError> {
        Ok((View(self.u64()?), SequenceNumber(self.u64()?), self.digest()?))
    }

    pub(super) fn protocol(&mut self, with_block: bool) -> Result<ProtocolMessage, DecodeError> {
        let (kind, view, sequence) = (MessageId(self.u8()?), View(self.u64()?), SequenceNumber(self.u64()?));
        let signature = self.short()?;
        let certificate = match self.u8()? {
            0 => None,
            1 => {
                let kind = MessageId(self.u8()?);
                let (view, sequence, digest) = self.place()?;
                let (voters, proof) = (self.set()?, self.payload()?);
                Some(Box::new(Certificate { kind, view, sequence, digest, voters, proof }))
            }
            _ => return Err(DecodeError::OutOfBounds),
        };
        let (digest, block) = if with_block {
            let block = Block::decode(self.rest())?;
            (block.digest(), Some(block))
        } else {
            (self.digest()?, None)
        };
        Ok(ProtocolMessage { kind, view, sequence, digest, block, signature, certificate })
    }

    pub(super) fn view_change(&mut self) -> Result<ViewChange, DecodeError> {
        let (from, view, stable) = (ReplicaId(self.u32()?), View(self.u64()?), SequenceNumber(self.u64()?));
        let count = self.count(40, MAX_CLAIMS)?;
        let mut checkpoints = Vec::with_capacity(count);
        for _ in 0..count {
            checkpoints.push((SequenceNumber(self.u64()?), self.digest()?));
        }
        let count = self.count(13, MAX_CLAIMS)?;
        let mut claims = Vec::with_capacity(count);
        for _ in 0..count {
            let sequence = SequenceNumber(self.u64()?);
            let blocks = self.count(40, MAX_CLAIMED_BLOCKS)?;
            let has_proven = match self.u8()? {
                0 => false,
                1 if blocks > 0 => true,
                _ => return Err(DecodeError::OutOfBounds),
            };
            let mut accepted = Vec::with_capacity(blocks);
            for _ in 0..blocks {
                accepted.push((View(self.u64()?), self.digest()?));
            }
            let proven = has_proven.then(|| accepted.remove(0));
            claims.push(Claim { sequence, proven, accepted });
        }
        Ok(ViewChange { from, view, stable, checkpoints, claims, signature: self.short()? })
    }

    pub(super) fn payload(&mut self) -> Result<Bytes, DecodeError> {
        let length = self.u32()? as usize;
        self.need(length)?;
        Ok(self.bytes.split_to(length))
    }

    /// A payload that stands in its list; a detached one is noted with its length, and stays empty for now.
    fn inline_payload(&mut self, position: usize, holes: &mut Vec<(usize, usize)>) -> Result<Payload, DecodeError> {
        let length = self.u32()? as usize;
        if length >= DETACHED_FROM_BYTES {
            holes.push((position, length));
            return Ok(Payload::default());
        }
        self.need(length)?;
        Ok(Payload::new(self.bytes.split_to(length)))
    }

    /// Takes the detached payloads that follow a list: `holes` are their places in it, with their lengths.
    fn detached<T>(
        &mut self,
        holes: Vec<(usize, usize)>,
        list: &mut [T],
        payload: impl Fn(&mut T) -> &mut Payload,
    ) -> Result<(), DecodeError> {
        for (position, length) in holes {
            self.need(length)?;
            self.detached_bytes += length;
            *payload(&mut list[position]) = Payload::new(self.bytes.split_to(length));
        }
        Ok(())
    }

    /// How many bytes of what was read are detached payloads.
    pub(super) fn detached_bytes(&self) -> usize {
        self.detached_bytes
    }

    pub(super) fn requests(&mut self) -> Result<Vec<Request>, DecodeError> {
        let count = self.count(REQUEST_HEADER_BYTES, MAX_REQUESTS)?;
        let (mut requests, mut holes) = (Vec::with_capacity(count), Vec::new());
        for position in 0..count {
            requests.push(Request {
                client: self.client()?,
                timestamp: self.u64()?,
                record: self.u32()?,
                compute: self.u32()?,
                reply_bytes: self.u32()?,
                read_only: self.flag()?,
                payload: self.inline_payload(position, &mut holes)?,
                proof: self.short()?,
            });
        }
        self.detached(holes, &mut requests, |request: &mut Request| &mut request.payload)?;
        Ok(requests)
    }

    pub(super) fn reply_items(&mut self) -> Result<Vec<ReplyItem>, DecodeError> {
        let count = self.count(24, MAX_REQUESTS)?;
        let (mut items, mut holes) = (Vec::with_capacity(count), Vec::new());
        for position in 0..count {
            items.push(ReplyItem {
                client: self.client()?,
                timestamp: self.u64()?,
                result: self.u64()?,
                payload: self.inline_payload(position, &mut holes)?,
            });
        }
        self.detached(holes, &mut items, |item: &mut ReplyItem| &mut item.payload)?;
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
