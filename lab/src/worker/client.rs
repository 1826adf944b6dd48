//! A client unit: many logical clients, in a closed loop (each waits for its answers) or an open one (requests come at
//! their time, whatever is still unanswered).

use super::reporter::{Contents, Reporter};
use super::running::{self, Owner, Running};
use crate::clock::Monotonic;
use crate::transport::{Batch, Encoded, Peer};
use hdrhistogram::Histogram;
use model::config::ConfigTree;
use model::ids::{ReplicaId, UnitId};
use model::metric;
use model::patch::Patch;
use protocol::engine::client::{ClientSend, Completion};
use protocol::engine::{Client, ClientId, Message, Request, Settings};
use protocol::workload::Workload;
use std::collections::{BTreeMap, BTreeSet};

/// Latencies beyond this count as this, µs.
const MAX_LATENCY_US: u64 = 600_000_000;
/// Most unanswered requests of the open loop; beyond that it stops offering.
const MAX_OPEN_REQUESTS: usize = 100_000;
/// Most requests that the open loop sends at once, when it has fallen behind.
const OPEN_BURST: usize = 1_000;

/// Runs the client until it is told to stop.
pub(super) async fn run(running: Running) {
    let Running { unit, table, config, peers, counters, reports, news } = running;
    let number = (unit.0 - table.n - 1) as u16;
    let settings = Settings::from_config(&config, ReplicaId(0));
    let Ok(latencies) = Histogram::new_with_bounds(1, MAX_LATENCY_US, 2) else { return };
    let clients = config.integer("benchmark.closed-loop.num-client", 100).clamp(1, 10_000) as u16;
    let mut owner = ClientOwner {
        number,
        replicas: table.n,
        clock: Monotonic::start(),
        closed_loop: config.boolean("benchmark.closed-loop.enable", true),
        interval_us: config.integer("benchmark.request-interval-micros", 100).max(1) as u64,
        block_size: settings.block_size,
        think_us: think_us(&config),
        retransmit_tick_us: settings.retransmit_us / 4,
        next_retransmit_us: 0,
        client: Client::new(table, settings.retransmit_us),
        workload: Workload::from_config(&config, number),
        logical: vec![Logical::default(); usize::from(clients)],
        ready: BTreeSet::new(),
        next_open_us: 0,
        next_open_client: 0,
        peers,
        latencies,
        completed: 0,
        submitted: 0,
        reporter: Reporter::new(unit, reports, counters, &config),
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
    think_us: u64,
    retransmit_tick_us: u64,
    next_retransmit_us: u64,
    client: Client,
    workload: Workload,
    logical: Vec<Logical>,
    /// Closed-loop clients that send at their time.
    ready: BTreeSet<(u64, u16)>,
    next_open_us: u64,
    next_open_client: u16,
    config: ConfigTree,
    peers: BTreeMap<UnitId, Peer>,
    latencies: Histogram<u64>,
    completed: u64,
    submitted: u64,
    reporter: Reporter,
    completions: Vec<Completion>,
}

impl Owner for ClientOwner {
    fn clock(&self) -> Monotonic {
        self.clock
    }

    fn next_us(&self) -> u64 {
        let mut next = self.reporter.due_us().min(self.next_retransmit_us);
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
        let now_us = self.clock.now_us();
        let mut completions = std::mem::take(&mut self.completions);
        for message in &batch.messages {
            if let Message::Reply { view, sequence, items } = message {
                self.client.on_reply(now_us, ReplicaId(replica), (*view, *sequence), items, &mut completions);
            }
        }
        for completion in completions.drain(..) {
            self.completed += 1;
            self.latencies.saturating_record((completion.completed_us - completion.due_us).max(1));
            let logical = &mut self.logical[usize::from(completion.client.index)];
            logical.unanswered = logical.unanswered.saturating_sub(1);
            if self.closed_loop && logical.unanswered == 0 {
                self.ready.insert((now_us + self.think_us, completion.client.index));
            }
        }
        self.completions = completions;
    }

    fn do_what_is_due(&mut self) {
        let now_us = self.clock.now_us();
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
        if self.next_retransmit_us <= now_us {
            self.next_retransmit_us = now_us + self.retransmit_tick_us;
            for send in self.client.retransmit(now_us) {
                self.send(&send);
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
        self.workload.update(&self.config);
        self.think_us = think_us(&self.config);
        self.reporter.note_patch(patch);
    }

    fn report(&mut self) {
        let now_us = self.clock.now_us();
        let seconds = self.reporter.seconds(now_us);
        let mut contents = Contents::default();
        contents.add(metric::THROUGHPUT, self.completed as f64 / seconds);
        contents.add(metric::OFFERED, self.submitted as f64 / seconds);
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
        let send = self.client.submit(now_us, due_us, requests);
        self.send(&send);
    }

    fn send(&mut self, send: &ClientSend) {
        let encoded = Encoded::new(&send.message);
        for replica in send.to.iter() {
            if let Some(peer) = self.peers.get_mut(&UnitId(replica.0 + 1)) {
                peer.send(encoded.clone());
            }
        }
    }
}

fn think_us(config: &ConfigTree) -> u64 {
    let key = "benchmark.closed-loop.delay-ms";
    let plain = config.integer(&format!("{key}.init"), 0);
    config.integer(key, plain).clamp(0, 60_000) as u64 * 1_000
}
