//! In-order execution of what is committed, replies, and checkpoints.

use super::block::Digest;
use super::checkpoint::Announced;
use super::log::Commit;
use super::message::{Message, ReplyItem};
use super::output::Output;
use super::replica::Replica;
use crate::table::{Role, StateId};
use model::ids::{ReplicaId, SequenceNumber};
use std::sync::Arc;

impl Replica {
    /// Executes what is committed, strictly in order.
    pub(super) fn execute_ready(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        loop {
            let sequence = self.execution.last_executed().next();
            let Some(slot) = self.log.get(sequence) else { return };
            let Some(commit) = slot.commit else { return };
            let Some(block) = slot.block.clone() else {
                self.ask_for_block(now_us, sequence, outputs);
                return;
            };
            let mut replies = Vec::with_capacity(block.requests().len());
            self.execution.execute(&block, &mut replies);
            for request in block.requests() {
                self.queue.executed(request.client, request.timestamp);
            }
            self.view_changes.note_progress(now_us);
            let digest = block.digest();
            if let Some(slot) = self.log.slot(sequence) {
                slot.executed = Some(digest);
            }
            match commit {
                Commit::Rule { role, state, rule } => {
                    let table = Arc::clone(&self.table);
                    let rule = &table.replica_rules[role].by_state[usize::from(state.0)][rule];
                    self.take(now_us, sequence, rule, digest, outputs);
                    let replying =
                        rule.responses.iter().any(|(role, message)| *role == Role::Client && *message == table.reply);
                    if replying && !self.is_recovering_at(sequence) {
                        self.reply(sequence, replies, outputs);
                    }
                }
                Commit::Decided => {
                    if let Some(slot) = self.log.slot(sequence) {
                        slot.state = StateId::EXECUTED;
                    }
                }
            }
            if self.table.chained {
                self.advance(now_us, sequence.next(), outputs);
            }
            self.log.executed(sequence, block.bytes());
            if sequence.0.is_multiple_of(self.settings.checkpoint_interval) {
                self.take_checkpoint(sequence, outputs);
            }
        }
    }

    fn reply(&self, sequence: SequenceNumber, replies: Vec<ReplyItem>, outputs: &mut Vec<Output>) {
        let history = self.execution.history();
        let mut rest = replies;
        while let Some(unit) = rest.first().map(|item| item.client.unit) {
            if rest.iter().all(|item| item.client.unit == unit) {
                outputs.push(self.reply_message(unit, sequence, history, rest));
                return;
            }
            let (items, others) = rest.into_iter().partition(|item| item.client.unit == unit);
            outputs.push(self.reply_message(unit, sequence, history, items));
            rest = others;
        }
    }

    /// Whether this replica's checkpoints need a second round, because execution alone proves nothing to a view change.
    fn vouches_twice(&self) -> bool {
        let proves = self.table.view_change.as_ref().is_some_and(|rule| rule.proven.contains(&StateId::EXECUTED));
        self.table.speculative && !proves
    }

    fn take_checkpoint(&mut self, sequence: SequenceNumber, outputs: &mut Vec<Output>) {
        self.execution.sum_up();
        let digest = self.execution.checkpoint_digest();
        self.checkpoints.keep(digest, self.execution.to_keep());
        self.announce(sequence, digest, !self.vouches_twice(), outputs);
        self.settle_checkpoints(outputs);
    }

    fn announce(&mut self, sequence: SequenceNumber, digest: Digest, proven: bool, outputs: &mut Vec<Output>) {
        let signature = self.sign_checkpoint(sequence, &digest);
        let announced = Announced { sequence, digest, proven, signature: signature.clone() };
        self.checkpoints.announce(self.settings.me, announced);
        let message = Message::Checkpoint { sequence, digest, proven, signature };
        outputs.push(Output::Send { to: self.others(), message });
    }

    pub(super) fn on_checkpoint(
        &mut self,
        now_us: u64,
        from: ReplicaId,
        announced: Announced,
        outputs: &mut Vec<Output>,
    ) {
        let sequence = announced.sequence;
        self.checkpoints.announce(from, announced);
        self.note_checkpoint_of(from, sequence);
        self.note_lag();
        if sequence > self.log.high() {
            self.note_ahead(now_us, from, outputs);
        }
        self.settle_checkpoints(outputs);
    }

    /// Notes how far others are ahead: f + 1 of them, one of which is correct.
    fn note_lag(&mut self) {
        let reached = self.checkpoints.frontier(self.table.f, self.settings.me);
        let lag = reached.0.saturating_sub(self.execution.last_executed().0);
        self.largest_lag = self.largest_lag.max(lag);
    }

    fn settle_checkpoints(&mut self, outputs: &mut Vec<Output>) {
        let quorum = self.table.n - self.table.f;
        if self.vouches_twice()
            && let Some((sequence, digest)) = self.checkpoints.newest_vouched(quorum)
            && !self.checkpoints.vouches(self.settings.me, sequence, &digest)
        {
            // A quorum has reached this state: whoever changes the view learns of it from one of them at least.
            self.prove_up_to(sequence);
            self.announce(sequence, digest, true, outputs);
        }
        if let Some(stable) = self.checkpoints.newly_stable(quorum) {
            self.log.truncate(stable);
            self.recall_what_was_carried();
            self.doubts.forget();
            self.check_recovered();
        }
    }

    /// Marks what was executed up to a place as proven in this view.
    pub(super) fn prove_up_to(&mut self, sequence: SequenceNumber) {
        let view = self.view;
        for (place, slot) in self.log.iter_mut() {
            if place > sequence {
                return;
            }
            if let Some(digest) = slot.executed {
                slot.proven = Some((view, digest));
                slot.note_seen(view, digest);
            }
        }
    }
}
