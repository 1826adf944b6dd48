//! One simulated run.

use super::network::Network;
use super::outcome::{self, Outcome};
use crate::engine::client::ClientSend;
use crate::engine::{Client, ClientId, Digest, Input, Message, Output, Replica, Settings, Timer, codec};
use crate::fault::{Faults, Route};
use crate::replica_set::ReplicaSet;
use crate::table::Table;
use crate::workload::Workload;
use model::config::ConfigTree;
use model::ids::{ReplicaId, SequenceNumber};
use model::trial::Verdict;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

/// How often clients look for requests to send again, µs.
const CLIENT_TICK_US: u64 = 20_000;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The protocol.
    pub table: Arc<Table>,
    /// The experiment's configuration.
    pub config: ConfigTree,
    /// The network.
    pub network: Network,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Logical clients, each with one request outstanding.
    pub clients: u16,
    /// Requests that each client sends.
    pub requests_a_client: u64,
    /// Replicas that never start.
    pub crashed: ReplicaSet,
    /// Replicas that, when they lead, propose different blocks to different replicas.
    pub equivocators: ReplicaSet,
    /// When to give up, µs.
    pub until_us: u64,
}

/// Who an event is for.
#[derive(Clone, Debug)]
enum Event {
    ToReplica { to: ReplicaId, from: ReplicaId, message: Message },
    RequestsTo { to: ReplicaId, message: Message },
    ToClient { from: ReplicaId, message: Message },
    TimerOf { replica: ReplicaId, timer: Timer, at_us: u64 },
    ClientTick,
}

struct Scheduled {
    at_us: u64,
    number: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        (self.at_us, self.number) == (other.at_us, other.number)
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at_us, self.number).cmp(&(other.at_us, other.number))
    }
}

/// Runs a scenario until all requests are answered, or until its end.
pub fn simulate(scenario: &Scenario) -> Outcome {
    let mut simulation = Simulation::new(scenario);
    simulation.run();
    simulation.outcome()
}

struct Simulation<'a> {
    scenario: &'a Scenario,
    rng: ChaCha8Rng,
    now_us: u64,
    number: u64,
    events: BinaryHeap<Reverse<Scheduled>>,
    replicas: Vec<Replica>,
    timers: BTreeMap<(ReplicaId, Timer), u64>,
    histories: Vec<Vec<(SequenceNumber, Digest)>>,
    faults: Faults,
    client: Client,
    workload: Workload,
    sent: Vec<u64>,
    completed: u64,
    messages: BTreeMap<String, u64>,
    trace: blake3::Hasher,
    outputs: Vec<Output>,
}

impl<'a> Simulation<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let table = &scenario.table;
        let replica =
            |index| Replica::new(Arc::clone(table), Settings::from_config(&scenario.config, ReplicaId(index)));
        let retransmit_us = Settings::from_config(&scenario.config, ReplicaId(0)).retransmit_us;
        let mut simulation = Self {
            scenario,
            rng: ChaCha8Rng::seed_from_u64(scenario.seed),
            now_us: 0,
            number: 0,
            events: BinaryHeap::new(),
            replicas: (0..table.n).map(replica).collect(),
            timers: BTreeMap::new(),
            histories: vec![Vec::new(); table.n as usize],
            faults: Faults::from_config(&scenario.config),
            client: Client::new(Arc::clone(table), retransmit_us),
            workload: Workload::from_config(&scenario.config, 0),
            sent: vec![0; usize::from(scenario.clients)],
            completed: 0,
            messages: BTreeMap::new(),
            trace: blake3::Hasher::new(),
            outputs: Vec::new(),
        };
        for index in 0..table.n {
            let replica = ReplicaId(index);
            simulation.set_timer(replica, Timer::Progress, retransmit_us);
            let gap_us = simulation.faults.proposal_gap_us(replica);
            simulation.replicas[index as usize].step(0, Input::ProposalGap(gap_us), &mut Vec::new());
        }
        simulation.schedule(CLIENT_TICK_US, Event::ClientTick);
        for index in 0..scenario.clients {
            simulation.send_next(index);
        }
        simulation
    }

    fn run(&mut self) {
        let wanted = u64::from(self.scenario.clients) * self.scenario.requests_a_client;
        while self.completed < wanted {
            let Some(Reverse(scheduled)) = self.events.pop() else { return };
            if scheduled.at_us > self.scenario.until_us {
                return;
            }
            self.now_us = scheduled.at_us;
            self.note(&scheduled.event);
            self.handle(scheduled.event);
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::ToReplica { to, from, message } => self.step(to, Input::FromReplica { from, message }),
            Event::RequestsTo { to, message } => {
                if let Message::Requests(requests) = message {
                    self.step(to, Input::FromClient { unit: 0, requests });
                }
            }
            Event::ToClient { from, message } => self.on_reply(from, &message),
            Event::TimerOf { replica, timer, at_us } => {
                if self.timers.get(&(replica, timer)) == Some(&at_us) {
                    self.timers.remove(&(replica, timer));
                    self.step(replica, Input::Timer(timer));
                }
            }
            Event::ClientTick => {
                for send in self.client.retransmit(self.now_us) {
                    self.send_requests(send);
                }
                self.schedule(self.now_us + CLIENT_TICK_US, Event::ClientTick);
            }
        }
    }

    fn step(&mut self, replica: ReplicaId, input: Input) {
        if self.scenario.crashed.contains(replica) {
            return;
        }
        let mut outputs = std::mem::take(&mut self.outputs);
        let machine = &mut self.replicas[replica.0 as usize];
        let before = machine.execution().last_executed();
        machine.step(self.now_us, input, &mut outputs);
        let history = &mut self.histories[replica.0 as usize];
        let new: Vec<_> = machine.execution().history_points().rev().take_while(|(place, _)| *place > before).collect();
        history.extend(new.into_iter().rev());
        let leads = machine.is_leader();
        for output in outputs.drain(..) {
            match output {
                Output::Send { to, message } => {
                    for target in to.iter() {
                        let message = self.perhaps_equivocate(replica, target, &message);
                        self.send(replica, target, leads, message);
                    }
                }
                Output::Reply { message, .. } => {
                    self.transmit(self.now_us, Event::ToClient { from: replica, message });
                }
                Output::SetTimer { timer, at_us } => self.set_timer(replica, timer, at_us),
            }
        }
        self.outputs = outputs;
    }

    /// An equivocator tells odd replicas of the same requests in another order: another block for the same place.
    fn perhaps_equivocate(&self, from: ReplicaId, to: ReplicaId, message: &Message) -> Message {
        match message {
            Message::Proposal { kind, view, sequence, block }
                if self.scenario.equivocators.contains(from) && to.0 % 2 == 1 && block.requests().len() > 1 =>
            {
                let mut requests = block.requests().to_vec();
                requests.reverse();
                let block = crate::engine::Block::new(requests);
                Message::Proposal { kind: *kind, view: *view, sequence: *sequence, block }
            }
            message => message.clone(),
        }
    }

    fn send(&mut self, from: ReplicaId, to: ReplicaId, leads: bool, message: Message) {
        *self.messages.entry(self.name_of(&message)).or_default() += 1;
        let start_us = match self.faults.route(leads, to) {
            Route::Now => self.now_us,
            Route::Later(delay_us) => self.now_us + delay_us,
            Route::Never => return,
        };
        self.transmit(start_us, Event::ToReplica { to, from, message });
    }

    fn send_requests(&mut self, send: ClientSend) {
        for to in send.to.iter() {
            self.transmit(self.now_us, Event::RequestsTo { to, message: send.message.clone() });
        }
    }

    fn transmit(&mut self, start_us: u64, event: Event) {
        for arrival in self.scenario.network.transmit(start_us, &mut self.rng).into_iter().flatten() {
            self.schedule(arrival, event.clone());
        }
    }

    fn on_reply(&mut self, from: ReplicaId, message: &Message) {
        let Message::Reply { view, sequence, items } = message else { return };
        let mut completions = Vec::new();
        self.client.on_reply(self.now_us, from, (*view, *sequence), items, &mut completions);
        for completion in completions {
            self.completed += 1;
            self.send_next(completion.client.index);
        }
    }

    fn send_next(&mut self, index: u16) {
        let sent = &mut self.sent[usize::from(index)];
        if *sent == self.scenario.requests_a_client {
            return;
        }
        *sent += 1;
        let timestamp = *sent;
        let request = self.workload.request(ClientId { unit: 0, index }, timestamp);
        let send = self.client.submit(self.now_us, self.now_us, vec![request]);
        self.send_requests(send);
    }

    fn set_timer(&mut self, replica: ReplicaId, timer: Timer, at_us: u64) {
        self.timers.insert((replica, timer), at_us);
        self.schedule(at_us, Event::TimerOf { replica, timer, at_us });
    }

    fn schedule(&mut self, at_us: u64, event: Event) {
        self.number += 1;
        let at_us = at_us.max(self.now_us);
        self.events.push(Reverse(Scheduled { at_us, number: self.number, event }));
    }

    fn name_of(&self, message: &Message) -> String {
        match message {
            Message::Vote { kind, .. } | Message::Proposal { kind, .. } => {
                self.scenario.table.messages[usize::from(kind.0)].name.clone()
            }
            Message::Requests(_) => "request".to_owned(),
            Message::Reply { .. } => "reply".to_owned(),
            Message::Checkpoint { .. } => "checkpoint".to_owned(),
            Message::Fetch { .. } => "fetch".to_owned(),
            Message::Decided { .. } => "decided".to_owned(),
            Message::Snapshot { .. } => "snapshot".to_owned(),
        }
    }

    /// Takes an event into the trace: its time, its parties, and the message's bytes.
    fn note(&mut self, event: &Event) {
        self.trace.update(&self.now_us.to_le_bytes());
        let (tag, parties, message) = match event {
            Event::ToReplica { to, from, message } => (1u8, [to.0, from.0], Some(message)),
            Event::RequestsTo { to, message } => (2, [to.0, 0], Some(message)),
            Event::ToClient { from, message } => (3, [from.0, 0], Some(message)),
            Event::TimerOf { replica, timer, .. } => (4, [replica.0, *timer as u32], None),
            Event::ClientTick => (5, [0, 0], None),
        };
        self.trace.update(&[tag]);
        for party in parties {
            self.trace.update(&party.to_le_bytes());
        }
        if let Some(message) = message {
            let mut bytes = Vec::new();
            codec::encode(message, &mut bytes);
            self.trace.update(&bytes);
        }
    }

    fn outcome(self) -> Outcome {
        // What an equivocator or a crashed replica executed binds nobody.
        let correct = self.histories.iter().enumerate().filter_map(|(index, history)| {
            let replica = ReplicaId(index as u32);
            let faulty = self.scenario.crashed.contains(replica) || self.scenario.equivocators.contains(replica);
            (!faulty).then_some((replica, history.as_slice()))
        });
        let verdict = match outcome::compare(correct) {
            Some(diverged) => diverged,
            None if self.completed == 0 => Verdict::NoProgress,
            None => Verdict::Pass,
        };
        Outcome {
            verdict,
            completed: self.completed,
            submitted: self.sent.iter().sum(),
            executed: self.replicas.iter().map(|replica| replica.execution().last_executed()).collect(),
            messages: self.messages.into_iter().collect(),
            ended_us: self.now_us,
            trace_hash: *self.trace.finalize().as_bytes(),
        }
    }
}
