//! Vectors of tags: one for each replica, under a key that only signer and replica know.

use super::life::Life;
use crate::auth::TAG_BYTES;
use bytes::Bytes;

/// The length of a vector.
pub(super) fn bytes(replicas: usize) -> usize {
    replicas * TAG_BYTES
}

/// Tags for all replicas, in order; zeros for one whose keys are not known.
pub(super) fn sign<'a>(replicas: impl Iterator<Item = &'a [Life]>, statement: &[u8]) -> Bytes {
    let mut tags = Vec::with_capacity(bytes(replicas.size_hint().0));
    for lives in replicas {
        let tag = lives.first().map_or([0; TAG_BYTES], |life| life.towards.tag(statement));
        tags.extend_from_slice(&tag);
    }
    tags.into()
}

/// Whether the tag at `mine` is right. A client has no entry: it takes the vector's form for granted, since the channel
/// tells it who speaks.
pub(super) fn verify(life: &Life, mine: Option<usize>, replicas: usize, statement: &[u8], vector: &[u8]) -> bool {
    if vector.len() != bytes(replicas) {
        return false;
    }
    match mine {
        Some(entry) => life.from.verify(statement, &vector[entry * TAG_BYTES..(entry + 1) * TAG_BYTES]),
        None => true,
    }
}
