//! The keys of a unit and what it knows of everybody else's: how statements are signed and checked.
//!
//! Public keys are vouched for by the controller, which started every unit and hands them on over channels that only it
//! and the unit can write to. A unit that is restarted has new keys; those of its earlier lives go on to verify what it
//! signed before, since certificates from then may still be needed.

mod aggregate;
mod life;
mod remembered;
mod vector;

use crate::auth::KeyPair;
use crate::error::LabError;
use aggregate::AggregateSecret;
use bytes::{Bytes, BytesMut};
use ed25519_dalek::{Signer, SigningKey};
use life::Life;
use model::ids::{ReplicaId, UnitId};
use protocol::engine::authentication::{Keys, Scheme};
use protocol::replica_set::ReplicaSet;
use remembered::{Remembered, Signers, fingerprint};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// Lives of a unit whose signatures are still accepted.
pub const LIVES: usize = 4;
const SIGNATURE_BYTES: usize = ed25519_dalek::SIGNATURE_LENGTH;

/// What others know of a unit's keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKeys {
    /// X25519, for channels and tags.
    pub exchange: [u8; 32],
    /// Ed25519.
    pub ed25519: [u8; 32],
    /// BLS12-381, in the group G2.
    pub bls: Vec<u8>,
    /// The BLS key's signature of itself: without it somebody could claim a key made from other units' keys, and sign
    /// in their name. The controller checks it before it vouches.
    pub possession: Vec<u8>,
}

impl PublicKeys {
    /// Whether these are keys, and their owner holds the secret of the one that adds up.
    pub fn are_sound(&self) -> bool {
        ed25519_dalek::VerifyingKey::from_bytes(&self.ed25519).is_ok_and(|key| !key.is_weak())
            && aggregate::is_possessed(&self.bls, &self.possession)
    }
}

/// A unit's secrets.
pub struct SecretKeys {
    exchange: KeyPair,
    ed25519: SigningKey,
    bls: AggregateSecret,
}

impl std::fmt::Debug for SecretKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecretKeys(…)")
    }
}

impl SecretKeys {
    /// Fresh ones.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, LabError> {
        let failed = |error| LabError::Specification { reason: format!("no randomness for keys: {error}") };
        let mut seeds = [[0; 32]; 2];
        seeds.iter_mut().try_for_each(|seed| getrandom::fill(seed)).map_err(failed)?;
        Ok(Self {
            exchange: KeyPair::generate().map_err(failed)?,
            ed25519: SigningKey::from_bytes(&seeds[0]),
            bls: AggregateSecret::from_seed(&seeds[1]),
        })
    }

    /// The pair for agreeing on channel keys.
    pub fn exchange(&self) -> &KeyPair {
        &self.exchange
    }

    /// What others may know.
    pub fn public(&self) -> PublicKeys {
        let (bls, possession) = self.bls.public();
        let ed25519 = self.ed25519.verifying_key().to_bytes();
        PublicKeys { exchange: self.exchange.public, ed25519, bls, possession }
    }
}

/// A unit's keys in a trial.
#[derive(Debug)]
pub struct UnitKeys {
    me: UnitId,
    replicas: u32,
    secret: Arc<SecretKeys>,
    /// By unit, each with its lives, the present one first.
    directory: RwLock<Vec<Vec<Life>>>,
    remembered: Remembered,
}

impl UnitKeys {
    /// The keys of unit `me` in a trial of so many replicas; nobody else's are known yet.
    pub fn new(me: UnitId, replicas: u32, secret: Arc<SecretKeys>) -> Self {
        let keys = Self { me, replicas, secret, directory: RwLock::default(), remembered: Remembered::default() };
        keys.learn(me, &[keys.secret.public()]);
        keys
    }

    /// Takes over the keys of a unit: all its lives, the present one first.
    pub fn learn(&self, unit: UnitId, lives: &[PublicKeys]) {
        let lives: Vec<Life> = lives.iter().take(LIVES).map(|keys| Life::new(&self.secret.exchange, keys)).collect();
        let mut directory = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        let index = unit.0 as usize;
        if directory.len() <= index {
            directory.resize_with(index + 1, Vec::new);
        }
        directory[index] = lives;
        self.remembered.clear();
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Vec<Life>>> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs as this unit, replica or client.
    fn sign_any(&self, scheme: Scheme, statement: &[u8]) -> Bytes {
        match scheme {
            Scheme::None => Bytes::new(),
            Scheme::MacVector => vector::sign(of_replicas(&self.read(), self.replicas), statement),
            Scheme::Ed25519 => Bytes::copy_from_slice(&self.secret.ed25519.sign(statement).to_bytes()),
            Scheme::Bls => self.secret.bls.sign(statement),
        }
    }

    fn verify_unit(&self, scheme: Scheme, unit: UnitId, statement: &[u8], signature: &[u8]) -> bool {
        match scheme {
            Scheme::None => true,
            // A tag costs no more than looking it up would.
            Scheme::MacVector => self.verify_anew(scheme, unit, statement, signature),
            Scheme::Ed25519 | Scheme::Bls => {
                let print = fingerprint(scheme, Signers::One(unit.0), statement, signature);
                self.remembered.check(print, || self.verify_anew(scheme, unit, statement, signature))
            }
        }
    }

    fn verify_anew(&self, scheme: Scheme, unit: UnitId, statement: &[u8], signature: &[u8]) -> bool {
        let directory = self.read();
        let Some(lives) = directory.get(unit.0 as usize) else { return false };
        let replicas = self.replicas as usize;
        lives.iter().any(|life| match scheme {
            Scheme::None => true,
            Scheme::MacVector => vector::verify(life, self.my_entry(), replicas, statement, signature),
            Scheme::Ed25519 => life.verify_ed25519(statement, signature),
            Scheme::Bls => life.bls().is_some_and(|key| aggregate::verify(&[key], statement, signature)),
        })
    }

    /// Where this unit's tag is in a vector; none for a client.
    fn my_entry(&self) -> Option<usize> {
        (1..=self.replicas).contains(&self.me.0).then(|| self.me.0 as usize - 1)
    }
}

/// The lives of the replicas.
fn of_replicas(directory: &[Vec<Life>], replicas: u32) -> impl Iterator<Item = &[Life]> {
    (1..=replicas as usize).map(|unit| directory.get(unit).map_or(&[][..], Vec::as_slice))
}

impl Keys for UnitKeys {
    fn sign_request(&self, scheme: Scheme, statement: &[u8]) -> Bytes {
        self.sign_any(scheme, statement)
    }

    fn verify_request(&self, scheme: Scheme, unit: u16, statement: &[u8], proof: &[u8]) -> bool {
        self.verify_unit(scheme, UnitId(self.replicas + 1 + u32::from(unit)), statement, proof)
    }

    fn sign(&self, scheme: Scheme, statement: &[u8]) -> Bytes {
        let signature = self.sign_any(scheme, statement);
        if scheme == Scheme::Ed25519 {
            // It comes back in certificates.
            self.remembered.note(fingerprint(scheme, Signers::One(self.me.0), statement, &signature));
        }
        signature
    }

    fn verify(&self, scheme: Scheme, from: ReplicaId, statement: &[u8], signature: &[u8]) -> bool {
        from.0 < self.replicas && self.verify_unit(scheme, UnitId(from.0 + 1), statement, signature)
    }

    fn combine(&self, scheme: Scheme, parts: &[(ReplicaId, Bytes)]) -> Bytes {
        match scheme {
            Scheme::None => Bytes::new(),
            Scheme::Bls => aggregate::combine(parts.iter().map(|(_, part)| part.as_ref())),
            // Whole vectors, so that whoever the certificate is relayed to finds its own tag of each voter.
            Scheme::MacVector | Scheme::Ed25519 => {
                let mut joined = BytesMut::with_capacity(parts.iter().map(|(_, part)| part.len()).sum());
                parts.iter().for_each(|(_, part)| joined.extend_from_slice(part));
                joined.freeze()
            }
        }
    }

    fn verify_combined(&self, scheme: Scheme, voters: ReplicaSet, statement: &[u8], proof: &[u8]) -> bool {
        if scheme == Scheme::None {
            return true;
        }
        if voters.is_empty() || voters.iter().any(|voter| voter.0 >= self.replicas) {
            return false;
        }
        let part_bytes = match scheme {
            Scheme::Bls => {
                let bits = voters.iter().fold(0, |bits, voter| bits | 1 << voter.0);
                return self.remembered.check(fingerprint(scheme, Signers::Together(bits), statement, proof), || {
                    let directory = self.read();
                    let lives: Vec<&[Life]> = voters
                        .iter()
                        .map(|voter| directory.get(voter.0 as usize + 1).map_or(&[][..], Vec::as_slice))
                        .collect();
                    aggregate::verify_any(&lives, statement, proof)
                });
            }
            Scheme::MacVector => vector::bytes(self.replicas as usize),
            _ => SIGNATURE_BYTES,
        };
        proof.len() == voters.len() as usize * part_bytes
            && voters
                .iter()
                .zip(proof.chunks_exact(part_bytes))
                .all(|(voter, part)| self.verify(scheme, voter, statement, part))
    }
}

#[cfg(test)]
mod tests;
