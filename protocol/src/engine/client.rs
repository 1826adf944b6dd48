//! The client's side: sends requests to the role that takes them, counts matching replies, asks again.

use super::block::{ClientId, Request};
use super::message::{Message, ReplyItem};
use crate::replica_set::ReplicaSet;
use crate::table::Table;
use model::ids::{ReplicaId, SequenceNumber, View};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most requests in one message to a replica.
const REQUESTS_A_MESSAGE: usize = 1_000;

/// A request that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Whose.
    pub client: ClientId,
    /// Which.
    pub timestamp: u64,
    /// When it was due to be sent, µs. Latency counts from here.
    pub due_us: u64,
    /// When enough replies were there, µs.
    pub completed_us: u64,
}

/// A message that is owed to replicas.
#[derive(Clone, Debug)]
pub struct ClientSend {
    /// To whom.
    pub to: ReplicaSet,
    /// What.
    pub message: Message,
}

#[derive(Clone, Debug)]
struct Outstanding {
    request: Request,
    due_us: u64,
    last_sent_us: u64,
    results: Vec<(u64, ReplicaSet)>,
}

/// All logical clients of one unit. Memory: O(outstanding requests).
#[derive(Clone, Debug)]
pub struct Client {
    table: Arc<Table>,
    retransmit_us: u64,
    view: View,
    /// The highest sequence number in a reply that counted.
    last_sequence: SequenceNumber,
    outstanding: BTreeMap<(ClientId, u64), Outstanding>,
}

impl Client {
    /// A client unit that asks again after `retransmit_us` without an answer.
    pub fn new(table: Arc<Table>, retransmit_us: u64) -> Self {
        Self { table, retransmit_us, view: View(0), last_sequence: SequenceNumber(0), outstanding: BTreeMap::new() }
    }

    /// Requests without an answer yet.
    pub fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// Sends requests that were due at `due_us`.
    pub fn submit(&mut self, now_us: u64, due_us: u64, requests: Vec<Request>) -> ClientSend {
        for request in &requests {
            let entry = Outstanding { request: request.clone(), due_us, last_sent_us: now_us, results: Vec::new() };
            self.outstanding.insert((request.client, request.timestamp), entry);
        }
        let leader = self.table.leader(self.view, self.last_sequence.next(), u64::MAX);
        ClientSend { to: self.table.members(self.table.request_target, leader), message: Message::Requests(requests) }
    }

    /// Counts a reply and appends the requests it completes.
    pub fn on_reply(
        &mut self,
        now_us: u64,
        from: ReplicaId,
        (view, sequence): (View, SequenceNumber),
        items: &[ReplyItem],
        completions: &mut Vec<Completion>,
    ) {
        for item in items {
            let key = (item.client, item.timestamp);
            let Some(outstanding) = self.outstanding.get_mut(&key) else { continue };
            // One result a replica: a second, other one is ignored.
            if outstanding.results.iter().any(|(_, replicas)| replicas.contains(from)) {
                continue;
            }
            let matching = match outstanding.results.iter_mut().find(|(result, _)| *result == item.result) {
                Some((_, replicas)) => {
                    replicas.insert(from);
                    replicas.len()
                }
                None => {
                    outstanding.results.push((item.result, ReplicaSet::one(from)));
                    1
                }
            };
            if matching >= self.table.reply_quorum {
                let due_us = outstanding.due_us;
                self.outstanding.remove(&key);
                self.last_sequence = self.last_sequence.max(sequence);
                self.view = self.view.max(view);
                completions.push(Completion { client: key.0, timestamp: key.1, due_us, completed_us: now_us });
            }
        }
    }

    /// Asks all replicas again for what has waited too long. To be called every so often.
    pub fn retransmit(&mut self, now_us: u64) -> Vec<ClientSend> {
        let mut late = Vec::new();
        for outstanding in self.outstanding.values_mut() {
            if now_us >= outstanding.last_sent_us + self.retransmit_us {
                outstanding.last_sent_us = now_us;
                late.push(outstanding.request.clone());
            }
        }
        late.chunks(REQUESTS_A_MESSAGE)
            .map(|part| ClientSend { to: ReplicaSet::first(self.table.n), message: Message::Requests(part.to_vec()) })
            .collect()
    }
}
