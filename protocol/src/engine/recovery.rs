//! A replica that restarts without memory must not contradict what it said before. It may have voted at any place of
//! the log it then had, which reached at most one log's length beyond a checkpoint that others know. So it listens,
//! executes what the others decide, and stays silent about places up to there (in the spirit of the estimation in Castro
//! and Liskov, TOCS 2002, section 5.1). Until then it counts as one of the f faulty replicas.
//!
//! One gap stays: a view change that it asked for in its last moments is forgotten, so that during that one view change
//! it must not be among f other faulty replicas.

use super::replica::Replica;
use model::ids::{ReplicaId, SequenceNumber};
use std::collections::BTreeMap;

/// Where a recovering replica stands.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    active: bool,
    heard: BTreeMap<ReplicaId, SequenceNumber>,
    silent_until: Option<SequenceNumber>,
}

impl Recovery {
    /// Begins it.
    pub fn begin(&mut self) {
        self.active = true;
    }
}

impl Replica {
    /// Whether this replica is still silent.
    pub fn is_recovering(&self) -> bool {
        self.recovery.active
    }

    /// Whether this replica must not speak about a place.
    pub(super) fn is_recovering_at(&self, sequence: SequenceNumber) -> bool {
        self.recovery.active && self.recovery.silent_until.is_none_or(|until| sequence <= until)
    }

    /// Notes a checkpoint that another replica announced. Its own stable checkpoint had n - f - 1 others behind it: among
    /// any 2f others are f of them, and one of these is correct, since this replica is itself one of the f faulty ones.
    pub(super) fn note_checkpoint_of(&mut self, from: ReplicaId, sequence: SequenceNumber) {
        if !self.recovery.active || self.recovery.silent_until.is_some() {
            return;
        }
        let known = self.recovery.heard.entry(from).or_default();
        *known = sequence.max(*known);
        if self.recovery.heard.len() as u32 >= 2 * self.table.f {
            let newest = self.recovery.heard.values().max().copied().unwrap_or_default();
            self.recovery.silent_until = Some(SequenceNumber(newest.0.saturating_add(self.settings.log_capacity())));
        }
    }

    /// Speaks again once its own stable checkpoint lies beyond everything it may have voted for.
    pub(super) fn check_recovered(&mut self) {
        if self.recovery.active && self.recovery.silent_until.is_some_and(|until| self.log.low() >= until) {
            self.recovery = Recovery::default();
        }
    }
}
