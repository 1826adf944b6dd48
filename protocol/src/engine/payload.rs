//! Bytes that only travel with a request or a result.
//!
//! Large ones are *detached*: they follow at the end of a message, and whatever vouches for the message (block digests,
//! clients' proofs, tags of connections) covers their hash. It is computed once in a process, whoever asks for it.

use super::block::Digest;
use bytes::Bytes;
use std::sync::{Arc, OnceLock};

/// Payloads from this size on are detached.
pub const DETACHED_FROM_BYTES: usize = 256;

/// A payload. Cloning shares the bytes and what is known of their hash.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    bytes: Bytes,
    /// The hash, once somebody has asked for it; only detached payloads have one.
    digest: Option<Arc<OnceLock<Digest>>>,
}

impl Payload {
    /// A payload of these bytes.
    pub fn new(bytes: Bytes) -> Self {
        let digest = (bytes.len() >= DETACHED_FROM_BYTES).then(Arc::default);
        Self { bytes, digest }
    }

    /// The bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The hash of a detached payload; none for a small one, which stands in the message itself.
    pub fn digest(&self) -> Option<&Digest> {
        let digest = self.digest.as_ref()?;
        Some(digest.get_or_init(|| *blake3::hash(&self.bytes).as_bytes()))
    }

    /// Whether it follows at the end of a message.
    pub fn is_detached(&self) -> bool {
        self.digest.is_some()
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Payload {}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        Self::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_detached_payload_is_shared_by_its_copies() {
        let payload = Payload::new(Bytes::from(vec![7; DETACHED_FROM_BYTES]));
        let copy = payload.clone();
        let digest: *const Digest = payload.digest().unwrap();
        assert_eq!(digest, std::ptr::from_ref(copy.digest().unwrap()));
        assert_eq!(*copy.digest().unwrap(), *blake3::hash(payload.bytes()).as_bytes());
        assert!(Payload::new(Bytes::from_static(b"small")).digest().is_none());
    }
}
