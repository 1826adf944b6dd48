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

/// Bytes of executed blocks that are kept for replicas that missed them; who needs more gets the next checkpoint's state.
const KEPT_BYTES: usize = 64 << 20;

/// Slots `low + 1 ..= low + capacity`. Memory: at most `capacity` slots; the bodies of executed blocks in them are
/// bounded by [`KEPT_BYTES`], those of open ones by the window.
#[derive(Clone, Debug)]
pub struct Log {
    low: SequenceNumber,
    capacity: u64,
    slots: VecDeque<Slot>,
    /// Executed places whose blocks are kept, oldest first, with their sizes.
    kept: VecDeque<(SequenceNumber, usize)>,
    kept_bytes: usize,
}

impl Log {
    /// An empty log after place 0.
    pub fn new(capacity: u64) -> Self {
        Self { low: SequenceNumber(0), capacity, slots: VecDeque::new(), kept: VecDeque::new(), kept_bytes: 0 }
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

    /// Notes that the block of a place has been executed, and lets go of the oldest executed blocks beyond the bound.
    pub fn executed(&mut self, sequence: SequenceNumber, bytes: usize) {
        self.kept.push_back((sequence, bytes));
        self.kept_bytes += bytes;
        while self.kept_bytes > KEPT_BYTES {
            let Some((oldest, bytes)) = self.kept.pop_front() else { return };
            self.kept_bytes -= bytes;
            if let Some(slot) = self.slot(oldest) {
                slot.block = None;
            }
        }
    }

    /// Forgets everything up to `sequence`.
    pub fn truncate(&mut self, sequence: SequenceNumber) {
        while self.kept.front().is_some_and(|(kept, _)| *kept <= sequence) {
            self.kept_bytes -= self.kept.pop_front().map_or(0, |(_, bytes)| bytes);
        }
        while self.low < sequence && self.slots.pop_front().is_some() {
            self.low = self.low.next();
        }
        self.low = self.low.max(sequence);
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::{ClientId, Request};
    use super::*;
    use bytes::Bytes;

    #[test]
    fn executed_blocks_are_let_go_beyond_the_bound_oldest_first() {
        let block = Block::new(vec![Request {
            client: ClientId { unit: 0, index: 0 },
            timestamp: 1,
            record: 0,
            compute: 0,
            reply_bytes: 0,
            payload: Bytes::from(vec![0; 1 << 20]),
        }]);
        let mut log = Log::new(200);
        for place in 1..=100 {
            let sequence = SequenceNumber(place);
            log.slot(sequence).unwrap().block = Some(block.clone());
            log.executed(sequence, block.encoded().len());
        }
        let kept =
            |log: &Log| (1..=100).filter(|place| log.get(SequenceNumber(*place)).unwrap().block.is_some()).count();
        assert_eq!(kept(&log), 63);
        assert!(log.get(SequenceNumber(100)).unwrap().block.is_some());
        log.truncate(SequenceNumber(100));
        assert_eq!((log.kept_bytes, log.low()), (0, SequenceNumber(100)));
    }
}
