//! One replica: what it keeps, and where its inputs go. What it does with them stands beside this file: proposing,
//! agreement, in-order execution, catching up, view change, recovery.

use super::authentication::Keys;
use super::block::{Block, Digest, Request};
use super::catch_up::CatchUp;
use super::checkpoint::{Announced, Checkpoints};
use super::checkpoint_certificate::Certificate;
use super::doubts::Doubts;
use super::execution::Execution;
use super::log::Log;
use super::message::{Message, ProtocolMessage, Reply};
use super::output::{Input, Output, Timer};
use super::recovery::Recovery;
use super::request_queue::RequestQueue;
use super::settings::Settings;
use super::view_change::ViewChanges;
use crate::replica_set::ReplicaSet;
use crate::table::{Role, Rotation, Table, Update};
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
    /// Views this replica entered after the first.
    pub view_changes: u64,
    /// Places whose speculative execution was undone.
    pub rolled_back: u64,
}

/// A replica. See [`Replica::step`].
#[derive(Clone, Debug)]
pub struct Replica {
    pub(super) table: Arc<Table>,
    pub(super) settings: Settings,
    pub(super) keys: Arc<dyn Keys>,
    pub(super) view: View,
    pub(super) log: Log,
    pub(super) execution: Execution,
    pub(super) checkpoints: Checkpoints,
    pub(super) catch_up: CatchUp,
    pub(super) view_changes: ViewChanges,
    pub(super) doubts: Doubts,
    pub(super) recovery: Recovery,
    pub(super) counters: Counters,
    pub(super) largest_lag: u64,
    pub(super) queue: RequestQueue,
    pub(super) next_proposal: SequenceNumber,
    pub(super) proposal_gap_us: u64,
    pub(super) last_proposal_us: Option<u64>,
    pub(super) propose_timer_us: Option<u64>,
    pub(super) place_timer_us: Option<u64>,
    /// The last place that an aggregating leader has ordered.
    pub(super) aggregated: SequenceNumber,
    /// Whether votes of one step for several places travel in one message.
    pub(super) joins_votes: bool,
    /// Whether the protocol ever replies.
    replies: bool,
}

impl Replica {
    /// A replica at the start.
    pub fn new(table: Arc<Table>, settings: Settings, keys: Arc<dyn Keys>) -> Self {
        let log = Log::new(settings.log_capacity());
        let execution = Execution::new(settings.dataset_size, settings.remembered_replies());
        let rules = || table.replica_rules.iter().flat_map(|rules| rules.by_state.iter().flatten());
        let joins_votes = rules().any(|rule| rule.update == Update::Aggregation);
        let replies = rules().any(|rule| rule.responses.contains(&(Role::Client, table.reply)));
        Self {
            table,
            keys,
            view: View(0),
            log,
            execution,
            checkpoints: Checkpoints::default(),
            catch_up: CatchUp::default(),
            view_changes: ViewChanges::default(),
            doubts: Doubts::default(),
            recovery: Recovery::default(),
            counters: Counters::default(),
            largest_lag: 0,
            queue: RequestQueue::default(),
            next_proposal: SequenceNumber(1),
            proposal_gap_us: 0,
            last_proposal_us: None,
            propose_timer_us: None,
            place_timer_us: None,
            aggregated: SequenceNumber(0),
            joins_votes,
            replies,
            settings,
        }
    }

    /// A replica that restarts empty-handed: it listens and catches up, and speaks again only about places that lie
    /// beyond everything it may have voted for before (see [`super::recovery`]).
    pub fn recovering(table: Arc<Table>, settings: Settings, keys: Arc<dyn Keys>) -> Self {
        let mut replica = Self::new(table, settings, keys);
        replica.recovery.begin();
        replica
    }

    /// Arms the first timers. To be called once, before the first step.
    pub fn start(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        let mut arm = |timer, after_us| outputs.push(Output::SetTimer { timer, at_us: now_us + after_us });
        arm(Timer::Progress, self.settings.retransmit_us);
        if let Some(interval_us) = self.suspicion_interval_us() {
            arm(Timer::Suspect, interval_us);
        }
        if self.joins_votes {
            arm(Timer::Aggregate, self.settings.aggregation_us);
        }
        if self.is_recovering() {
            self.ask(now_us, outputs);
        }
    }

    /// Takes one input at a time on the driver's clock (µs, never going back) and appends what is owed to `outputs`.
    pub fn step(&mut self, now_us: u64, input: Input, outputs: &mut Vec<Output>) {
        let first = outputs.len();
        match input {
            Input::FromReplica { from, message } => self.on_message(now_us, from, message, outputs),
            Input::FromClient { unit, message } => self.on_client(now_us, unit, message, outputs),
            Input::Timer(Timer::Propose) => self.propose_timer_us = None,
            Input::Timer(Timer::Progress) => self.on_progress_timer(now_us, outputs),
            Input::Timer(Timer::Place) => self.on_place_timer(now_us, outputs),
            Input::Timer(Timer::Suspect) => self.on_suspect_timer(now_us, outputs),
            Input::Timer(Timer::Aggregate) => self.on_aggregate_timer(now_us, outputs),
            Input::ProposalGap(gap_us) => self.proposal_gap_us = gap_us,
        }
        self.propose(now_us, outputs);
        if self.joins_votes {
            super::agreement::join_votes(outputs, first);
        }
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

    /// Whether this replica has asked for another view and waits for it.
    pub fn is_changing_view(&self) -> bool {
        self.view_changes.target().is_some()
    }

    /// The executed state.
    pub fn execution(&self) -> &Execution {
        &self.execution
    }

    /// The last place whose execution no view change can undo.
    pub fn last_final(&self) -> SequenceNumber {
        if self.table.speculative { self.log.low() } else { self.execution.last_executed() }
    }

    /// The rolling hash after some of the last places that are final, newest first.
    pub fn final_points(&self) -> impl Iterator<Item = (SequenceNumber, Digest)> + '_ {
        let last = self.last_final();
        self.execution.history_points().rev().skip_while(move |(sequence, _)| *sequence > last)
    }

    /// The digest of history, table and clients at the stable checkpoint.
    pub fn stable_state(&self) -> Option<(SequenceNumber, Digest)> {
        self.checkpoints.own().next().filter(|(_, _, stable)| *stable).map(|(sequence, digest, _)| (sequence, digest))
    }

    /// A block that this replica knows.
    pub fn block(&self, digest: &Digest) -> Option<&Block> {
        self.log.block(digest)
    }

    /// Requests refused since the start because too many were waiting.
    pub fn dropped_requests(&self) -> u64 {
        self.queue.dropped()
    }

    /// Counts since the start.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// How many blocks this replica was behind f + 1 others at most, by the checkpoints they announced, since this was asked
    /// last.
    pub fn take_largest_lag(&mut self) -> u64 {
        std::mem::take(&mut self.largest_lag)
    }

    pub(super) fn leader_of(&self, sequence: SequenceNumber) -> ReplicaId {
        self.table.leader(self.view, sequence, self.rotation())
    }

    pub(super) fn members(&self, role: Role, sequence: SequenceNumber) -> ReplicaSet {
        self.table.members(role, self.view, sequence, self.rotation())
    }

    fn rotation(&self) -> Rotation {
        Rotation { interval: self.settings.rotate_interval, carried: self.view_changes.carried() }
    }

    pub(super) fn others(&self) -> ReplicaSet {
        let mut others = ReplicaSet::first(self.table.n);
        others.remove(self.settings.me);
        others
    }

    fn on_message(&mut self, now_us: u64, from: ReplicaId, message: Message, outputs: &mut Vec<Output>) {
        match message {
            Message::Protocol(message) => {
                self.on_protocol(now_us, from, message, outputs);
                self.execute_ready(now_us, outputs);
            }
            Message::Votes { kind, view, items } => {
                for (sequence, digest, signature) in items {
                    let message =
                        ProtocolMessage { kind, view, sequence, digest, block: None, signature, certificate: None };
                    self.on_protocol(now_us, from, message, outputs);
                }
                self.execute_ready(now_us, outputs);
            }
            Message::Checkpoint { sequence, digest, proven, signature } => {
                let announced = Announced { sequence, digest, proven, signature };
                self.on_checkpoint(now_us, from, announced, outputs);
            }
            Message::CheckpointCertificate { sequence, digest, voters, proof } => {
                let certificate = Certificate { sequence, digest, voters, proof };
                self.on_checkpoint_certificate(certificate);
            }
            Message::Fetch { view, after } => self.on_fetch(now_us, from, view, after, outputs),
            Message::Decided { sequence, block } => self.on_decided(now_us, from, sequence, block, outputs),
            Message::Snapshot { sequence, state } => self.on_snapshot(now_us, sequence, state, outputs),
            Message::ViewChange(change) => self.on_view_change(now_us, from, change, outputs),
            Message::NewView { view, proof } => self.on_new_view(now_us, view, proof, outputs),
            Message::FetchBlock { digest } => self.on_fetch_block(from, &digest, outputs),
            Message::Body { block } => self.on_body(now_us, block, outputs),
            Message::Requests(requests) => {
                for request in requests {
                    self.on_request(now_us, request, false, outputs);
                }
            }
            Message::Reply(_)
            | Message::ReadReply { .. }
            | Message::ClientCommit { .. }
            | Message::CommitAcknowledgement { .. } => self.counters.refused += 1,
        }
    }

    fn on_client(&mut self, now_us: u64, unit: u16, message: Message, outputs: &mut Vec<Output>) {
        match message {
            Message::Requests(requests) => {
                let mut reads = Vec::new();
                let mut relayed = Vec::new();
                for request in requests {
                    if request.client.unit != unit {
                        self.counters.refused += 1;
                    } else if request.read_only && self.table.read_only {
                        reads.push(super::message::ReplyItem {
                            client: request.client,
                            timestamp: request.timestamp,
                            result: self.execution.read(&request),
                            payload: self.execution.reply_payload(&request),
                        });
                    } else if self.on_request(now_us, request.clone(), true, outputs) {
                        relayed.push(request);
                    }
                }
                if !reads.is_empty() && !self.is_recovering() {
                    let message = Message::ReadReply { sequence: self.execution.last_executed(), items: reads };
                    outputs.push(Output::Reply { unit, message });
                }
                if !relayed.is_empty() {
                    let mut to = self.members(self.table.request_target, self.execution.last_executed().next());
                    to.remove(self.settings.me);
                    outputs.push(Output::Send { to, message: Message::Requests(relayed) });
                }
            }
            Message::ClientCommit { view, sequence, history, .. } => {
                self.on_client_commit(unit, view, sequence, history, outputs);
            }
            _ => self.counters.refused += 1,
        }
    }

    /// Takes a request in, or answers it again. Tells whether it is new and not for this replica to propose.
    fn on_request(&mut self, now_us: u64, request: Request, answers: bool, outputs: &mut Vec<Output>) -> bool {
        if self.execution.is_old(request.client, request.timestamp) {
            // The client has not heard the answer: say it again.
            if answers
                && self.replies
                && !self.is_recovering()
                && let Some((sequence, item)) = self.execution.answer(request.client, request.timestamp)
            {
                let history = match self.execution.history_at(sequence) {
                    Some(history) if sequence > self.last_final() => history,
                    _ => Reply::FINAL,
                };
                outputs.push(self.reply_message(request.client.unit, sequence, history, vec![item]));
                if sequence > self.last_final() || self.table.trusted_counter {
                    self.doubt(now_us, request.client, request.timestamp, outputs);
                }
            }
            return false;
        }
        let target = match self.table.request_target {
            // Every replica brings in what its own clients ask for.
            Role::Originator => ReplicaSet::first(self.table.n),
            role => self.members(role, self.execution.last_executed().next()),
        };
        // A request that reaches a replica it was not sent to at first is late: from now on this replica watches whether
        // the leader does its work (OSDI '99, section 4.4), and may have to propose it itself after a view change.
        self.queue.push(now_us, request) && !target.contains(self.settings.me)
    }

    pub(super) fn reply_message(
        &self,
        unit: u16,
        sequence: SequenceNumber,
        history: Digest,
        items: Vec<super::message::ReplyItem>,
    ) -> Output {
        let info = &self.table.messages[usize::from(self.table.reply.0)];
        let signature = match self.settings.mode.scheme(info.authentication) {
            Some(scheme) if self.table.commit.is_some() => {
                self.keys.sign(scheme, &Reply::statement(self.view, sequence, &history))
            }
            _ => bytes::Bytes::new(),
        };
        let reply = Reply { view: self.view, sequence, history, signature, items };
        Output::Reply { unit, message: Message::Reply(reply) }
    }
}
