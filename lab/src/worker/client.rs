//! A client unit: many logical clients, in a closed loop (each waits for its answers) or an open one (requests come at
//! their time, whatever is still unanswered).

use super::points;
use super::reporter::{Contents, Reporter};
use super::running::{self, Owner, Running};
use super::traffic::Traffic;
use crate::clock::Monotonic;
use crate::transport::{Batch, Encoded, Peer};
use hdrhistogram::Histogram;
use model::config::ConfigTree;
use model::ids::{ReplicaId, UnitId};
use model::metric;
use model::patch::Patch;
use model::report::HistoryPoint;
use protocol::engine::client::{ClientSend, Completion};
use protocol::engine::{Client, ClientId, Digest, Message, Request, Settings};
use protocol::workload::Workload;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Latencies beyond this count as this, µs.
const MAX_LATENCY_US: u64 = 600_000_000;
/// Most unanswered requests of the open loop; beyond that it stops offering.
const MAX_OPEN_REQUESTS: usize = 100_000;
/// Most requests that the open loop sends at once, when it has fallen behind.
const OPEN_BURST: usize = 1_000;
/// Places whose accepted history waits for the next report.
const MAX_ACCEPTED: usize = 100_000;

/// Runs the client until it is told to stop.
pub(super) async fn run(running: Running) {
    let Running { unit, table, config, version, clients: units, keys, tagged, peers, counters, reports, news, .. } =
        running;
    let number = (unit.0 - table.n - 1) as u16;
    let settings = Settings::from_config(&config, ReplicaId(0));
    let Ok(latencies) = Histogram::new_with_bounds(1, MAX_LATENCY_US, 2) else { return };
    let units = u64::from(units.max(1));
    let clients = share(config.integer("benchmark.closed-loop.num-client", 100).clamp(1, 10_000) as u64, number, units);
    // The interval is that of all client units together, who take turns.
    let interval_us = config.integer("benchmark.request-interval-micros", 100).max(1) as u64;
    let mut tick_us = settings.retransmit_us / 4;
    if table.commit.is_some() {
        tick_us = tick_us.min(settings.timer_base_us / 2);
    }
    let mut owner = ClientOwner {
        number,
        replicas: table.n,
        clock: Monotonic::start(),
        closed_loop: config.boolean("benchmark.closed-loop.enable", true),
        interval_us: interval_us * units,
        block_size: settings.block_size,
        tick_us,
        next_tick_us: 0,
        traffic: Traffic::new(&table),
        client: Client::new(table, &settings, keys as Arc<_>),
        workload: Workload::from_config(&config, number),
        logical: vec![Logical::default(); usize::from(clients)],
        ready: BTreeSet::new(),
        next_open_us: interval_us * u64::from(number),
        next_open_client: 0,
        tagged,
        peers,
        latencies,
        completed: 0,
        submitted: 0,
        accepted: BTreeMap::new(),
        reported: 0,
        reporter: Reporter::new(unit, reports, counters, (&config, version)),
        config,
        completions: Vec::new(),
    };
    if owner.closed_loop {
        for index in 0..clients {
            owner.ready.insert((0, index));
        }
    }
    running::drive(&mut owner, news).await;
}

#[derive(Clone, Copy, Debug, Default)]
struct Logical {
    last_timestamp: u64,
    unanswered: usize,
}

struct ClientOwner {
    number: u16,
    replicas: u32,
    clock: Monotonic,
    closed_loop: bool,
    interval_us: u64,
    block_size: usize,
    tick_us: u64,
    next_tick_us: u64,
    traffic: Traffic,
    client: Client,
    workload: Workload,
    logical: Vec<Logical>,
    /// Closed-loop clients that send at their time.
    ready: BTreeSet<(u64, u16)>,
    next_open_us: u64,
    next_open_client: u16,
    config: ConfigTree,
    tagged: bool,
    peers: BTreeMap<UnitId, Peer>,
    latencies: Histogram<u64>,
    completed: u64,
    submitted: u64,
    /// Where accepted results were executed, and the history there, since the last report.
    accepted: BTreeMap<u64, Digest>,
    /// The last place of those that have been reported.
    reported: u64,
    reporter: Reporter,
    completions: Vec<Completion>,
}

impl Owner for ClientOwner {
    fn clock(&self) -> Monotonic {
        self.clock
    }

    fn next_us(&self) -> u64 {
        let mut next = self.reporter.due_us().min(self.next_tick_us);
        if let Some((at_us, _)) = self.ready.first() {
            next = next.min(*at_us);
        }
        if !self.closed_loop && self.client.outstanding() < MAX_OPEN_REQUESTS {
            next = next.min(self.next_open_us);
        }
        next
    }

    fn take(&mut self, batch: Batch) {
        let Some(replica) = batch.from.0.checked_sub(1).filter(|replica| *replica < self.replicas) else { return };
        let (from, now_us) = (ReplicaId(replica), self.clock.now_us());
        let mut completions = std::mem::take(&mut self.completions);
        for message in &batch.messages {
            match message {
                Message::Reply(reply) => self.client.on_reply(now_us, from, reply, &mut completions),
                Message::ReadReply { items, .. } => self.client.on_read_reply(now_us, from, items, &mut completions),
                Message::CommitAcknowledgement { view, sequence, history } => {
                    self.client.on_acknowledgement(now_us, from, (*view, *sequence, *history), &mut completions);
                }
                _ => {}
            }
        }
        let think_us = self.workload.think_time_us();
        for completion in completions.drain(..) {
            self.completed += 1;
            self.latencies.saturating_record((completion.completed_us - completion.due_us).max(1));
            if let Some((sequence, history)) = completion.accepted
                && self.accepted.len() < MAX_ACCEPTED
            {
                self.accepted.insert(sequence.0, history);
            }
            let logical = &mut self.logical[usize::from(completion.client.index)];
            logical.unanswered = logical.unanswered.saturating_sub(1);
            if self.closed_loop && logical.unanswered == 0 {
                self.ready.insert((now_us + think_us, completion.client.index));
            }
        }
        self.completions = completions;
    }

    fn do_what_is_due(&mut self) {
        let now_us = self.clock.now_us();
        self.workload.tick(now_us);
        let mut requests = Vec::new();
        while self.ready.first().is_some_and(|(at_us, _)| *at_us <= now_us) {
            let Some((_, index)) = self.ready.pop_first() else { break };
            for _ in 0..self.block_size {
                let request = self.next_request(index);
                requests.push(request);
            }
        }
        if !requests.is_empty() {
            self.submit(now_us, now_us, requests);
        }
        if !self.closed_loop {
            self.send_open(now_us);
        }
        if self.next_tick_us <= now_us {
            self.next_tick_us = now_us + self.tick_us;
            for send in self.client.tick(now_us) {
                self.send(&send);
            }
        }
    }

    fn report_due_us(&self) -> u64 {
        self.reporter.due_us()
    }

    fn peers(&mut self) -> &mut BTreeMap<UnitId, Peer> {
        &mut self.peers
    }

    fn apply(&mut self, patch: &Patch) {
        patch.apply_to(&mut self.config);
        self.workload.update(&self.config);
        self.reporter.note_patch(patch);
    }

    fn report(&mut self) {
        let now_us = self.clock.now_us();
        let seconds = self.reporter.seconds(now_us);
        let mut contents = Contents::default();
        contents.add(metric::THROUGHPUT, self.completed as f64 / seconds);
        contents.add(metric::OFFERED, self.submitted as f64 / seconds);
        contents.add(metric::SLOW_PATH, self.client.slow() as f64);
        if !self.latencies.is_empty() {
            let milliseconds = |micros: u64| micros as f64 / 1_000.0;
            for (name, quantile) in
                [(metric::LATENCY_P50, 0.5), (metric::LATENCY_P90, 0.9), (metric::LATENCY_P99, 0.99)]
            {
                contents.add(name, milliseconds(self.latencies.value_at_quantile(quantile)));
            }
            contents.add(metric::LATENCY_MAX, milliseconds(self.latencies.max()));
            contents.add(metric::LATENCY_MEAN, self.latencies.mean() / 1_000.0);
            contents.latency_micros =
                self.latencies.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())).collect();
        }
        self.traffic.report(seconds, &mut contents);
        contents.history = self.new_history();
        self.latencies.reset();
        self.completed = 0;
        self.submitted = 0;
        self.reporter.send(now_us, contents);
    }
}

impl ClientOwner {
    /// Sends what has come due. A request that is late was still due at its time: its latency counts from there.
    fn send_open(&mut self, now_us: u64) {
        let mut sent = 0;
        while self.next_open_us <= now_us && sent < OPEN_BURST && self.client.outstanding() < MAX_OPEN_REQUESTS {
            let index = self.next_open_client;
            self.next_open_client = (index + 1) % self.logical.len() as u16;
            let due_us = self.next_open_us;
            let request = self.next_request(index);
            self.submit(now_us, due_us, vec![request]);
            self.next_open_us += self.interval_us;
            sent += 1;
        }
        if self.client.outstanding() >= MAX_OPEN_REQUESTS {
            self.next_open_us = self.next_open_us.max(now_us);
        }
    }

    fn next_request(&mut self, index: u16) -> Request {
        let logical = &mut self.logical[usize::from(index)];
        logical.last_timestamp += 1;
        logical.unanswered += 1;
        self.workload.request(ClientId { unit: self.number, index }, logical.last_timestamp)
    }

    fn submit(&mut self, now_us: u64, due_us: u64, requests: Vec<Request>) {
        self.submitted += requests.len() as u64;
        for send in self.client.submit(now_us, due_us, requests) {
            self.send(&send);
        }
    }

    fn send(&mut self, send: &ClientSend) {
        let encoded = Encoded::new(&send.message, self.tagged);
        let kind = self.traffic.kind(&send.message);
        for replica in send.to.iter() {
            if let Some(peer) = self.peers.get_mut(&UnitId(replica.0 + 1)) {
                self.traffic.note(kind, &encoded);
                peer.send(encoded.clone());
            }
        }
    }

    fn new_history(&mut self) -> Vec<HistoryPoint> {
        let accepted = std::mem::take(&mut self.accepted);
        let Some((last, _)) = accepted.last_key_value() else { return Vec::new() };
        let points = accepted.iter().rev().map(|(sequence, history)| (*sequence, *history));
        let chosen = points::choose(points, self.reported, *last, 1);
        self.reported = self.reported.max(*last);
        chosen
    }
}

/// How many of the logical clients live in a unit: they are split evenly, and each unit has at least one.
fn share(clients: u64, unit: u16, units: u64) -> u16 {
    let more = u64::from(u64::from(unit) < clients % units);
    (clients / units + more).max(1) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_clients_are_split_evenly_and_no_unit_is_idle() {
        assert_eq!([0, 1, 2].map(|unit| share(100, unit, 3)), [34, 33, 33]);
        assert_eq!([0, 1, 2].map(|unit| share(2, unit, 3)), [1, 1, 1]);
    }
}
