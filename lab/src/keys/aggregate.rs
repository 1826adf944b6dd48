//! BLS12-381 signatures, short ones (signatures in G1, keys in G2), after the IETF draft's suite with proof of possession:
//! signatures of one statement by many add up to a single one of 48 bytes.

use super::life::Life;
use blst::BLST_ERROR;
use blst::min_sig::{AggregateSignature, PublicKey, SecretKey, Signature};
use bytes::Bytes;

const SUITE: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
const POSSESSION_SUITE: &[u8] = b"BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
/// Most combinations of lives that a certificate is checked against.
const MAX_COMBINATIONS: usize = 16;

/// A key that verifies; checked to be in the group when it was read.
pub(super) type AggregateKey = PublicKey;

/// A key that signs.
pub(super) struct AggregateSecret(Option<SecretKey>);

impl AggregateSecret {
    /// The key of 32 random bytes.
    pub(super) fn from_seed(seed: &[u8; 32]) -> Self {
        // Only a shorter seed is refused.
        Self(SecretKey::key_gen(seed, b"bftgym 2026-11 bls").ok())
    }

    pub(super) fn sign(&self, statement: &[u8]) -> Bytes {
        self.0
            .as_ref()
            .map_or_else(Bytes::new, |key| Bytes::copy_from_slice(&key.sign(statement, SUITE, &[]).compress()))
    }

    /// The public half, and its signature of itself.
    pub(super) fn public(&self) -> (Vec<u8>, Vec<u8>) {
        let Some(key) = self.0.as_ref() else { return (Vec::new(), Vec::new()) };
        let public = key.sk_to_pk().compress();
        let possession = key.sign(&public, POSSESSION_SUITE, &[]).compress();
        (public.to_vec(), possession.to_vec())
    }
}

/// Reads a key and checks that it is in the group.
pub(super) fn read_key(bytes: &[u8]) -> Option<AggregateKey> {
    PublicKey::key_validate(bytes).ok()
}

/// Whether the owner of a key signed it.
pub(super) fn is_possessed(key: &[u8], possession: &[u8]) -> bool {
    let (Some(public), Ok(signature)) = (read_key(key), Signature::uncompress(possession)) else { return false };
    signature.verify(true, key, POSSESSION_SUITE, &[], &public, false) == BLST_ERROR::BLST_SUCCESS
}

/// Adds signatures up. What is none is left out; the sum does not verify then.
pub(super) fn combine<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Bytes {
    let signatures: Vec<Signature> = parts.filter_map(|part| Signature::uncompress(part).ok()).collect();
    let signatures: Vec<&Signature> = signatures.iter().collect();
    match AggregateSignature::aggregate(&signatures, false) {
        Ok(sum) => Bytes::copy_from_slice(&sum.to_signature().compress()),
        Err(_) => Bytes::new(),
    }
}

/// Whether all of these keys' owners signed the statement.
pub(super) fn verify(keys: &[&AggregateKey], statement: &[u8], proof: &[u8]) -> bool {
    Signature::uncompress(proof).is_ok_and(|signature| {
        signature.fast_aggregate_verify(true, statement, SUITE, keys) == BLST_ERROR::BLST_SUCCESS
    })
}

/// Whether each of these units signed in one of its lives; the present ones are tried first.
pub(super) fn verify_any(units: &[&[Life]], statement: &[u8], proof: &[u8]) -> bool {
    let mut choice = vec![0; units.len()];
    for _ in 0..MAX_COMBINATIONS {
        let keys: Option<Vec<&AggregateKey>> =
            units.iter().zip(&choice).map(|(lives, life)| lives.get(*life).and_then(Life::bls)).collect();
        if keys.is_some_and(|keys| verify(&keys, statement, proof)) {
            return true;
        }
        // Counts up, with a digit for each unit.
        let Some(digit) = (0..units.len()).find(|digit| choice[*digit] + 1 < units[*digit].len()) else { return false };
        choice[digit] += 1;
        choice[..digit].fill(0);
    }
    false
}
