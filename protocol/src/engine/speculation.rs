//! Speculative execution (Zyzzyva, SOSP 2007; PoE, EDBT 2021): replicas execute before a block is final. A client that
//! sees only 2f + 1 equal replies proves them to all; a view change that decides otherwise undoes the execution.

use super::block::Digest;
use super::message::Message;
use super::output::Output;
use super::replica::Replica;
use model::ids::{SequenceNumber, View};

impl Replica {
    /// Takes a client's proof that a quorum has executed the same history (Zyzzyva, section 3.3).
    pub(super) fn on_client_commit(
        &mut self,
        unit: u16,
        view: View,
        sequence: SequenceNumber,
        history: Digest,
        outputs: &mut Vec<Output>,
    ) {
        if view != self.view || self.is_changing_view() || self.is_recovering_at(sequence) {
            return;
        }
        let known = self.execution.history_at(sequence);
        if known.is_some_and(|known| known != history) || (known.is_none() && sequence > self.last_final()) {
            self.counters.refused += 1;
            return;
        }
        self.counters.slow += 1;
        self.prove_up_to(sequence);
        outputs.push(Output::Reply { unit, message: Message::CommitAcknowledgement { view, sequence, history } });
    }

    /// Undoes the execution of everything after `sequence`: back to the last kept state, and forward again from there.
    pub(super) fn roll_back(&mut self, sequence: SequenceNumber) {
        let before = self.execution.last_executed();
        if before <= sequence {
            return;
        }
        let kept = self.checkpoints.roll_back(sequence);
        let fresh = || super::execution::Execution::new(self.settings.dataset_size, self.settings.remembered_replies());
        let mut execution = kept.unwrap_or_else(fresh).with_points_of(&self.execution);
        let mut replies = Vec::new();
        while execution.last_executed() < sequence {
            let slot = self.log.get(execution.last_executed().next());
            let block = slot.and_then(|slot| slot.block.as_ref().filter(|block| slot.executed == Some(block.digest())));
            // A block that is gone from memory comes back from the others.
            let Some(block) = block else { break };
            execution.execute(block, &mut replies);
            replies.clear();
        }
        self.counters.rolled_back += before.0 - execution.last_executed().0;
        self.log.rolled_back(execution.last_executed());
        self.execution = execution;
    }
}
