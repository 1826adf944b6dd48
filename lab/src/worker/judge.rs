//! Judges messages before the engine sees them: signatures, certificates and clients' proofs.

use crate::keys::UnitKeys;
use crate::transport::Judge;
use model::ids::{ReplicaId, UnitId};
use protocol::engine::authentication::Scheme;
use protocol::engine::{Message, Sender, Settings, verify};
use protocol::table::Table;
use std::sync::Arc;

/// Judges with the unit's keys.
pub(super) struct Verifier {
    table: Arc<Table>,
    settings: Settings,
    keys: Arc<UnitKeys>,
    batch: usize,
}

impl Verifier {
    pub(super) fn new(table: Arc<Table>, settings: Settings, keys: Arc<UnitKeys>) -> Self {
        let mode = settings.mode;
        let schemes = table.messages.iter().filter_map(|info| mode.scheme(info.authentication));
        // By what a message costs to verify: about a millisecond is judged at a time.
        let batch = match schemes.chain([mode.request_scheme()]).max() {
            Some(Scheme::Bls) => 2,
            Some(Scheme::Ed25519) => 8,
            _ => 128,
        };
        Self { table, settings, keys, batch }
    }
}

impl Judge for Verifier {
    fn admits(&self, from: UnitId, message: &Message) -> bool {
        let sender = match from.0 {
            0 => return false,
            unit if unit <= self.table.n => Sender::Replica(ReplicaId(unit - 1)),
            unit => Sender::Client((unit - self.table.n - 1) as u16),
        };
        verify(&self.table, &self.settings, self.keys.as_ref(), sender, message)
    }

    fn batch(&self) -> usize {
        self.batch
    }
}
