//! How a replica that missed something gets it: it asks ([`Message::Fetch`]), and the others answer with the blocks they
//! executed, with their state at a checkpoint when the blocks are gone, and with their votes. The votes for executed
//! blocks matter too: when one replica alone has executed a block, they are what lets the others follow.
//!
//! An answer counts only when f + 1 replicas give it: one of them is correct. Whoever is asked answers at most a bounded
//! amount in a bounded rate, so asking is no lever against the others.

use super::block::{Block, Digest};
use super::checkpoint::Announced;
use super::log::Commit;
use super::message::Message;
use super::output::{Output, Timer};
use super::replica::Replica;
use crate::replica_set::ReplicaSet;
use bytes::Bytes;
use model::ids::{ReplicaId, SequenceNumber, View};
use std::collections::BTreeMap;

/// Most places in all answers to one question. Among four replicas each tells as many as a log of the usual size has:
/// whoever got fewer in the time of a question and its answer than the others decide in that time would never catch up.
const PLACES_A_QUESTION: u64 = 1_536;
/// But each replica tells so many at least, and for so many the votes, each of which costs a signature.
const LEAST_AN_ANSWER: u64 = 64;
/// Most bytes of blocks in one answer; the first block goes whatever its size.
const BYTES_AN_ANSWER: usize = 1 << 20;
/// The least time between two answers to the same replica, µs.
const ANSWER_GAP_US: u64 = 2_000;
/// The least time between two questions, µs.
const QUESTION_GAP_US: u64 = 4_000;
/// How long answers to a question may take before it counts as lost, µs. On a machine that is behind with its work, asking
/// again earlier would only add to what everybody has to do. It bounds as well how long one replica can keep this one from
/// asking, by seeming to answer.
const ANSWER_PATIENCE_US: u64 = 50_000;

/// What a replica remembers for catching up. Memory: O(replicas).
#[derive(Clone, Debug, Default)]
pub struct CatchUp {
    executed_at_last_timer: SequenceNumber,
    /// When this replica asked last, and where it stood.
    last_question: Option<(u64, SequenceNumber)>,
    answered_us: BTreeMap<(ReplicaId, Answer), u64>,
    asked_for: Option<(Digest, u64)>,
    ahead: ReplicaSet,
}

/// What is answered at most every so often to one replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    /// What it missed.
    Missed,
    /// How the view began.
    Beginning,
}

impl CatchUp {
    /// Whether a replica may be answered now; notes that it is.
    pub(super) fn may_answer(&mut self, now_us: u64, to: ReplicaId, answer: Answer) -> bool {
        if self.answered_us.get(&(to, answer)).is_some_and(|last| now_us < last + ANSWER_GAP_US) {
            return false;
        }
        self.answered_us.insert((to, answer), now_us);
        true
    }

    /// Whether it is time to ask for a block; notes that it is asked for.
    pub(super) fn may_ask_for(&mut self, now_us: u64, digest: Digest) -> bool {
        if self.asked_for.is_some_and(|(known, last)| known == digest && now_us < last + QUESTION_GAP_US) {
            return false;
        }
        self.asked_for = Some((digest, now_us));
        true
    }
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

    /// Asks all others for what this replica has missed.
    pub(super) fn ask(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        let after = self.execution.last_executed();
        // Somebody's answer goes further than f + 1 of them do yet: theirs are on their way.
        let answering = self.log.get(after.next()).is_some_and(|slot| !slot.decided.is_empty());
        let too_early = self.catch_up.last_question.is_some_and(|(last_us, stood)| {
            now_us < last_us + if after > stood && !answering { QUESTION_GAP_US } else { ANSWER_PATIENCE_US }
        });
        if too_early {
            return;
        }
        self.catch_up.last_question = Some((now_us, after));
        outputs.push(Output::Send { to: self.others(), message: Message::Fetch { view: self.view, after } });
    }

    /// Asks for the block that this place needs to be executed.
    pub(super) fn ask_for_block(&mut self, now_us: u64, sequence: SequenceNumber, outputs: &mut Vec<Output>) {
        let Some(digest) = self.log.get(sequence).and_then(|slot| slot.accepted) else { return };
        if self.catch_up.may_ask_for(now_us, digest) {
            outputs.push(Output::Send { to: self.others(), message: Message::FetchBlock { digest } });
        }
    }

    pub(super) fn on_fetch_block(&mut self, from: ReplicaId, digest: &Digest, outputs: &mut Vec<Output>) {
        if let Some(block) = self.log.block(digest) {
            let message = Message::Body { block: block.clone() };
            outputs.push(Output::Send { to: ReplicaSet::one(from), message });
        }
    }

    /// Takes a block that was asked for: its digest proves it.
    pub(super) fn on_body(&mut self, now_us: u64, block: Block, outputs: &mut Vec<Output>) {
        let digest = block.digest();
        for (_, slot) in self.log.iter_mut() {
            let wanted = slot.accepted == Some(digest) || (slot.accepted.is_none() && slot.required == Some(digest));
            if wanted && slot.block.is_none() {
                slot.block = Some(block.clone());
            }
        }
        self.execute_ready(now_us, outputs);
    }

    pub(super) fn on_fetch(
        &mut self,
        now_us: u64,
        from: ReplicaId,
        view: View,
        after: SequenceNumber,
        outputs: &mut Vec<Output>,
    ) {
        if !self.catch_up.may_answer(now_us, from, Answer::Missed) {
            return;
        }
        if view < self.view {
            self.tell_beginning(now_us, from, outputs);
        }
        let to = ReplicaSet::one(from);
        // A full log moves on only when its checkpoints become stable: whoever stands still may lack an announcement.
        let me = self.settings.me;
        let mut announced = 0;
        for (sequence, digest, stable) in self.checkpoints.own() {
            let proven = stable || self.checkpoints.vouches(me, sequence, &digest);
            let signature = self.sign_checkpoint(sequence, &digest);
            outputs.push(Output::Send { to, message: Message::Checkpoint { sequence, digest, proven, signature } });
            announced += 1;
        }
        if announced == 0 {
            // A replica that recovers counts the answers, of those too who have no checkpoint yet.
            let (sequence, digest) = (SequenceNumber(0), [0; 32]);
            let message = Message::Checkpoint { sequence, digest, proven: true, signature: Bytes::new() };
            outputs.push(Output::Send { to, message });
        }
        let mut next = after.next();
        if after < self.log.low()
            && let Some((sequence, state)) = self.checkpoints.stable_snapshot()
        {
            outputs.extend(self.checkpoint_certificate().map(|message| Output::Send { to, message }));
            outputs.push(Output::Send { to, message: Message::Snapshot { sequence, state } });
            next = sequence.next();
        }
        let places = PLACES_A_QUESTION / u64::from(self.table.n.saturating_sub(1).max(1));
        let last = SequenceNumber(next.0.saturating_add(places.max(LEAST_AN_ANSWER)));
        let last_with_votes = SequenceNumber(next.0.saturating_add(LEAST_AN_ANSWER));
        let mut bytes = 0;
        while next < last && bytes < BYTES_AN_ANSWER {
            let Some(slot) = self.log.get(next) else { break };
            let executed = next <= self.last_final();
            if let (true, Some(block)) = (executed && slot.executed.is_some(), &slot.block) {
                bytes += block.bytes();
                outputs.push(Output::Send { to, message: Message::Decided { sequence: next, block: block.clone() } });
            }
            let Some(digest) = slot.accepted.filter(|_| next < last_with_votes) else {
                next = next.next();
                continue;
            };
            for (role, kind) in slot.sent.clone() {
                if !self.members(role, next).contains(from) || self.is_changing_view() {
                    continue;
                }
                match self.protocol_message(kind, next, digest) {
                    // Who can use the block of an executed place has it from the line above.
                    Some(message) if message.block.is_some() && executed => {}
                    Some(message) => {
                        bytes += message.block.as_ref().map_or(0, |block| block.bytes());
                        outputs.push(Output::Send { to, message: Message::Protocol(message) });
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
        let decided = slot.decided[position].0.clone();
        let replaced = slot.block.replace(decided).filter(|block| slot.proposes && block.digest() != digest);
        slot.accepted = Some(digest);
        slot.commit = Some(Commit::Decided);
        slot.decided.clear();
        if let Some(replaced) = replaced {
            slot.proposes = false;
            self.queue.give_back(now_us, &replaced);
        }
        let before = self.execution.last_executed();
        self.execute_ready(now_us, outputs);
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
        if !self.checkpoints.is_vouched(sequence, self.table.f + 1) {
            return;
        }
        let Ok(restored) = self.execution.restore(sequence, state) else {
            self.counters.refused += 1;
            return;
        };
        let digest = restored.checkpoint_digest();
        if self.checkpoints.vouchers(sequence, &digest, true) <= self.table.f {
            return;
        }
        self.counters.transfers += 1;
        self.checkpoints.adopt(digest, &restored);
        let signature = self.sign_checkpoint(sequence, &digest);
        self.checkpoints.announce(self.settings.me, Announced { sequence, digest, proven: true, signature });
        self.execution = restored;
        let passed = self.log.iter().filter(|(place, slot)| *place <= sequence && slot.proposes);
        let own: Vec<Block> = passed.filter_map(|(_, slot)| slot.block.clone()).collect();
        self.log.truncate(sequence);
        self.recall_what_was_carried();
        for block in own {
            self.queue.give_back(now_us, &block);
        }
        let execution = &self.execution;
        self.queue.forget(|client, timestamp| execution.is_old(client, timestamp));
        self.view_changes.note_progress(now_us);
        self.check_recovered();
        self.execute_ready(now_us, outputs);
        self.ask(now_us, outputs);
    }
}
