//! How a replica that missed something gets it: it asks ([`Message::Fetch`]), and the others answer with the blocks they
//! executed, with their state at a checkpoint when the blocks are gone, and with their votes. The votes for executed
//! blocks matter too: when one replica alone has executed a block, they are what lets the others follow.
//!
//! An answer counts only when f + 1 replicas give it: one of them is correct. Whoever is asked answers at most a bounded
//! amount in a bounded rate, so asking is no lever against the others.

use super::block::Block;
use super::log::Commit;
use super::message::Message;
use super::output::{Output, Timer};
use super::replica::Replica;
use crate::replica_set::ReplicaSet;
use bytes::Bytes;
use model::ids::{ReplicaId, SequenceNumber};
use std::collections::BTreeMap;

/// Most blocks in one answer.
const BLOCKS_AN_ANSWER: u64 = 64;
/// Most bytes of blocks in one answer; the first block goes whatever its size.
const BYTES_AN_ANSWER: usize = 1 << 20;
/// The least time between two answers to the same replica, µs.
const ANSWER_GAP_US: u64 = 2_000;
/// The least time between two questions, µs.
const QUESTION_GAP_US: u64 = 4_000;

/// What a replica remembers for catching up. Memory: O(replicas).
#[derive(Clone, Debug, Default)]
pub struct CatchUp {
    executed_at_last_timer: SequenceNumber,
    last_question_us: Option<u64>,
    answered_us: BTreeMap<ReplicaId, u64>,
    ahead: ReplicaSet,
}

impl Replica {
    /// Asks when nothing was executed since the last time.
    pub(super) fn on_progress_timer(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        let executed = self.execution.last_executed();
        if executed == self.catch_up.executed_at_last_timer {
            self.ask(now_us, outputs);
        }
        self.catch_up.executed_at_last_timer = executed;
        outputs.push(Output::SetTimer { timer: Timer::Progress, at_us: now_us + self.settings.retransmit_us });
    }

    /// Notes that a replica is beyond this one's window; when more than f are, this one has missed something.
    pub(super) fn note_ahead(&mut self, now_us: u64, from: ReplicaId, outputs: &mut Vec<Output>) {
        self.catch_up.ahead.insert(from);
        if self.catch_up.ahead.len() > self.table.f {
            self.catch_up.ahead = ReplicaSet::EMPTY;
            self.ask(now_us, outputs);
        }
    }

    fn ask(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        if self.catch_up.last_question_us.is_some_and(|last| now_us < last + QUESTION_GAP_US) {
            return;
        }
        self.catch_up.last_question_us = Some(now_us);
        let after = self.execution.last_executed();
        outputs.push(Output::Send { to: self.others(), message: Message::Fetch { after } });
    }

    pub(super) fn on_fetch(&mut self, now_us: u64, from: ReplicaId, after: SequenceNumber, outputs: &mut Vec<Output>) {
        if self.catch_up.answered_us.get(&from).is_some_and(|last| now_us < last + ANSWER_GAP_US) {
            return;
        }
        self.catch_up.answered_us.insert(from, now_us);
        let to = ReplicaSet::one(from);
        // A full log moves on only when its checkpoints become stable: whoever stands still may lack an announcement.
        for (sequence, digest) in self.checkpoints.own() {
            outputs.push(Output::Send { to, message: Message::Checkpoint { sequence, digest } });
        }
        let mut next = after.next();
        if after < self.log.low()
            && let Some((sequence, state)) = self.checkpoints.stable_snapshot()
        {
            outputs.push(Output::Send { to, message: Message::Snapshot { sequence, state } });
            next = sequence.next();
        }
        let last = SequenceNumber(next.0.saturating_add(BLOCKS_AN_ANSWER));
        let mut bytes = 0;
        while next < last && bytes < BYTES_AN_ANSWER {
            let Some(slot) = self.log.get(next) else { break };
            let executed = next <= self.execution.last_executed();
            if let (true, Some(block)) = (executed, &slot.block) {
                bytes += block.encoded().len();
                outputs.push(Output::Send { to, message: Message::Decided { sequence: next, block: block.clone() } });
            }
            for (role, kind) in &slot.sent {
                let Some(digest) = slot.accepted else { break };
                if !self.table.members(*role, self.leader_of(next)).contains(from) {
                    continue;
                }
                match Message::of_protocol(&self.table, (*kind, self.view, next), digest, &slot.block) {
                    // Who can use the block of an executed place has it from the line above.
                    Some(Message::Proposal { .. }) if executed => {}
                    Some(message) => {
                        if let Message::Proposal { block, .. } = &message {
                            bytes += block.encoded().len();
                        }
                        outputs.push(Output::Send { to, message });
                    }
                    None => {}
                }
            }
            next = next.next();
        }
    }

    pub(super) fn on_decided(
        &mut self,
        now_us: u64,
        from: ReplicaId,
        sequence: SequenceNumber,
        block: Block,
        outputs: &mut Vec<Output>,
    ) {
        if sequence <= self.execution.last_executed() {
            return;
        }
        let enough = self.table.f + 1;
        let Some(slot) = self.log.slot(sequence) else { return };
        if slot.decided.iter().any(|(_, voters)| voters.contains(from)) {
            return;
        }
        let digest = block.digest();
        let position = slot.decided.iter().position(|(known, _)| known.digest() == digest);
        let position = position.unwrap_or_else(|| {
            slot.decided.push((block, ReplicaSet::EMPTY));
            slot.decided.len() - 1
        });
        slot.decided[position].1.insert(from);
        if slot.decided[position].1.len() < enough {
            return;
        }
        slot.block = Some(slot.decided[position].0.clone());
        slot.accepted = Some(digest);
        slot.commit = Some(Commit::Decided);
        slot.decided.clear();
        let before = self.execution.last_executed();
        self.execute_ready(outputs);
        // Answers are cut at a bound, so there may be more: ask on as long as answers bring something new.
        if self.execution.last_executed() > before {
            self.ask(now_us, outputs);
        }
    }

    pub(super) fn on_snapshot(
        &mut self,
        now_us: u64,
        sequence: SequenceNumber,
        state: Bytes,
        outputs: &mut Vec<Output>,
    ) {
        if sequence <= self.execution.last_executed() {
            return;
        }
        let Ok(restored) = self.execution.restore(sequence, state) else {
            self.counters.refused += 1;
            return;
        };
        let digest = restored.checkpoint_digest();
        if self.checkpoints.vouchers(sequence, &digest) <= self.table.f {
            return;
        }
        self.counters.transfers += 1;
        self.checkpoints.adopt(digest, &restored);
        self.checkpoints.announce(self.settings.me, sequence, digest);
        self.execution = restored;
        self.log.truncate(sequence);
        self.execute_ready(outputs);
        self.catch_up.last_question_us = None;
        self.ask(now_us, outputs);
    }
}
