//! Requests and the blocks that order them.

use super::codec::DecodeError;
use super::payload::Payload;
use super::reader::Reader;
use super::writer;
use bytes::Bytes;
use std::sync::{Arc, LazyLock};

/// A BLAKE3 hash.
pub type Digest = [u8; 32];

/// A digest as text.
pub fn hexadecimal(digest: &Digest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A logical client: the unit it lives in and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId {
    /// The client unit, from 0.
    pub unit: u16,
    /// The logical client within the unit, from 0.
    pub index: u16,
}

/// What a client asks for: one operation on the replicated table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub client: ClientId,
    /// Grows with each request of the client; a request is executed once.
    pub timestamp: u64,
    /// The record to update; counted modulo the size of the table.
    pub record: u32,
    /// Rounds of computation at execution.
    pub compute: u32,
    /// How many bytes the reply carries besides the result.
    pub reply_bytes: u32,
    /// Whether it only reads, so that replicas may answer it outside of the order.
    pub read_only: bool,
    /// Bytes that only travel.
    pub payload: Payload,
    /// The client's proof that the request is its own: a tag for each replica, or a signature.
    pub proof: Bytes,
}

/// Requests with a place in the agreed order. Cloning shares the data.
#[derive(Clone, Debug)]
pub struct Block {
    head: Bytes,
    bytes: usize,
    digest: Digest,
    requests: Arc<[Request]>,
}

impl Block {
    /// Makes a block of requests. Detached payloads are shared with them.
    pub fn new(requests: Vec<Request>) -> Self {
        let size = 4 + requests.iter().map(writer::request_head_bytes).sum::<usize>();
        let mut head = Vec::with_capacity(size);
        writer::put_requests(&mut head, &requests);
        Self::of(Bytes::from(head), requests)
    }

    fn of(head: Bytes, requests: Vec<Request>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&head);
        let mut bytes = head.len();
        for payload in requests.iter().map(|request| &request.payload) {
            if let Some(digest) = payload.digest() {
                hasher.update(digest);
                bytes += payload.len();
            }
        }
        let digest = *hasher.finalize().as_bytes();
        Self { head, bytes, digest, requests: requests.into() }
    }

    /// The block without requests.
    pub fn empty() -> Self {
        Self::new(Vec::new())
    }

    /// The digest of the block without requests.
    pub fn empty_digest() -> Digest {
        static EMPTY: LazyLock<Digest> = LazyLock::new(|| Block::empty().digest());
        *EMPTY
    }

    /// Reads a block and computes its digest.
    ///
    /// # Errors
    /// When the bytes are not a block.
    pub fn decode(encoded: Bytes) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(encoded.clone());
        let requests = reader.requests()?;
        reader.finish()?;
        Ok(Self::of(encoded.slice(..encoded.len() - reader.detached_bytes()), requests))
    }

    /// The canonical bytes without detached payloads.
    pub fn head(&self) -> &Bytes {
        &self.head
    }

    /// The payloads that follow the head.
    pub fn detached(&self) -> impl Iterator<Item = &Payload> {
        self.requests.iter().map(|request| &request.payload).filter(|payload| payload.is_detached())
    }

    /// How many bytes the block has, payloads included.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The hash of the head and of the hashes of detached payloads: it stands for all bytes of the block.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The requests in their order.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }
}
