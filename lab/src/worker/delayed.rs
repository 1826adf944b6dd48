//! Messages that a fault holds back for a while.

use crate::transport::Encoded;
use model::ids::UnitId;
use std::collections::BTreeMap;

/// Most messages held back; beyond that the newest is lost.
const MAX_HELD: usize = 200_000;

/// Messages by the time at which they go out.
#[derive(Debug, Default)]
pub(super) struct Delayed {
    held: BTreeMap<(u64, u64), (UnitId, Encoded)>,
    number: u64,
}

impl Delayed {
    /// Holds a message back until `at_us`; answers whether there was room.
    pub(super) fn hold(&mut self, at_us: u64, to: UnitId, message: Encoded) -> bool {
        if self.held.len() >= MAX_HELD {
            return false;
        }
        self.number += 1;
        self.held.insert((at_us, self.number), (to, message));
        true
    }

    /// When the next one is due, µs.
    pub(super) fn next_us(&self) -> Option<u64> {
        self.held.first_key_value().map(|((at_us, _), _)| *at_us)
    }

    /// The next message that is due at `now_us`.
    pub(super) fn pop_due(&mut self, now_us: u64) -> Option<(UnitId, Encoded)> {
        let due = self.held.first_entry().filter(|entry| entry.key().0 <= now_us)?;
        Some(due.remove())
    }
}
