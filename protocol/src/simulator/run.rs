//! One simulated run.

mod clients;
mod telling;

use super::events::{Event, Events};
use super::keys::IdealKeys;
use super::naming::{about, name_of, size};
use super::outcome::Outcome;
use super::scenario::Scenario;
use super::trace::TraceEvent;
use crate::engine::{Client, Input, Message, Mode, Output, Replica, Sender, Settings, Timer, verify};
use crate::fault::{Delivery, Injector, ReplicaTwins};
use crate::workload::Workload;
use model::config::ConfigTree;
use model::ids::{ReplicaId, SequenceNumber};
use model::verdict::Comparison;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often clients look for requests to send again, µs.
const CLIENT_TICK_US: u64 = 20_000;
/// How often values that change over time are drawn anew, µs.
const FAULT_TICK_US: u64 = 10_000;
/// Events that may wait; a protocol that floods is stopped here.
const MAX_EVENTS: usize = 2_000_000;

/// Runs a scenario until all requests are answered, or until its end.
pub fn simulate(scenario: &Scenario) -> Outcome {
    simulate_traced(scenario, &mut |_| {})
}

/// Runs a scenario and tells each event of it.
pub fn simulate_traced(scenario: &Scenario, sink: &mut dyn FnMut(TraceEvent)) -> Outcome {
    let mut simulation = Simulation::new(Arc::new(scenario.clone()), Box::new(sink));
    while simulation.advance(u64::MAX) {}
    simulation.outcome()
}

/// A run that is driven portion by portion, so that a page can show it, stop it, and stay usable meanwhile.
pub struct Simulation<'a> {
    scenario: Arc<Scenario>,
    sink: Box<dyn FnMut(TraceEvent) + 'a>,
    most_waiting: usize,
    config: ConfigTree,
    rng: ChaCha8Rng,
    now_us: u64,
    events: Events,
    replicas: Vec<Replica>,
    keys: Vec<Arc<IdealKeys>>,
    settings: Vec<Settings>,
    mode: Mode,
    busy_until_us: Vec<u64>,
    timers: BTreeMap<(ReplicaId, Timer), u64>,
    compared: Vec<SequenceNumber>,
    comparison: Comparison,
    diverged: bool,
    faulty: Vec<bool>,
    injectors: Vec<Injector>,
    crashed: Vec<bool>,
    client: Client,
    workload: Workload,
    sent: Vec<u64>,
    latencies_us: Vec<u64>,
    messages: BTreeMap<String, u64>,
    bytes: u64,
    refused: u64,
    trace: blake3::Hasher,
    outputs: Vec<Output>,
}

impl<'a> Simulation<'a> {
    /// A run that has not begun; `sink` is told each event.
    pub fn new(scenario: Arc<Scenario>, sink: Box<dyn FnMut(TraceEvent) + 'a>) -> Self {
        let table = Arc::clone(&scenario.table);
        let n = table.n as usize;
        let settings = Settings::from_config(&scenario.config, ReplicaId(0));
        let client_keys = Arc::new(IdealKeys::client(scenario.seed, 0));
        let mut simulation = Self {
            sink,
            most_waiting: MAX_EVENTS,
            config: scenario.config.clone(),
            rng: ChaCha8Rng::seed_from_u64(scenario.seed),
            now_us: 0,
            events: Events::default(),
            replicas: Vec::with_capacity(n),
            keys: (0..table.n).map(|index| Arc::new(IdealKeys::replica(scenario.seed, ReplicaId(index)))).collect(),
            settings: (0..table.n).map(|index| Settings::from_config(&scenario.config, ReplicaId(index))).collect(),
            mode: Mode::from_config(&scenario.config),
            busy_until_us: vec![0; n],
            timers: BTreeMap::new(),
            compared: vec![SequenceNumber(0); n],
            comparison: Comparison::new(),
            diverged: false,
            faulty: vec![false; n],
            injectors: Vec::with_capacity(n),
            crashed: vec![false; n],
            client: Client::new(Arc::clone(&table), &settings, client_keys),
            workload: Workload::from_config(&scenario.config, 0),
            sent: vec![0; usize::from(scenario.clients)],
            latencies_us: Vec::new(),
            messages: BTreeMap::new(),
            bytes: 0,
            refused: 0,
            trace: blake3::Hasher::new(),
            outputs: Vec::new(),
            scenario: Arc::clone(&scenario),
        };
        for index in 0..table.n {
            let replica = ReplicaId(index);
            simulation.injectors.push(Injector::new(replica, table.n, scenario.seed));
            let fresh = simulation.fresh(replica, false);
            simulation.replicas.push(fresh);
        }
        simulation.take_over_faults();
        for index in 0..table.n {
            simulation.start(ReplicaId(index));
        }
        for (index, change) in scenario.schedule.iter().enumerate() {
            simulation.events.schedule(change.at_us, Event::Change(index));
        }
        simulation.events.schedule(CLIENT_TICK_US, Event::ClientTick);
        simulation.events.schedule(FAULT_TICK_US, Event::FaultTick);
        for index in 0..scenario.clients {
            simulation.send_next(index);
        }
        simulation
    }

    fn fresh(&self, replica: ReplicaId, recovering: bool) -> Replica {
        let table = Arc::clone(&self.scenario.table);
        let settings = self.settings[replica.0 as usize].clone();
        let keys: Arc<IdealKeys> = Arc::clone(&self.keys[replica.0 as usize]);
        if recovering { Replica::recovering(table, settings, keys) } else { Replica::new(table, settings, keys) }
    }

    fn start(&mut self, replica: ReplicaId) {
        let mut outputs = Vec::new();
        self.replicas[replica.0 as usize].start(self.now_us, &mut outputs);
        self.deliver(replica, self.now_us, outputs);
    }

    /// Ends the run where more events than this wait: that bounds its memory. Without it two million may.
    pub fn limit_waiting(&mut self, most: usize) {
        self.most_waiting = most.min(MAX_EVENTS);
    }

    /// Handles up to `most` events; false when the run has ended.
    pub fn advance(&mut self, most: u64) -> bool {
        let wanted = u64::from(self.scenario.clients).saturating_mul(self.scenario.requests_a_client);
        for _ in 0..most {
            if self.latencies_us.len() as u64 >= wanted || self.floods() {
                return false;
            }
            let Some((at_us, event)) = self.events.pop() else { return false };
            if at_us > self.scenario.until_us {
                self.now_us = self.scenario.until_us;
                return false;
            }
            self.now_us = at_us;
            self.note(&event);
            self.handle(event);
        }
        true
    }

    /// Simulated time so far, µs.
    pub fn now_us(&self) -> u64 {
        self.now_us
    }

    /// Whether so many events wait that the run has to end.
    pub fn floods(&self) -> bool {
        self.events.len() >= self.most_waiting
    }

    /// Whether histories that are final differ.
    pub fn has_diverged(&self) -> bool {
        self.diverged
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::ToReplica { to, from, message, sent_us } => self.on_arrival(to, from, message, sent_us),
            Event::ClientToReplica { to, message } => {
                if !self.is_deaf(to) && self.is_authentic(to, Sender::Client(0), &message) {
                    self.step(to, Input::FromClient { unit: 0, message }, 0);
                }
            }
            Event::ToClient { from, message } => self.on_reply(from, &message),
            Event::TimerOf { replica, timer, at_us } => {
                if self.timers.get(&(replica, timer)) == Some(&at_us) && !self.crashed[replica.0 as usize] {
                    self.timers.remove(&(replica, timer));
                    self.step(replica, Input::Timer(timer), 0);
                }
            }
            Event::ClientTick => {
                self.workload.tick(self.now_us);
                for send in self.client.tick(self.now_us) {
                    self.send_requests(send);
                }
                self.events.schedule(self.now_us + CLIENT_TICK_US, Event::ClientTick);
            }
            Event::FaultTick => {
                self.take_over_faults();
                self.events.schedule(self.now_us + FAULT_TICK_US, Event::FaultTick);
            }
            Event::Change(index) => self.change(index),
        }
    }

    fn change(&mut self, index: usize) {
        let scenario = Arc::clone(&self.scenario);
        let Some(change) = scenario.schedule.get(index) else { return };
        for (key, value) in &change.set {
            self.config.set(key, value.clone());
        }
        let set = change.set.iter().map(|(key, value)| (key.clone(), value.to_string())).collect();
        (self.sink)(TraceEvent::Change { at_us: self.now_us, set });
        for injector in &mut self.injectors {
            injector.update(&self.config);
        }
        self.workload.update(&self.config);
        self.take_over_faults();
    }

    /// Brings the replicas in line with the faults of this moment.
    fn take_over_faults(&mut self) {
        let first = self.now_us == 0;
        for index in 0..self.injectors.len() {
            let replica = ReplicaId(index as u32);
            let injector = &mut self.injectors[index];
            if first {
                injector.update(&self.config);
            }
            injector.tick(self.now_us);
            let faults = injector.faults();
            // What such a replica executes binds nobody.
            self.faulty[index] |= faults.equivocates || faults.wrong_vote_rate > 0.0;
            let (crashed, gap_us) = (injector.is_crashed(), injector.proposal_gap_us());
            let was = std::mem::replace(&mut self.crashed[index], crashed);
            if was && !crashed {
                self.timers.retain(|(of, _), _| *of != replica);
                self.replicas[index] = self.fresh(replica, true);
                self.start(replica);
            }
            if !crashed {
                self.step(replica, Input::ProposalGap(gap_us), 0);
            }
        }
    }

    fn is_deaf(&self, replica: ReplicaId) -> bool {
        let index = replica.0 as usize;
        self.crashed[index] || self.injectors[index].is_silent()
    }

    fn is_authentic(&mut self, at: ReplicaId, from: Sender, message: &Message) -> bool {
        let index = at.0 as usize;
        let keys = self.keys[index].as_ref();
        let authentic = verify(&self.scenario.table, &self.settings[index], keys, from, message);
        self.refused += u64::from(!authentic);
        authentic
    }

    fn on_arrival(&mut self, to: ReplicaId, from: ReplicaId, message: Message, sent_us: u64) {
        if self.is_deaf(to) || !self.injectors[to.0 as usize].hears(from) {
            return;
        }
        let name = name_of(&self.scenario.table, &message);
        if !self.is_authentic(to, Sender::Replica(from), &message) {
            (self.sink)(TraceEvent::Refused { at_us: self.now_us, from: from.0, to: to.0, message: name });
            return;
        }
        for (view, sequence, block) in about(&message) {
            (self.sink)(TraceEvent::Message {
                sent_us,
                at_us: self.now_us,
                from: from.0,
                to: to.0,
                message: name.clone(),
                view,
                sequence,
                block,
            });
        }
        let cost_ns = self.scenario.costs.receiving(&message, size(&message), self.scheme(&message));
        self.step(to, Input::FromReplica { from, message }, cost_ns);
    }

    fn scheme(&self, message: &Message) -> Option<crate::engine::authentication::Scheme> {
        let Message::Protocol(message) = message else { return None };
        let info = self.scenario.table.messages.get(usize::from(message.kind.0))?;
        self.mode.scheme(info.authentication)
    }

    fn step(&mut self, replica: ReplicaId, input: Input, cost_ns: u64) {
        let index = replica.0 as usize;
        if self.crashed[index] {
            return;
        }
        let mut outputs = std::mem::take(&mut self.outputs);
        let machine = &mut self.replicas[index];
        let (view, executed) = (machine.view(), machine.execution().last_executed());
        machine.step(self.now_us, input, &mut outputs);
        let costs = &self.scenario.costs;
        let sending_ns: u64 = outputs
            .iter()
            .map(|output| match output {
                Output::Send { to, message } if costs.message_ns + costs.byte_ns + costs.sign_ns > 0 => {
                    costs.sending(size(message), to.len(), self.scheme(message))
                }
                _ => 0,
            })
            .sum();
        let busy_us = self.busy_until_us[index].max(self.now_us) + (cost_ns + sending_ns) / 1_000;
        self.busy_until_us[index] = busy_us;
        self.tell(replica, view, executed);
        self.compare(replica);
        self.deliver(replica, busy_us, outputs);
    }

    fn deliver(&mut self, replica: ReplicaId, at_us: u64, mut outputs: Vec<Output>) {
        let index = replica.0 as usize;
        let leads = self.replicas[index].is_leader();
        let mut deliveries = Vec::new();
        for output in outputs.drain(..) {
            match output {
                Output::Send { to, message } => {
                    let receivers = u64::from(to.len());
                    *self.messages.entry(name_of(&self.scenario.table, &message)).or_default() += receivers;
                    self.bytes += size(&message) as u64 * receivers;
                    for target in to.iter() {
                        deliveries.clear();
                        let twins = ReplicaTwins {
                            replica: &self.replicas[index],
                            table: &self.scenario.table,
                            keys: self.keys[index].as_ref(),
                            mode: self.mode,
                        };
                        self.injectors[index].send(leads, target, &message, &twins, &mut deliveries);
                        for delivery in deliveries.drain(..) {
                            self.send(replica, target, at_us, &message, delivery);
                        }
                    }
                }
                Output::Reply { message, .. } => {
                    let injector = &mut self.injectors[index];
                    if !injector.is_silent() {
                        let delay_us = injector.client_delay_us();
                        self.transmit(at_us + delay_us, Event::ToClient { from: replica, message });
                    }
                }
                Output::SetTimer { timer, at_us } => {
                    self.timers.insert((replica, timer), at_us);
                    self.events.schedule(at_us.max(self.now_us), Event::TimerOf { replica, timer, at_us });
                }
            }
        }
        self.outputs = outputs;
    }

    fn send(&mut self, from: ReplicaId, to: ReplicaId, at_us: u64, original: &Message, delivery: Delivery) {
        if delivery.corrupt {
            // The channel's tag is wrong: the receiver counts and drops it.
            self.refused += 1;
            return;
        }
        let message = delivery.message.unwrap_or_else(|| original.clone());
        self.transmit(at_us + delivery.delay_us, Event::ToReplica { to, from, message, sent_us: at_us });
    }

    fn transmit(&mut self, start_us: u64, event: Event) {
        for arrival in self.scenario.network.transmit(start_us, &mut self.rng).into_iter().flatten() {
            self.events.schedule(arrival.max(self.now_us), event.clone());
        }
    }

    /// What it has come to.
    pub fn outcome(mut self) -> Outcome {
        let completed = self.latencies_us.len() as u64;
        self.latencies_us.sort_unstable();
        let counters = || self.replicas.iter().map(Replica::counters);
        Outcome {
            verdict: self.comparison.verdict(completed > 0),
            completed,
            submitted: self.sent.iter().sum(),
            executed: self.replicas.iter().map(|replica| replica.execution().last_executed()).collect(),
            view: self.replicas.iter().map(|replica| replica.view().0).max().unwrap_or_default(),
            bytes: self.bytes,
            refused: self.refused,
            slow: counters().map(|counters| counters.slow).sum::<u64>() + self.client.slow(),
            rolled_back: counters().map(|counters| counters.rolled_back).sum(),
            messages: self.messages.into_iter().collect(),
            latencies_us: self.latencies_us,
            ended_us: self.now_us,
            trace_hash: *self.trace.finalize().as_bytes(),
        }
    }
}
