//! One replica: the protocol's state machine for every place in the window, and in-order execution.
//!
//! View change has its place beside [`super::catch_up`]: the view is a field here, every message carries it, and slots
//! keep what a view change has to carry over (accepted digest, state, block).

use super::block::{Block, Digest};
use super::catch_up::CatchUp;
use super::checkpoint::Checkpoints;
use super::execution::Execution;
use super::log::{Commit, Log};
use super::message::{Message, ReplyItem};
use super::output::{Input, Output, Timer};
use super::request_queue::RequestQueue;
use super::settings::Settings;
use super::tally::Vote;
use crate::replica_set::ReplicaSet;
use crate::table::{Condition, MessageId, Role, Rule, StateId, Table};
use model::ids::{ReplicaId, SequenceNumber, View};
use std::sync::Arc;

/// Counts since the start, for reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Blocks this replica proposed.
    pub proposed: u64,
    /// Messages refused: of another view, from a replica without the role, outside the window, malformed.
    pub refused: u64,
    /// Votes of a replica that contradict its earlier ones.
    pub equivocations: u64,
    /// Times this replica took over a state from others.
    pub transfers: u64,
    /// Transitions marked as the slow path.
    pub slow: u64,
}

/// A replica. See [`Replica::step`].
#[derive(Clone, Debug)]
pub struct Replica {
    pub(super) table: Arc<Table>,
    pub(super) settings: Settings,
    pub(super) view: View,
    pub(super) log: Log,
    pub(super) execution: Execution,
    pub(super) checkpoints: Checkpoints,
    pub(super) catch_up: CatchUp,
    pub(super) counters: Counters,
    queue: RequestQueue,
    next_proposal: SequenceNumber,
    proposal_gap_us: u64,
    last_proposal_us: Option<u64>,
    propose_timer_us: Option<u64>,
}

impl Replica {
    /// A replica at the start. The driver owes it a [`Timer::Progress`] one retransmission interval later.
    pub fn new(table: Arc<Table>, settings: Settings) -> Self {
        let log = Log::new(settings.log_capacity());
        let execution = Execution::new(settings.dataset_size, settings.remembered_replies());
        Self {
            table,
            view: View(0),
            log,
            execution,
            checkpoints: Checkpoints::default(),
            catch_up: CatchUp::default(),
            counters: Counters::default(),
            queue: RequestQueue::default(),
            next_proposal: SequenceNumber(1),
            proposal_gap_us: 0,
            last_proposal_us: None,
            propose_timer_us: None,
            settings,
        }
    }

    /// Takes one input at a time on the driver's clock (µs, never going back) and appends what is owed to `outputs`.
    pub fn step(&mut self, now_us: u64, input: Input, outputs: &mut Vec<Output>) {
        match input {
            Input::FromReplica { from, message } => self.on_message(now_us, from, message, outputs),
            Input::FromClient { unit, requests } => {
                for request in requests {
                    if request.client.unit == unit {
                        self.on_request(now_us, request, outputs);
                    } else {
                        self.counters.refused += 1;
                    }
                }
            }
            Input::Timer(Timer::Propose) => self.propose_timer_us = None,
            Input::Timer(Timer::Progress) => self.on_progress_timer(now_us, outputs),
            Input::ProposalGap(gap_us) => self.proposal_gap_us = gap_us,
        }
        self.propose(now_us, outputs);
    }

    /// The view this replica is in.
    pub fn view(&self) -> View {
        self.view
    }

    /// Who leads the next block.
    pub fn leader(&self) -> ReplicaId {
        self.leader_of(self.execution.last_executed().next())
    }

    /// Whether this replica leads the next block.
    pub fn is_leader(&self) -> bool {
        self.leader() == self.settings.me
    }

    /// The executed state.
    pub fn execution(&self) -> &Execution {
        &self.execution
    }

    /// Requests refused since the start because too many were waiting.
    pub fn dropped_requests(&self) -> u64 {
        self.queue.dropped()
    }

    /// Counts since the start.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    pub(super) fn leader_of(&self, sequence: SequenceNumber) -> ReplicaId {
        self.table.leader(self.view, sequence, self.settings.rotate_interval)
    }

    fn on_request(&mut self, now_us: u64, request: super::block::Request, outputs: &mut Vec<Output>) {
        if self.execution.is_old(request.client, request.timestamp) {
            // The client has not heard the answer: say it again.
            if let Some(item) = self.execution.answer(request.client, request.timestamp) {
                let message =
                    Message::Reply { view: self.view, sequence: self.execution.last_executed(), items: vec![item] };
                outputs.push(Output::Reply { unit: request.client.unit, message });
            }
            return;
        }
        let target = self.table.members(self.table.request_target, self.leader());
        if target.contains(self.settings.me) {
            self.queue.push(now_us, request);
        }
    }

    fn propose(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        loop {
            let sequence = self.next_proposal.max(self.execution.last_executed().next());
            self.next_proposal = sequence;
            let in_window =
                sequence.0 <= self.execution.last_executed().0 + self.settings.window && self.log.holds(sequence);
            if self.queue.is_empty() || !in_window || self.leader_of(sequence) != self.settings.me {
                return;
            }
            let full = self.queue.len() >= self.settings.block_size;
            let batch_due = self.queue.oldest_us().unwrap_or(now_us) + self.settings.batch_timeout_us;
            let gap_due = self.last_proposal_us.map_or(0, |last| last + self.proposal_gap_us);
            let due = if full { gap_due } else { gap_due.max(batch_due) };
            if due > now_us {
                if self.propose_timer_us != Some(due) {
                    self.propose_timer_us = Some(due);
                    outputs.push(Output::SetTimer { timer: Timer::Propose, at_us: due });
                }
                return;
            }
            let mut requests = self.queue.take(self.settings.block_size);
            requests.retain(|request| !self.execution.is_old(request.client, request.timestamp));
            if requests.is_empty() {
                continue;
            }
            self.last_proposal_us = Some(now_us);
            self.next_proposal = sequence.next();
            self.counters.proposed += 1;
            if let Some(slot) = self.log.slot(sequence) {
                let block = Block::new(requests);
                slot.accepted = Some(block.digest());
                slot.block = Some(block);
                slot.proposes = true;
            }
            self.advance(sequence, outputs);
            self.execute_ready(outputs);
        }
    }

    fn on_message(&mut self, now_us: u64, from: ReplicaId, message: Message, outputs: &mut Vec<Output>) {
        match message {
            Message::Vote { kind, view, sequence, digest } => {
                self.on_protocol(now_us, from, (kind, view, sequence), digest, None, outputs);
            }
            Message::Proposal { kind, view, sequence, block } => {
                if block.requests().is_empty() || block.requests().len() > self.settings.block_size {
                    self.counters.refused += 1;
                    return;
                }
                self.on_protocol(now_us, from, (kind, view, sequence), block.digest(), Some(block), outputs);
            }
            Message::Checkpoint { sequence, digest } => {
                self.checkpoints.announce(from, sequence, digest);
                self.collect_garbage();
            }
            Message::Fetch { after } => self.on_fetch(now_us, from, after, outputs),
            Message::Decided { sequence, block } => self.on_decided(now_us, from, sequence, block, outputs),
            Message::Snapshot { sequence, state } => self.on_snapshot(now_us, sequence, state, outputs),
            Message::Requests(_) | Message::Reply { .. } => self.counters.refused += 1,
        }
    }

    fn on_protocol(
        &mut self,
        now_us: u64,
        from: ReplicaId,
        (kind, view, sequence): (MessageId, View, SequenceNumber),
        digest: Digest,
        block: Option<Block>,
        outputs: &mut Vec<Output>,
    ) {
        if sequence > self.log.high() {
            self.note_ahead(now_us, from, outputs);
            return;
        }
        let leader = self.table.leader(view, sequence, self.settings.rotate_interval);
        let allowed = view == self.view
            && self.table.messages.get(usize::from(kind.0)).is_some_and(|info| {
                info.carries_block == block.is_some()
                    && info.senders.iter().any(|role| self.table.members(*role, leader).contains(from))
            });
        if !allowed {
            self.counters.refused += 1;
            return;
        }
        if sequence <= self.execution.last_executed() {
            return;
        }
        let Some(slot) = self.log.slot(sequence) else { return };
        match slot.tally.add(kind, digest, from) {
            Vote::Counted => {}
            Vote::Repeated => return,
            Vote::Equivocation => {
                self.counters.equivocations += 1;
                return;
            }
        }
        if let Some(block) = block
            && slot.block.is_none()
            && slot.accepted.is_none_or(|accepted| accepted == digest)
        {
            slot.block = Some(block);
        }
        self.advance(sequence, outputs);
        self.execute_ready(outputs);
    }

    /// Takes transitions at a place until none fits.
    fn advance(&mut self, sequence: SequenceNumber, outputs: &mut Vec<Output>) {
        let table = Arc::clone(&self.table);
        let leader = self.leader_of(sequence);
        let me = self.settings.me;
        'transition: loop {
            let Some(slot) = self.log.slot(sequence) else { return };
            if slot.commit.is_some() {
                return;
            }
            for (role_index, rules) in table.replica_rules.iter().enumerate() {
                if !table.members(rules.role, leader).contains(me) {
                    continue;
                }
                let state = slot.state;
                for (rule_index, rule) in rules.by_state[usize::from(state.0)].iter().enumerate() {
                    let Some(digest) = satisfied(rule, slot) else { continue };
                    slot.accepted = Some(digest);
                    if slot.block.as_ref().is_some_and(|block| block.digest() != digest) {
                        slot.block = None;
                    }
                    if rule.executes {
                        slot.commit = Some(Commit::Rule { role: role_index, state, rule: rule_index });
                        return;
                    }
                    self.take(sequence, rule, leader, digest, outputs);
                    continue 'transition;
                }
            }
            return;
        }
    }

    /// The effects of a transition that does not execute, or of one after its execution.
    fn take(
        &mut self,
        sequence: SequenceNumber,
        rule: &Rule,
        leader: ReplicaId,
        digest: Digest,
        outputs: &mut Vec<Output>,
    ) {
        if rule.slow {
            self.counters.slow += 1;
        }
        let me = self.settings.me;
        let Some(slot) = self.log.slot(sequence) else { return };
        slot.state = rule.next;
        for (role, message) in &rule.extra_tally {
            for member in self.table.members(*role, leader).iter() {
                slot.tally.add(*message, digest, member);
            }
        }
        for (role, message) in &rule.responses {
            if *role == Role::Client {
                continue;
            }
            slot.sent.push((*role, *message));
            let mut to = self.table.members(*role, leader);
            if to.contains(me) {
                slot.tally.add(*message, digest, me);
                to.remove(me);
            }
            if let Some(message) =
                Message::of_protocol(&self.table, (*message, self.view, sequence), digest, &slot.block)
            {
                outputs.push(Output::Send { to, message });
            }
        }
    }

    /// Executes what is committed, strictly in order.
    pub(super) fn execute_ready(&mut self, outputs: &mut Vec<Output>) {
        loop {
            let sequence = self.execution.last_executed().next();
            let Some(slot) = self.log.get(sequence) else { return };
            let (Some(commit), Some(block)) = (slot.commit, slot.block.clone()) else { return };
            let mut replies = Vec::with_capacity(block.requests().len());
            self.execution.execute(&block, &mut replies);
            for request in block.requests() {
                self.queue.executed(request.client, request.timestamp);
            }
            match commit {
                Commit::Rule { role, state, rule } => {
                    let table = Arc::clone(&self.table);
                    let rule = &table.replica_rules[role].by_state[usize::from(state.0)][rule];
                    self.take(sequence, rule, self.leader_of(sequence), block.digest(), outputs);
                    if rule.responses.iter().any(|(role, message)| *role == Role::Client && *message == table.reply) {
                        self.reply(sequence, replies, outputs);
                    }
                }
                Commit::Decided => {
                    if let Some(slot) = self.log.slot(sequence) {
                        slot.state = StateId::EXECUTED;
                    }
                }
            }
            self.log.executed(sequence, block.encoded().len());
            if sequence.0.is_multiple_of(self.settings.checkpoint_interval) {
                self.take_checkpoint(sequence, outputs);
            }
        }
    }

    fn reply(&mut self, sequence: SequenceNumber, replies: Vec<ReplyItem>, outputs: &mut Vec<Output>) {
        let mut rest = replies;
        while let Some(unit) = rest.first().map(|item| item.client.unit) {
            let (items, others) = rest.into_iter().partition(|item| item.client.unit == unit);
            outputs.push(Output::Reply { unit, message: Message::Reply { view: self.view, sequence, items } });
            rest = others;
        }
    }

    fn take_checkpoint(&mut self, sequence: SequenceNumber, outputs: &mut Vec<Output>) {
        let digest = self.execution.checkpoint_digest();
        self.checkpoints.keep(digest, self.execution.to_keep());
        self.checkpoints.announce(self.settings.me, sequence, digest);
        outputs.push(Output::Send { to: self.others(), message: Message::Checkpoint { sequence, digest } });
        self.collect_garbage();
    }

    fn collect_garbage(&mut self) {
        if let Some(stable) = self.checkpoints.newly_stable(self.table.n - self.table.f) {
            self.log.truncate(stable);
        }
    }

    pub(super) fn others(&self) -> ReplicaSet {
        let mut others = ReplicaSet::first(self.table.n);
        others.remove(self.settings.me);
        others
    }
}

/// The block for which a rule's condition holds now.
fn satisfied(rule: &Rule, slot: &super::log::Slot) -> Option<Digest> {
    match rule.condition {
        Condition::Request => slot.accepted.filter(|_| slot.proposes),
        Condition::Quorum { message, size } => match slot.accepted {
            Some(digest) => (slot.tally.count(message, &digest) >= size).then_some(digest),
            None => slot.tally.leading(message).filter(|(_, count)| *count >= size).map(|(digest, _)| digest),
        },
        Condition::Always => slot.accepted,
        // Timeouts belong to recovery paths, which no shipped protocol describes yet.
        Condition::Timeout { .. } => None,
    }
}
