//! What an equivocating replica can say instead of the truth: all that its own blocks and its own keys allow.

use super::Twins;
use crate::engine::authentication::{Keys, Mode, sign_again, sign_view_change_again};
use crate::engine::message::{ProtocolMessage, ViewChange};
use crate::engine::{Block, Digest, Replica};
use crate::table::Table;

/// The twins that a replica can make.
#[derive(Debug)]
pub struct ReplicaTwins<'a> {
    /// Whose blocks.
    pub replica: &'a Replica,
    /// The protocol it follows otherwise.
    pub table: &'a Table,
    /// What it signs with.
    pub keys: &'a dyn Keys,
    /// How messages are authenticated.
    pub mode: Mode,
}

impl Twins for ReplicaTwins<'_> {
    fn twin(&self, digest: &Digest) -> Option<Block> {
        if self.table.trusted_counter {
            return None;
        }
        let mut requests = self.replica.block(digest)?.requests().to_vec();
        requests.reverse();
        (requests.len() > 1).then(|| Block::new(requests))
    }

    fn sign(&self, message: &mut ProtocolMessage) {
        sign_again(self.table, self.mode, self.keys, message);
    }

    fn sign_view_change(&self, change: &mut ViewChange) -> bool {
        sign_view_change_again(self.table, self.mode, self.keys, change)
    }
}
