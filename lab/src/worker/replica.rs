//! A replica unit: one owner steps the engine, puts its outputs through the faults, and hands them to the writers.

use super::delayed::Delayed;
use super::points;
use super::reporter::{Contents, Reporter};
use super::running::{self, Owner, Running};
use super::traffic::Traffic;
use crate::clock::Monotonic;
use crate::keys::UnitKeys;
use crate::transport::{Batch, Encoded, Peer, TransportCounters};
use model::config::ConfigTree;
use model::ids::{ReplicaId, SequenceNumber, UnitId};
use model::metric;
use model::patch::Patch;
use model::report::HistoryPoint;
use protocol::engine::{Digest, Input, Message, Mode, Output, Replica, Settings, Timer};
use protocol::fault::{Delivery, Injector, ReplicaTwins};
use protocol::table::Table;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Digests of states that wait for the next report.
const MAX_STATES: usize = 1_024;

/// Runs the replica until it is told to stop.
pub(super) async fn run(running: Running) {
    let Running { unit, table, config, version, rejoining, keys, tagged, peers, counters, reports, news, .. } = running;
    let me = ReplicaId(unit.0 - 1);
    let settings = Settings::from_config(&config, me);
    let (mode, checkpoint_interval) = (settings.mode, settings.checkpoint_interval);
    let begin = if rejoining { Replica::recovering } else { Replica::new };
    let mut owner = ReplicaOwner {
        clock: Monotonic::start(),
        timers: BTreeMap::new(),
        replica: begin(Arc::clone(&table), settings, Arc::clone(&keys) as Arc<_>),
        injector: Injector::new(me, table.n, config.integer("benchmark.seed", 1).unsigned_abs()),
        proposal_gap_us: 0,
        traffic: Traffic::new(&table),
        table,
        keys,
        mode,
        tagged,
        peers,
        delayed: Delayed::default(),
        counters: Arc::clone(&counters),
        reporter: Reporter::new(unit, reports, counters, (&config, version)),
        config,
        reported: SequenceNumber(0),
        checkpoint_interval,
        states: VecDeque::new(),
        reported_state: SequenceNumber(0),
        outputs: Vec::new(),
        deliveries: Vec::new(),
    };
    owner.injector.update(&owner.config);
    owner.take_over_faults();
    let now_us = owner.clock.now_us();
    let mut outputs = Vec::new();
    owner.replica.start(now_us, &mut outputs);
    owner.carry_out(now_us, &mut outputs);
    running::drive(&mut owner, news).await;
}

struct ReplicaOwner {
    clock: Monotonic,
    timers: BTreeMap<Timer, u64>,
    replica: Replica,
    injector: Injector,
    proposal_gap_us: u64,
    traffic: Traffic,
    table: Arc<Table>,
    keys: Arc<UnitKeys>,
    mode: Mode,
    tagged: bool,
    config: ConfigTree,
    peers: BTreeMap<UnitId, Peer>,
    delayed: Delayed,
    counters: Arc<TransportCounters>,
    reporter: Reporter,
    /// The last place whose history has been reported.
    reported: SequenceNumber,
    checkpoint_interval: u64,
    /// Digests of stable states since the last report, oldest first.
    states: VecDeque<(SequenceNumber, Digest)>,
    reported_state: SequenceNumber,
    outputs: Vec<Output>,
    deliveries: Vec<Delivery>,
}

impl Owner for ReplicaOwner {
    fn clock(&self) -> Monotonic {
        self.clock
    }

    fn next_us(&self) -> u64 {
        let timers = self.timers.values().copied();
        timers.chain(self.delayed.next_us()).fold(self.reporter.due_us(), u64::min)
    }

    fn take(&mut self, batch: Batch) {
        let (from, replicas) = (batch.from.0, self.table.n);
        if self.injector.is_silent() {
            return;
        }
        if (1..=replicas).contains(&from) {
            let from = ReplicaId(from - 1);
            if self.injector.hears(from) {
                batch.messages.into_iter().for_each(|message| self.step(Input::FromReplica { from, message }));
            }
        } else if from > replicas {
            let unit = (from - replicas - 1) as u16;
            batch.messages.into_iter().for_each(|message| self.step(Input::FromClient { unit, message }));
        }
    }

    fn do_what_is_due(&mut self) {
        let now_us = self.clock.now_us();
        self.injector.tick(now_us);
        self.take_over_faults();
        let due: Vec<Timer> =
            self.timers.iter().filter(|(_, at_us)| **at_us <= now_us).map(|(timer, _)| *timer).collect();
        for timer in due {
            self.timers.remove(&timer);
            self.step(Input::Timer(timer));
        }
        while let Some((unit, message)) = self.delayed.pop_due(now_us) {
            if let Some(peer) = self.peers.get_mut(&unit) {
                peer.send(message);
            }
        }
        self.note_state();
    }

    fn report_due_us(&self) -> u64 {
        self.reporter.due_us()
    }

    fn peers(&mut self) -> &mut BTreeMap<UnitId, Peer> {
        &mut self.peers
    }

    fn apply(&mut self, patch: &Patch) {
        patch.apply_to(&mut self.config);
        self.injector.update(&self.config);
        self.take_over_faults();
        self.reporter.note_patch(patch);
    }

    fn report(&mut self) {
        let now_us = self.clock.now_us();
        let mut contents = Contents::default();
        let (counters, largest_lag) = (self.replica.counters(), self.replica.take_largest_lag());
        for (name, value) in [
            (metric::LAST_EXECUTED, self.replica.execution().last_executed().0),
            (metric::LAG, largest_lag),
            (metric::PROPOSED, counters.proposed),
            (metric::REQUESTS_DROPPED, self.replica.dropped_requests()),
            (metric::VIEW, self.replica.view().0),
            (metric::LEADER, u64::from(self.replica.leader().0)),
            (metric::VIEW_CHANGES, counters.view_changes),
            (metric::SLOW_PATH, counters.slow),
            (metric::EQUIVOCATIONS, counters.equivocations),
            (metric::STATE_TRANSFERS, counters.transfers),
            (metric::ROLLED_BACK, counters.rolled_back),
            (metric::MESSAGES_UNEXPECTED, counters.refused),
        ] {
            contents.add(name, value as f64);
        }
        self.traffic.report(self.reporter.seconds(now_us), &mut contents);
        contents.history = self.new_history();
        contents.states = self.new_states();
        self.reporter.send(now_us, contents);
    }
}

impl ReplicaOwner {
    fn step(&mut self, input: Input) {
        let now_us = self.clock.now_us();
        let mut outputs = std::mem::take(&mut self.outputs);
        self.replica.step(now_us, input, &mut outputs);
        self.carry_out(now_us, &mut outputs);
        self.outputs = outputs;
    }

    fn carry_out(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        for output in outputs.drain(..) {
            match output {
                Output::Send { to, message } => {
                    let encoded = Encoded::new(&message, self.tagged);
                    let (kind, leads) = (self.traffic.kind(&message), self.replica.is_leader());
                    for target in to.iter() {
                        self.send(now_us, (leads, target), &message, (kind, &encoded));
                    }
                }
                Output::Reply { unit, message } => {
                    if !self.injector.is_silent() {
                        let encoded = Encoded::new(&message, self.tagged);
                        let kind = self.traffic.kind(&message);
                        let delay_us = self.injector.client_delay_us();
                        let client = UnitId(self.table.n + 1 + u32::from(unit));
                        self.transmit(now_us, delay_us, client, (kind, encoded));
                    }
                }
                Output::SetTimer { timer, at_us } => {
                    self.timers.insert(timer, at_us);
                }
            }
        }
    }

    /// Sends a message to one replica, through the faults.
    fn send(
        &mut self,
        now_us: u64,
        (leads, target): (bool, ReplicaId),
        message: &Message,
        (kind, encoded): (usize, &Encoded),
    ) {
        let mut deliveries = std::mem::take(&mut self.deliveries);
        let Self { replica, table, keys, mode, .. } = self;
        let twins = ReplicaTwins { replica, table, keys: keys.as_ref(), mode: *mode };
        self.injector.send(leads, target, message, &twins, &mut deliveries);
        for Delivery { delay_us, message: instead, corrupt } in deliveries.drain(..) {
            let (kind, leaving) = match instead {
                Some(other) => (self.traffic.kind(&other), Encoded::new(&other, self.tagged)),
                None => (kind, encoded.clone()),
            };
            let leaving = if corrupt { leaving.spoiled() } else { leaving };
            self.transmit(now_us, delay_us, UnitId(target.0 + 1), (kind, leaving));
        }
        self.deliveries = deliveries;
    }

    fn transmit(&mut self, now_us: u64, delay_us: u64, unit: UnitId, (kind, message): (usize, Encoded)) {
        self.traffic.note(kind, &message);
        if delay_us > 0 {
            if !self.delayed.hold(now_us + delay_us, unit, message) {
                self.counters.frames_dropped.fetch_add(1, Ordering::Relaxed);
            }
        } else if let Some(peer) = self.peers.get_mut(&unit) {
            peer.send(message);
        }
    }

    fn take_over_faults(&mut self) {
        let gap_us = self.injector.proposal_gap_us();
        if std::mem::replace(&mut self.proposal_gap_us, gap_us) != gap_us {
            self.step(Input::ProposalGap(gap_us));
        }
    }

    fn new_history(&mut self) -> Vec<HistoryPoint> {
        let last = self.replica.last_final();
        let points = self.replica.final_points().map(|(sequence, hash)| (sequence.0, hash));
        let chosen = points::choose(points, self.reported.0, last.0, 1);
        self.reported = self.reported.max(last);
        chosen
    }

    fn note_state(&mut self) {
        let last = self.states.back().map_or(self.reported_state, |(sequence, _)| *sequence);
        if let Some(state) = self.replica.stable_state().filter(|(sequence, _)| *sequence > last) {
            self.states.push_back(state);
            if self.states.len() > MAX_STATES {
                self.states.pop_front();
            }
        }
    }

    fn new_states(&mut self) -> Vec<HistoryPoint> {
        let Some((last, _)) = self.states.back().copied() else { return Vec::new() };
        let states = self.states.drain(..).rev().map(|(sequence, digest)| (sequence.0, digest));
        let chosen = points::choose(states, self.reported_state.0, last.0, self.checkpoint_interval);
        self.reported_state = last;
        chosen
    }
}
