//! Ideal signatures for the simulator: tags under secrets that only the honest path of each unit uses. Nobody forges them,
//! they cost nothing worth mentioning, and they are the same on every platform.

use crate::engine::authentication::{Keys, Scheme};
use crate::replica_set::ReplicaSet;
use bytes::Bytes;
use model::ids::ReplicaId;

/// The keys of one unit of a simulation.
#[derive(Clone, Debug)]
pub struct IdealKeys {
    me: u32,
    secret: [u8; 32],
}

const TAG: usize = 16;
/// Client units count from here.
const CLIENTS: u32 = 1 << 16;

impl IdealKeys {
    /// The keys of a replica in the simulation with this seed.
    pub fn replica(seed: u64, replica: ReplicaId) -> Self {
        Self::of(seed, replica.0)
    }

    /// The keys of a client unit.
    pub fn client(seed: u64, unit: u16) -> Self {
        Self::of(seed, CLIENTS + u32::from(unit))
    }

    fn of(seed: u64, me: u32) -> Self {
        Self { me, secret: *blake3::hash(&seed.to_le_bytes()).as_bytes() }
    }

    fn tag(&self, unit: u32, statement: &[u8]) -> Bytes {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        hasher.update(&unit.to_le_bytes());
        hasher.update(statement);
        Bytes::copy_from_slice(&hasher.finalize().as_bytes()[..TAG])
    }
}

impl Keys for IdealKeys {
    fn sign_request(&self, _: Scheme, statement: &[u8]) -> Bytes {
        self.tag(self.me, statement)
    }

    fn verify_request(&self, _: Scheme, unit: u16, statement: &[u8], proof: &[u8]) -> bool {
        self.tag(CLIENTS + u32::from(unit), statement) == proof
    }

    fn sign(&self, _: Scheme, statement: &[u8]) -> Bytes {
        self.tag(self.me, statement)
    }

    fn verify(&self, scheme: Scheme, from: ReplicaId, statement: &[u8], signature: &[u8]) -> bool {
        scheme == Scheme::None || self.tag(from.0, statement) == signature
    }

    fn combine(&self, _: Scheme, parts: &[(ReplicaId, Bytes)]) -> Bytes {
        parts.iter().flat_map(|(_, tag)| tag.iter().copied()).collect()
    }

    fn verify_combined(&self, scheme: Scheme, voters: ReplicaSet, statement: &[u8], proof: &[u8]) -> bool {
        scheme == Scheme::None
            || (proof.len() == TAG * voters.len() as usize
                && voters.iter().zip(proof.chunks(TAG)).all(|(voter, tag)| self.tag(voter.0, statement) == tag))
    }
}
