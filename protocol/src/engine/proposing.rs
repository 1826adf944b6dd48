//! Proposing: which place comes next, whether its block may go out now, and what is in it.

use super::block::Block;
use super::message::Message;
use super::output::{Output, Timer};
use super::replica::Replica;
use crate::table::{Role, StateId};
use model::ids::SequenceNumber;

/// Bytes of proposed blocks that are not executed yet; beyond it the leader waits.
const OPEN_BYTES: usize = 16 << 20;
/// A block is closed when its payloads reach this size, whatever the number of requests: it must fit a frame.
const BLOCK_BYTES: usize = 32 << 20;

/// Places that a chained protocol needs in agreement at once.
const CHAIN: u64 = 4;

impl Replica {
    /// Proposes what may be proposed now.
    pub(super) fn propose(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        if self.is_changing_view() || self.is_recovering() {
            return;
        }
        while let Some(sequence) = self.next_place() {
            let window = self.table.window.unwrap_or(u64::MAX).min(self.settings.window);
            // A chained block is executed with the third certificate after it: a smaller window would never get there.
            let window = if self.table.chained { window.max(CHAIN) } else { window };
            // Originators take turns: each must get at its place while one of them is silent.
            let turns = if self.table.proposer() == Role::Originator { 2 * u64::from(self.table.n) } else { 0 };
            let window = window.max(turns);
            let in_window =
                sequence.0 <= self.execution.last_executed().0.saturating_add(window) && self.log.holds(sequence);
            if !in_window || !self.is_proposer(sequence) || !self.predecessor_is_certified(sequence) {
                return;
            }
            let block = match self.log.get(sequence).and_then(|slot| slot.required) {
                Some(required) => match self.required_block(required) {
                    Some(block) => block,
                    None => {
                        let message = Message::FetchBlock { digest: required };
                        if self.catch_up.may_ask_for(now_us, required) {
                            outputs.push(Output::Send { to: self.others(), message });
                        }
                        return;
                    }
                },
                None => {
                    let Some(block) = self.next_block(now_us, sequence, outputs) else { return };
                    block
                }
            };
            self.next_proposal = sequence.next();
            self.counters.proposed += 1;
            if let Some(slot) = self.log.slot(sequence) {
                slot.accepted = Some(block.digest());
                slot.block = Some(block);
                slot.proposes = true;
            }
            self.advance(now_us, sequence, outputs);
            self.execute_ready(now_us, outputs);
        }
    }

    /// The next place for which this replica might propose.
    fn next_place(&mut self) -> Option<SequenceNumber> {
        let mut sequence = self.next_proposal;
        let executed = self.execution.last_executed();
        // Where carried-over places do not begin idle they need no proposal.
        let resumes_idle = self.table.view_change.as_ref().is_none_or(|rule| rule.resume == StateId::IDLE);
        let carried = |sequence| {
            resumes_idle && self.log.get(sequence).is_some_and(|slot| slot.required.is_some() && !slot.proposes)
        };
        // Carried-over places are agreed on once more even where this replica has executed them: others may not have.
        let mine = |sequence| self.leader_of(sequence) == self.settings.me;
        while sequence <= executed && !(self.log.holds(sequence) && carried(sequence) && mine(sequence)) {
            sequence = sequence.next();
        }
        if self.table.proposer() == Role::Originator {
            // The leader may have left a place empty before its originator came to it.
            let free = |sequence: SequenceNumber| {
                sequence.0 % u64::from(self.table.n) == u64::from(self.settings.me.0)
                    && self.log.get(sequence).is_none_or(|slot| slot.accepted.is_none() && slot.required.is_none())
            };
            while !free(sequence) {
                sequence = sequence.next();
            }
        } else {
            let taken = |sequence| {
                self.log.get(sequence).is_some_and(|slot| {
                    let is_others = slot.accepted.is_some() && self.leader_of(sequence) != self.settings.me;
                    // What others have executed here waits for its turn: nothing else may take its place.
                    let is_decided = slot.commit.is_some() && slot.required.is_none();
                    !slot.proposes && (is_others || is_decided)
                })
            };
            while taken(sequence) {
                sequence = sequence.next();
            }
        }
        self.next_proposal = sequence;
        Some(sequence)
    }

    fn is_proposer(&self, sequence: SequenceNumber) -> bool {
        let carried = self.log.get(sequence).is_some_and(|slot| slot.required.is_some());
        let role = if carried { Role::Primary } else { self.table.proposer() };
        self.members(role, sequence).contains(self.settings.me)
    }

    /// Chained protocols: a block goes out with the certificate of the one before.
    fn predecessor_is_certified(&self, sequence: SequenceNumber) -> bool {
        if !self.table.chained {
            return true;
        }
        let Some(rule) = self.table.messages.iter().filter_map(|info| info.certificate).find(|rule| rule.previous)
        else {
            return true;
        };
        let previous = SequenceNumber(sequence.0.saturating_sub(1));
        self.is_settled(previous)
            || self
                .log
                .get(previous)
                .is_some_and(|slot| slot.accepted.is_some_and(|digest| slot.tally.count(rule.of, &digest) >= rule.size))
    }

    /// Whether a place needs no certificate any more: it was agreed on in an earlier view, or forgotten.
    pub(super) fn is_settled(&self, sequence: SequenceNumber) -> bool {
        sequence <= self.log.low() || sequence <= self.view_changes.base()
    }

    /// The block of the carried-over digest: the empty one, or one that is in the log.
    pub(super) fn required_block(&self, digest: super::block::Digest) -> Option<Block> {
        if digest == Block::empty_digest() { Some(Block::empty()) } else { self.log.block(&digest).cloned() }
    }

    /// A block of waiting requests, when it is time for one; sets the timer when it will be later.
    fn next_block(&mut self, now_us: u64, sequence: SequenceNumber, outputs: &mut Vec<Output>) -> Option<Block> {
        let drives = self.table.chained && self.has_open_requests(sequence);
        if self.queue.is_empty() && !drives || self.log.open_bytes(self.execution.last_executed()) > OPEN_BYTES {
            return None;
        }
        let full = self.queue.len() >= self.settings.block_size || drives;
        let batch_due = self.queue.oldest_us().unwrap_or(now_us) + self.settings.batch_timeout_us;
        let gap_due = self.last_proposal_us.map_or(0, |last| last.saturating_add(self.proposal_gap_us));
        let due = if full { gap_due } else { gap_due.max(batch_due) };
        if due > now_us {
            if self.propose_timer_us != Some(due) {
                self.propose_timer_us = Some(due);
                outputs.push(Output::SetTimer { timer: Timer::Propose, at_us: due });
            }
            return None;
        }
        loop {
            let mut requests = self.queue.take(self.settings.block_size, BLOCK_BYTES);
            let none_left = requests.is_empty();
            requests.retain(|request| !self.execution.is_old(request.client, request.timestamp));
            if !requests.is_empty() || drives {
                self.last_proposal_us = Some(now_us);
                return Some(Block::new(requests));
            }
            if none_left {
                return None;
            }
        }
    }

    /// Whether a block with requests needs the certificate that this place's block carries on: the third after it tells
    /// everybody that it is committed.
    fn has_open_requests(&self, before: SequenceNumber) -> bool {
        (1..CHAIN).any(|back| {
            let place = before.0.checked_sub(back).map(SequenceNumber);
            let block = place.and_then(|place| self.log.get(place)).and_then(|slot| slot.block.as_ref());
            block.is_some_and(|block| !block.requests().is_empty())
        })
    }
}
