//! The public keys of one life of a unit, prepared for use.

use super::{PublicKeys, aggregate};
use crate::auth::{KeyPair, TagKey};
use ed25519_dalek::{Signature, VerifyingKey};

/// A unit from its start to its end.
#[derive(Debug)]
pub(super) struct Life {
    /// For tags towards it.
    pub(super) towards: TagKey,
    /// For tags from it.
    pub(super) from: TagKey,
    ed25519: Option<VerifyingKey>,
    bls: Option<aggregate::AggregateKey>,
}

impl Life {
    /// What `mine` has in common with the owner of `keys`. A key that is none verifies nothing.
    pub(super) fn new(mine: &KeyPair, keys: &PublicKeys) -> Self {
        let (towards, from) = mine.tag_keys(&keys.exchange);
        let ed25519 = VerifyingKey::from_bytes(&keys.ed25519).ok();
        Self { towards, from, ed25519, bls: aggregate::read_key(&keys.bls) }
    }

    pub(super) fn bls(&self) -> Option<&aggregate::AggregateKey> {
        self.bls.as_ref()
    }

    pub(super) fn verify_ed25519(&self, statement: &[u8], signature: &[u8]) -> bool {
        let (Some(key), Ok(signature)) = (&self.ed25519, Signature::from_slice(signature)) else { return false };
        key.verify_strict(statement, &signature).is_ok()
    }
}
