//! Signatures that have been found right lately: a request comes from its client and again in a block, a certificate with
//! every message that leans on it. Looking a signature up costs a hash, verifying it a hundred times as much.

use protocol::engine::authentication::Scheme;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Entries of a generation; there are two of them.
const GENERATION: usize = 16_384;

/// What identifies a signature: who, what, and the signature itself, hashed.
pub(super) type Fingerprint = [u8; 32];

#[derive(Debug, Default)]
struct Generations {
    recent: HashSet<Fingerprint>,
    older: HashSet<Fingerprint>,
}

/// The memory. Only what holds is remembered, so that nobody can fill it without keys.
#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<Generations>);

impl Remembered {
    /// The answer of `verify`, unless it is known to be yes.
    pub(super) fn check(&self, fingerprint: Fingerprint, verify: impl FnOnce() -> bool) -> bool {
        {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if known.recent.contains(&fingerprint) || known.older.contains(&fingerprint) {
                return true;
            }
        }
        let holds = verify();
        if holds {
            self.note(fingerprint);
        }
        holds
    }

    /// Remembers a signature that is right.
    pub(super) fn note(&self, fingerprint: Fingerprint) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.recent.len() >= GENERATION {
            known.older = std::mem::take(&mut known.recent);
        }
        known.recent.insert(fingerprint);
    }

    /// Forgets everything: the keys have changed.
    pub(super) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Generations::default();
    }
}

/// Who signed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Signers {
    /// This unit.
    One(u32),
    /// These replicas together, a bit for each.
    Together(u128),
}

/// The fingerprint of a signature. One unit's never equals a certificate's.
pub(super) fn fingerprint(scheme: Scheme, signers: Signers, statement: &[u8], signature: &[u8]) -> Fingerprint {
    let mut hasher = blake3::Hasher::new();
    let (form, signers) = match signers {
        Signers::One(unit) => (1, u128::from(unit)),
        Signers::Together(bits) => (2, bits),
    };
    hasher.update(&[scheme as u8, form]);
    hasher.update(&signers.to_le_bytes());
    // The length keeps statement and signature apart.
    hasher.update(&(statement.len() as u64).to_le_bytes());
    hasher.update(statement);
    hasher.update(signature);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_holds_is_remembered_and_the_memory_is_bounded() {
        let memory = Remembered::default();
        let print = fingerprint(Scheme::Ed25519, Signers::One(3), b"statement", b"signature");
        assert!(!memory.check(print, || false));
        assert!(memory.check(print, || true));
        assert!(memory.check(print, || panic!("it is known")));
        assert_ne!(print, fingerprint(Scheme::Ed25519, Signers::One(3), b"statements", b"ignature"));
        assert_ne!(print, fingerprint(Scheme::Ed25519, Signers::One(4), b"statement", b"signature"));
        assert_ne!(print, fingerprint(Scheme::Ed25519, Signers::Together(3), b"statement", b"signature"));
        for number in 0..3 * GENERATION as u128 {
            memory.check(fingerprint(Scheme::Bls, Signers::Together(number), b"", b""), || true);
        }
        assert!(!memory.check(print, || false), "it is forgotten");
        let known = memory.0.lock().unwrap();
        assert!(known.recent.len() + known.older.len() <= 2 * GENERATION);
    }
}
