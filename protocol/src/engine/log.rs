//! The places in agreement: a window of slots after the stable checkpoint.

use super::block::{Block, Digest};
use super::tally::Tally;
use crate::replica_set::ReplicaSet;
use crate::table::{MessageId, Role, StateId};
use model::ids::{SequenceNumber, View};
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
    /// When it entered that state, µs.
    pub entered_us: u64,
    /// When something was first heard of it in this view, µs.
    pub started_us: Option<u64>,
    /// The block this replica works for at this place in this view; fixed by the first quorum or proposal.
    pub accepted: Option<Digest>,
    /// The block itself, once known.
    pub block: Option<Block>,
    /// Whether this replica proposes here, with `block`.
    pub proposes: bool,
    /// The only block that may be proposed here: the view change carried it over.
    pub required: Option<Digest>,
    /// Votes of this view.
    pub tally: Tally,
    /// Set when only the order of execution is awaited.
    pub commit: Option<Commit>,
    /// What this replica has said in this view, for those who ask again.
    pub sent: Vec<(Role, MessageId)>,
    /// Who says to have executed which block here.
    pub decided: Vec<(Block, ReplicaSet)>,
    /// The block this replica has seen proven, and in which view. It outlives the view.
    pub proven: Option<(View, Digest)>,
    /// Blocks this replica accepted, each with the latest view. They outlive the view.
    pub seen: Vec<(View, Digest)>,
    /// The block that was executed here.
    pub executed: Option<Digest>,
    /// Blocks of earlier views: a later one may carry over any that was accepted.
    pub earlier: Vec<Block>,
}

/// How many accepted blocks of a place are remembered: one a view, so more would take as many faulty leaders in a row
/// without a checkpoint between them.
const SEEN_BLOCKS: usize = 8;

impl Slot {
    fn new() -> Self {
        Self {
            state: StateId::IDLE,
            entered_us: 0,
            started_us: None,
            accepted: None,
            block: None,
            proposes: false,
            required: None,
            tally: Tally::default(),
            commit: None,
            sent: Vec::new(),
            decided: Vec::new(),
            proven: None,
            seen: Vec::new(),
            executed: None,
            earlier: Vec::new(),
        }
    }

    /// Notes that this replica accepted a block in a view.
    pub fn note_seen(&mut self, view: View, digest: Digest) {
        match self.seen.iter_mut().find(|(_, known)| *known == digest) {
            Some((latest, _)) => *latest = view,
            None => {
                if self.seen.len() == SEEN_BLOCKS {
                    self.seen.remove(0);
                }
                self.seen.push((view, digest));
            }
        }
    }

    /// Forgets what belongs to the view that is over; what was seen and executed stays.
    pub fn begin_view(&mut self, state: StateId, now_us: u64) {
        self.state = state;
        self.entered_us = now_us;
        self.started_us = None;
        self.accepted = None;
        self.proposes = false;
        self.required = None;
        self.tally = Tally::default();
        self.commit = None;
        self.sent.clear();
        if let Some(block) = self.block.take()
            && !self.earlier.iter().any(|known| known.digest() == block.digest())
        {
            if self.earlier.len() == SEEN_BLOCKS {
                self.earlier.remove(0);
            }
            self.earlier.push(block);
        }
    }

    /// Whether agreement on it has begun and it is not executed. Empty blocks hold up nobody: they may well be the last.
    pub fn is_open(&self) -> bool {
        let empty = self.block.as_ref().is_some_and(|block| block.requests().is_empty());
        self.executed.is_none()
            && !empty
            && (self.accepted.is_some() || self.required.is_some() || !self.tally.is_empty())
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
        SequenceNumber(self.low.0.saturating_add(self.capacity))
    }

    /// Whether a place is in the window.
    pub fn holds(&self, sequence: SequenceNumber) -> bool {
        sequence > self.low && sequence <= self.high()
    }

    /// The slot of a place, if anything happened there.
    pub fn get(&self, sequence: SequenceNumber) -> Option<&Slot> {
        let offset = sequence.0.checked_sub(self.low.next().0)?;
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
                slot.earlier.clear();
            }
        }
    }

    /// Notes that places after `sequence` are no longer executed.
    pub fn rolled_back(&mut self, sequence: SequenceNumber) {
        while self.kept.back().is_some_and(|(kept, _)| *kept > sequence) {
            self.kept_bytes -= self.kept.pop_back().map_or(0, |(_, bytes)| bytes);
        }
        let offset = sequence.0.saturating_sub(self.low.0) as usize;
        for slot in self.slots.iter_mut().skip(offset) {
            slot.executed = None;
        }
    }

    /// The last place about which anything is known.
    pub fn last(&self) -> SequenceNumber {
        SequenceNumber(self.low.0 + self.slots.len() as u64)
    }

    /// All slots with their places, in order.
    pub fn iter(&self) -> impl Iterator<Item = (SequenceNumber, &Slot)> {
        (self.low.0 + 1..).map(SequenceNumber).zip(&self.slots)
    }

    /// All slots with their places, in order, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (SequenceNumber, &mut Slot)> {
        (self.low.0 + 1..).map(SequenceNumber).zip(&mut self.slots)
    }

    /// Bytes of the blocks after `executed`.
    pub fn open_bytes(&self, executed: SequenceNumber) -> usize {
        let offset = executed.0.saturating_sub(self.low.0) as usize;
        self.slots.iter().skip(offset).filter_map(|slot| slot.block.as_ref()).map(|block| block.bytes()).sum()
    }

    /// A block that is somewhere in the log.
    pub fn block(&self, digest: &Digest) -> Option<&Block> {
        let blocks = self.slots.iter().flat_map(|slot| slot.block.iter().chain(&slot.earlier));
        blocks.into_iter().find(|block| block.digest() == *digest)
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
            read_only: false,
            payload: Bytes::from(vec![0; 1 << 20]).into(),
            proof: Bytes::new(),
        }]);
        let mut log = Log::new(200);
        for place in 1..=100 {
            let sequence = SequenceNumber(place);
            log.slot(sequence).unwrap().block = Some(block.clone());
            log.executed(sequence, block.bytes());
        }
        let kept =
            |log: &Log| (1..=100).filter(|place| log.get(SequenceNumber(*place)).unwrap().block.is_some()).count();
        assert_eq!(kept(&log), 63);
        assert!(log.get(SequenceNumber(100)).unwrap().block.is_some());
        log.truncate(SequenceNumber(100));
        assert_eq!((log.kept_bytes, log.low()), (0, SequenceNumber(100)));
    }
}
