//! The places in agreement: a window of slots after the stable checkpoint.

use super::block::{Block, Digest};
use super::tally::Tally;
use crate::replica_set::ReplicaSet;
use crate::table::{MessageId, Role, StateId};
use model::ids::SequenceNumber;
use std::collections::VecDeque;

/// How a slot came to be ready for execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// By a transition: index into the table's replica rules, state, and rule.
    Rule {
        /// Which role's rules.
        role: usize,
        /// The state it left.
        state: StateId,
        /// Which rule of it.
        rule: usize,
    },
    /// By f + 1 replicas that have executed it.
    Decided,
}

/// One place in the order.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The state of the protocol's machine.
    pub state: StateId,
    /// The block this replica works for at this place; fixed by the first quorum or proposal.
    pub accepted: Option<Digest>,
    /// The block itself, once known.
    pub block: Option<Block>,
    /// Whether this replica proposes here, with `block`.
    pub proposes: bool,
    /// Votes.
    pub tally: Tally,
    /// Set when only the order of execution is awaited.
    pub commit: Option<Commit>,
    /// What this replica has said, for those who ask again.
    pub sent: Vec<(Role, MessageId)>,
    /// Who says to have executed which block here.
    pub decided: Vec<(Block, ReplicaSet)>,
}

impl Slot {
    fn new() -> Self {
        Self {
            state: StateId::IDLE,
            accepted: None,
            block: None,
            proposes: false,
            tally: Tally::default(),
            commit: None,
            sent: Vec::new(),
            decided: Vec::new(),
        }
    }
}

/// Slots `low + 1 ..= low + capacity`. Memory: at most `capacity` slots.
#[derive(Clone, Debug)]
pub struct Log {
    low: SequenceNumber,
    capacity: u64,
    slots: VecDeque<Slot>,
}

impl Log {
    /// An empty log after place 0.
    pub fn new(capacity: u64) -> Self {
        Self { low: SequenceNumber(0), capacity, slots: VecDeque::new() }
    }

    /// The stable checkpoint: everything up to it is forgotten.
    pub fn low(&self) -> SequenceNumber {
        self.low
    }

    /// The last place that the log takes.
    pub fn high(&self) -> SequenceNumber {
        SequenceNumber(self.low.0 + self.capacity)
    }

    /// Whether a place is in the window.
    pub fn holds(&self, sequence: SequenceNumber) -> bool {
        sequence > self.low && sequence <= self.high()
    }

    /// The slot of a place, if anything happened there.
    pub fn get(&self, sequence: SequenceNumber) -> Option<&Slot> {
        let offset = sequence.0.checked_sub(self.low.0 + 1)?;
        self.slots.get(usize::try_from(offset).ok()?)
    }

    /// The slot of a place in the window, made when needed.
    pub fn slot(&mut self, sequence: SequenceNumber) -> Option<&mut Slot> {
        if !self.holds(sequence) {
            return None;
        }
        let offset = usize::try_from(sequence.0 - self.low.0 - 1).ok()?;
        while self.slots.len() <= offset {
            self.slots.push_back(Slot::new());
        }
        self.slots.get_mut(offset)
    }

    /// Forgets everything up to `sequence`.
    pub fn truncate(&mut self, sequence: SequenceNumber) {
        while self.low < sequence && self.slots.pop_front().is_some() {
            self.low = self.low.next();
        }
        self.low = self.low.max(sequence);
    }
}
