//! The client's side: sends requests to the role that takes them, counts matching replies, asks again, and, where the
//! protocol speculates, turns enough equal replies into a proof.

use super::authentication::{Keys, Scheme};
use super::block::{ClientId, Digest, Request};
use super::codec;
use super::message::{Message, Reply, ReplyItem};
use super::settings::Settings;
use crate::replica_set::ReplicaSet;
use crate::table::{Role, Rotation, Table};
use bytes::Bytes;
use model::ids::{ReplicaId, SequenceNumber, View};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most requests in one message to a replica.
const REQUESTS_A_MESSAGE: usize = 1_000;
/// Most bytes of payloads in one message to a replica; one request goes whatever its size.
const BYTES_A_MESSAGE: usize = 1 << 20;
/// Bytes of payloads that are sent again at one time.
const LATE_BYTES: usize = 1 << 20;
/// Waiting doubles at most so often.
const MAX_DOUBLINGS: u32 = 4;
/// Blocks whose replies are remembered for the slow path.
const REMEMBERED_BLOCKS: usize = 4_096;

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
    /// Where it was executed and the history there, where the replies say so alike.
    pub accepted: Option<(SequenceNumber, Digest)>,
}

/// A message that is owed to replicas.
#[derive(Clone, Debug)]
pub struct ClientSend {
    /// To whom.
    pub to: ReplicaSet,
    /// What.
    pub message: Message,
}

/// What replies have to agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Answer {
    result: u64,
    /// Where the protocol speculates: view, place and history too.
    place: Option<Place>,
}

type Place = (SequenceNumber, View, Digest);

#[derive(Clone, Debug)]
struct Outstanding {
    request: Request,
    due_us: u64,
    last_sent_us: u64,
    retries: u32,
    answers: Vec<(Answer, ReplicaSet)>,
}

/// Equal replies about one block.
#[derive(Clone, Debug, Default)]
struct Replies {
    signatures: BTreeMap<ReplicaId, Bytes>,
    first_us: u64,
    sent_us: Option<u64>,
    acknowledged: ReplicaSet,
}

/// All logical clients of one unit. Memory: O(outstanding requests).
#[derive(Clone, Debug)]
pub struct Client {
    table: Arc<Table>,
    keys: Arc<dyn Keys>,
    settings: Settings,
    /// Half of twice the last latencies, µs.
    smoothed_us: u64,
    view: View,
    /// The highest sequence number in a reply that counted.
    last_sequence: SequenceNumber,
    outstanding: BTreeMap<(ClientId, u64), Outstanding>,
    replies: BTreeMap<Place, Replies>,
    slow: u64,
}

impl Client {
    /// A client unit.
    pub fn new(table: Arc<Table>, settings: &Settings, keys: Arc<dyn Keys>) -> Self {
        Self {
            table,
            keys,
            settings: settings.clone(),
            smoothed_us: 0,
            view: View(0),
            last_sequence: SequenceNumber(0),
            outstanding: BTreeMap::new(),
            replies: BTreeMap::new(),
            slow: 0,
        }
    }

    /// Requests without an answer yet.
    pub fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// Blocks that needed this client's proof.
    pub fn slow(&self) -> u64 {
        self.slow
    }

    /// Sends requests that were due at `due_us`, each with its proof.
    pub fn submit(&mut self, now_us: u64, due_us: u64, mut requests: Vec<Request>) -> Vec<ClientSend> {
        for request in &mut requests {
            self.prove(request);
            let entry =
                Outstanding { request: request.clone(), due_us, last_sent_us: now_us, retries: 0, answers: Vec::new() };
            self.outstanding.insert((request.client, request.timestamp), entry);
        }
        self.to_replicas(requests)
    }

    fn prove(&self, request: &mut Request) {
        let scheme = self.settings.mode.request_scheme();
        if scheme != Scheme::None {
            let mut statement = Vec::with_capacity(codec::REQUEST_HEADER_BYTES + 256);
            codec::request_statement(request, &mut statement);
            request.proof = self.keys.sign_request(scheme, &statement);
        }
    }

    fn to_replicas(&self, requests: Vec<Request>) -> Vec<ClientSend> {
        let everybody = ReplicaSet::first(self.table.n);
        let (reads, writes): (Vec<_>, Vec<_>) =
            requests.into_iter().partition(|request| request.read_only && self.table.read_only);
        let mut sends = parts(reads, everybody);
        if self.table.request_target == Role::Originator {
            // Each logical client has a replica of its own that brings its requests in.
            let mut of_replica: BTreeMap<u32, Vec<Request>> = BTreeMap::new();
            for request in writes {
                of_replica.entry(u32::from(request.client.index) % self.table.n).or_default().push(request);
            }
            for (replica, requests) in of_replica {
                sends.extend(parts(requests, ReplicaSet::one(ReplicaId(replica))));
            }
        } else {
            let to =
                self.table.members(self.table.request_target, self.view, self.last_sequence.next(), Rotation::NONE);
            sends.extend(parts(writes, to));
        }
        sends
    }

    /// Counts a reply and appends the requests it completes.
    pub fn on_reply(&mut self, now_us: u64, from: ReplicaId, reply: &Reply, completions: &mut Vec<Completion>) {
        let speculative = self.table.speculative && reply.history != Reply::FINAL;
        let place = speculative.then_some((reply.sequence, reply.view, reply.history));
        if let (Some(place), Some(_)) = (place, self.table.commit) {
            let known = self.replies.entry(place).or_insert_with(|| Replies { first_us: now_us, ..Replies::default() });
            known.signatures.insert(from, reply.signature.clone());
            while self.replies.len() > REMEMBERED_BLOCKS {
                self.replies.pop_first();
            }
        }
        let quorum = if self.table.speculative && !speculative { self.table.f + 1 } else { self.table.reply_quorum };
        for item in &reply.items {
            let answer = Answer { result: item.result, place };
            if self.count(from, item, answer) >= quorum {
                self.complete(now_us, (item.client, item.timestamp), answer, completions);
                self.last_sequence = self.last_sequence.max(reply.sequence);
                self.view = self.view.max(reply.view);
            }
        }
    }

    /// Counts answers to read-only requests.
    pub fn on_read_reply(
        &mut self,
        now_us: u64,
        from: ReplicaId,
        items: &[ReplyItem],
        completions: &mut Vec<Completion>,
    ) {
        for item in items {
            let answer = Answer { result: item.result, place: None };
            let key = (item.client, item.timestamp);
            if self.outstanding.get(&key).is_some_and(|outstanding| outstanding.request.read_only)
                && self.count(from, item, answer) >= self.table.read_only_quorum
            {
                self.complete(now_us, key, answer, completions);
            }
        }
    }

    /// How many replicas gave this answer to a request that is still open.
    fn count(&mut self, from: ReplicaId, item: &ReplyItem, answer: Answer) -> u32 {
        let Some(outstanding) = self.outstanding.get_mut(&(item.client, item.timestamp)) else { return 0 };
        // One answer a replica counts, its latest: a view change may make it a different one.
        for (known, replicas) in &mut outstanding.answers {
            if *known != answer {
                replicas.remove(from);
            }
        }
        match outstanding.answers.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, replicas)) => {
                replicas.insert(from);
                replicas.len()
            }
            None => {
                outstanding.answers.retain(|(_, replicas)| !replicas.is_empty());
                outstanding.answers.push((answer, ReplicaSet::one(from)));
                1
            }
        }
    }

    fn complete(&mut self, now_us: u64, key: (ClientId, u64), answer: Answer, completions: &mut Vec<Completion>) {
        let Some(outstanding) = self.outstanding.remove(&key) else { return };
        if outstanding.retries == 0 {
            let latency_us = now_us.saturating_sub(outstanding.last_sent_us);
            self.smoothed_us = if self.smoothed_us == 0 { latency_us } else { (7 * self.smoothed_us + latency_us) / 8 };
        }
        completions.push(Completion {
            client: key.0,
            timestamp: key.1,
            due_us: outstanding.due_us,
            completed_us: now_us,
            accepted: answer.place.map(|(sequence, _, history)| (sequence, history)),
        });
    }

    /// Counts a replica's acknowledgement of a proof, and appends the requests of that block.
    pub fn on_acknowledgement(
        &mut self,
        now_us: u64,
        from: ReplicaId,
        place: (View, SequenceNumber, Digest),
        completions: &mut Vec<Completion>,
    ) {
        let Some(rule) = self.table.commit else { return };
        let place = (place.1, place.0, place.2);
        let Some(replies) = self.replies.get_mut(&place) else { return };
        if replies.sent_us.is_none() {
            return;
        }
        replies.acknowledged.insert(from);
        if replies.acknowledged.len() < rule.acknowledgements {
            return;
        }
        self.replies.remove(&place);
        let answered: Vec<((ClientId, u64), Answer)> = self
            .outstanding
            .iter()
            .filter_map(|(key, outstanding)| {
                let enough = |(answer, replicas): &&(Answer, ReplicaSet)| {
                    answer.place == Some(place) && replicas.len() >= rule.replies
                };
                outstanding.answers.iter().find(enough).map(|(answer, _)| (*key, *answer))
            })
            .collect();
        self.last_sequence = self.last_sequence.max(place.0);
        self.view = self.view.max(place.1);
        for (key, answer) in answered {
            self.complete(now_us, key, answer, completions);
        }
    }

    /// What is owed now: proofs of the slow path, and requests that have waited too long. To be called every so often.
    pub fn tick(&mut self, now_us: u64) -> Vec<ClientSend> {
        let mut sends = self.proofs(now_us);
        let patience_us = self.settings.retransmit_us.max(3 * self.smoothed_us);
        let mut late = Vec::new();
        let mut late_bytes = 0;
        for outstanding in self.outstanding.values_mut() {
            // Large requests are asked for again a few at a time: all at once would only add to what delays them.
            if late_bytes > LATE_BYTES {
                break;
            }
            let wait_us = patience_us << outstanding.retries.min(MAX_DOUBLINGS);
            if now_us >= outstanding.last_sent_us + wait_us {
                outstanding.last_sent_us = now_us;
                outstanding.retries += 1;
                late_bytes += outstanding.request.payload.len();
                late.push(outstanding.request.clone());
            }
        }
        for request in &mut late {
            if request.read_only && self.table.read_only {
                // Replicas differ for now: the order decides (TOCS 2002, section 5.1.3).
                request.read_only = false;
                self.prove(request);
                if let Some(outstanding) = self.outstanding.get_mut(&(request.client, request.timestamp)) {
                    outstanding.request = request.clone();
                    outstanding.answers.clear();
                }
            }
        }
        sends.extend(parts(late, ReplicaSet::first(self.table.n)));
        sends
    }

    /// Proofs for blocks whose fast path has not come about in time.
    fn proofs(&mut self, now_us: u64) -> Vec<ClientSend> {
        let Some(rule) = self.table.commit else { return Vec::new() };
        let patience_us = self.settings.timeout_us(true, rule.multiplier);
        // What is this old without enough equal replies has gone another way.
        self.replies.retain(|_, replies| now_us < replies.first_us + 20 * patience_us);
        let scheme = self.settings.mode.scheme(self.table.messages[usize::from(self.table.reply.0)].authentication);
        let open: std::collections::BTreeSet<Place> = self
            .outstanding
            .values()
            .flat_map(|outstanding| &outstanding.answers)
            .filter_map(|(answer, _)| answer.place)
            .collect();
        self.replies.retain(|place, replies| open.contains(place) || now_us < replies.first_us + patience_us);
        let mut sends = Vec::new();
        for (place, replies) in &mut self.replies {
            let enough = replies.signatures.len() >= rule.replies as usize && open.contains(place);
            let waits = replies.sent_us.unwrap_or(replies.first_us) + patience_us > now_us;
            if !enough || waits {
                continue;
            }
            self.slow += u64::from(replies.sent_us.is_none());
            replies.sent_us = Some(now_us);
            let parts: Vec<(ReplicaId, Bytes)> = replies
                .signatures
                .iter()
                .take(rule.replies as usize)
                .map(|(from, signature)| (*from, signature.clone()))
                .collect();
            let mut voters = ReplicaSet::EMPTY;
            for (from, _) in &parts {
                voters.insert(*from);
            }
            let proof = scheme.map_or_else(Bytes::new, |scheme| self.keys.combine(scheme, &parts));
            let (sequence, view, history) = *place;
            let message = Message::ClientCommit { view, sequence, history, voters, proof };
            sends.push(ClientSend { to: ReplicaSet::first(self.table.n), message });
        }
        sends
    }
}

/// Requests in messages of bounded size.
fn parts(requests: Vec<Request>, to: ReplicaSet) -> Vec<ClientSend> {
    let mut sends = Vec::new();
    let mut part = Vec::new();
    let mut bytes = 0;
    for request in requests {
        if part.len() == REQUESTS_A_MESSAGE || (bytes + request.payload.len() > BYTES_A_MESSAGE && !part.is_empty()) {
            sends.push(ClientSend { to, message: Message::Requests(std::mem::take(&mut part)) });
            bytes = 0;
        }
        bytes += request.payload.len();
        part.push(request);
    }
    if !part.is_empty() {
        sends.push(ClientSend { to, message: Message::Requests(part) });
    }
    sends
}
