//! A replica unit: one owner steps the engine, puts its outputs through the faults, and hands them to the writers.

use super::delayed::Delayed;
use super::reporter::{Contents, Reporter};
use super::running::{self, Owner, Running};
use crate::clock::Monotonic;
use crate::transport::{Batch, Encoded, Peer, TransportCounters};
use model::config::ConfigTree;
use model::ids::{ReplicaId, SequenceNumber, UnitId};
use model::metric;
use model::patch::Patch;
use model::report::HistoryPoint;
use protocol::engine::block::hexadecimal;
use protocol::engine::{Input, Message, Output, Replica, Settings, Timer};
use protocol::fault::{Faults, Route};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// About how many points of the history go into one report. After a divergence every later point differs, so a few show
/// it, and the store is spared a row for every block.
const HISTORY_A_REPORT: u64 = 8;

/// Runs the replica until it is told to stop.
pub(super) async fn run(running: Running) {
    let Running { unit, table, config, peers, counters, reports, news } = running;
    let me = ReplicaId(unit.0 - 1);
    let settings = Settings::from_config(&config, me);
    let mut owner = ReplicaOwner {
        me,
        replicas: table.n,
        clock: Monotonic::start(),
        timers: BTreeMap::from([(Timer::Progress, settings.retransmit_us)]),
        replica: Replica::new(Arc::clone(&table), settings),
        faults: Faults::from_config(&config),
        peers,
        delayed: Delayed::default(),
        counters: Arc::clone(&counters),
        reporter: Reporter::new(unit, reports, counters, &config),
        config,
        reported: SequenceNumber(0),
        outputs: Vec::new(),
    };
    owner.take_over_faults();
    running::drive(&mut owner, news).await;
}

struct ReplicaOwner {
    me: ReplicaId,
    replicas: u32,
    clock: Monotonic,
    timers: BTreeMap<Timer, u64>,
    replica: Replica,
    faults: Faults,
    config: ConfigTree,
    peers: BTreeMap<UnitId, Peer>,
    delayed: Delayed,
    counters: Arc<TransportCounters>,
    reporter: Reporter,
    reported: SequenceNumber,
    outputs: Vec<Output>,
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
        let from = batch.from.0;
        for message in batch.messages {
            let input = match message {
                Message::Requests(requests) if from > self.replicas => {
                    Input::FromClient { unit: (from - self.replicas - 1) as u16, requests }
                }
                message if (1..=self.replicas).contains(&from) => {
                    Input::FromReplica { from: ReplicaId(from - 1), message }
                }
                _ => {
                    self.counters.frames_dropped.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
            };
            self.step(input);
        }
    }

    fn do_what_is_due(&mut self) {
        let now_us = self.clock.now_us();
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
        if self.reporter.due_us() <= now_us {
            self.report();
        }
        for peer in self.peers.values_mut() {
            peer.flush();
        }
    }

    fn apply(&mut self, patch: &Patch) {
        patch.apply_to(&mut self.config);
        self.faults = Faults::from_config(&self.config);
        self.take_over_faults();
        self.reporter.note_patch(patch);
    }

    fn report(&mut self) {
        let now_us = self.clock.now_us();
        let mut contents = Contents::default();
        let executed = self.replica.execution().last_executed();
        contents.add(metric::LAST_EXECUTED, executed.0 as f64);
        contents.add(metric::PROPOSED, self.replica.counters().proposed as f64);
        contents.add(metric::REQUESTS_DROPPED, self.replica.dropped_requests() as f64);
        contents.add(metric::VIEW, self.replica.view().0 as f64);
        contents.history = self.new_history();
        self.reported = executed;
        self.reporter.send(now_us, contents);
    }
}

impl ReplicaOwner {
    fn step(&mut self, input: Input) {
        let now_us = self.clock.now_us();
        let mut outputs = std::mem::take(&mut self.outputs);
        self.replica.step(now_us, input, &mut outputs);
        let leads = self.replica.is_leader();
        for output in outputs.drain(..) {
            match output {
                Output::Send { to, message } => {
                    let encoded = Encoded::new(&message);
                    for target in to.iter() {
                        self.send(now_us, leads, target, encoded.clone());
                    }
                }
                Output::Reply { unit, message } => {
                    let client = UnitId(self.replicas + 1 + u32::from(unit));
                    if let Some(peer) = self.peers.get_mut(&client) {
                        peer.send(Encoded::new(&message));
                    }
                }
                Output::SetTimer { timer, at_us } => {
                    self.timers.insert(timer, at_us);
                }
            }
        }
        self.outputs = outputs;
    }

    fn send(&mut self, now_us: u64, leads: bool, target: ReplicaId, message: Encoded) {
        let unit = UnitId(target.0 + 1);
        match self.faults.route(leads, target) {
            Route::Now => {
                if let Some(peer) = self.peers.get_mut(&unit) {
                    peer.send(message);
                }
            }
            Route::Later(delay_us) => {
                if !self.delayed.hold(now_us + delay_us, unit, message) {
                    self.counters.frames_dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
            Route::Never => {}
        }
    }

    fn take_over_faults(&mut self) {
        let gap_us = self.faults.proposal_gap_us(self.me);
        self.step(Input::ProposalGap(gap_us));
    }

    /// Points that other replicas report too: multiples of a power of two that leaves few enough of them.
    fn new_history(&self) -> Vec<HistoryPoint> {
        let new = self.replica.execution().last_executed().0.saturating_sub(self.reported.0);
        let stride = (new / HISTORY_A_REPORT + 1).next_power_of_two();
        self.replica
            .execution()
            .history_points()
            .rev()
            .take_while(|(sequence, _)| *sequence > self.reported)
            .filter(|(sequence, _)| sequence.0.is_multiple_of(stride))
            .map(|(sequence, hash)| HistoryPoint { sequence: sequence.0, hash: hexadecimal(&hash) })
            .collect()
    }
}
