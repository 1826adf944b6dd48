//! Execution: the replicated table, each client's answers, and the rolling hash of the executed history.

use super::block::{Block, ClientId, Digest, Request};
use super::message::ReplyItem;
use super::payload::Payload;
use super::records::Records;
use model::ids::SequenceNumber;
use std::collections::{BTreeMap, VecDeque};

/// How many points of the history are kept for comparison.
const HISTORY_POINTS: usize = 4096;
/// The longest reply payload that execution makes, bytes.
const MAX_REPLY_BYTES: u32 = 4_000_000;
/// How many sizes of replies' payloads are kept.
const FILLERS: usize = 8;
/// What replies' payloads are filled with.
const FILLER: u8 = 0x5a;

/// An executed request of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Which request.
    pub timestamp: u64,
    /// The place at which it was executed.
    pub sequence: SequenceNumber,
    /// Its result.
    pub result: u64,
    /// The size of the reply's payload.
    pub reply_bytes: u32,
}

/// What is remembered of a client: everything up to `floor` counts as executed, beyond it only what is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientRecord {
    /// Requests up to this timestamp are old.
    pub floor: u64,
    /// Executed requests after the floor, by timestamp.
    pub answered: VecDeque<Answered>,
}

impl ClientRecord {
    fn find(&self, timestamp: u64) -> Option<&Answered> {
        let position = self.answered.binary_search_by_key(&timestamp, |answered| answered.timestamp).ok()?;
        self.answered.get(position)
    }

    fn is_old(&self, timestamp: u64) -> bool {
        timestamp <= self.floor || self.find(timestamp).is_some()
    }

    fn add(&mut self, answered: Answered, remembered: usize) {
        let position = self.answered.partition_point(|known| known.timestamp < answered.timestamp);
        self.answered.insert(position, answered);
        while self.answered.len() > remembered {
            if let Some(oldest) = self.answered.pop_front() {
                self.floor = oldest.timestamp;
            }
        }
    }
}

/// The replicated state machine of one replica. Memory: the table, and a bounded number of answers for each client.
#[derive(Clone, Debug)]
pub struct Execution {
    pub(super) last_executed: SequenceNumber,
    pub(super) history: Digest,
    pub(super) records: Records,
    /// Sum of a hash of every changed record of [`Self::summed`]: changes with one record at a time (incremental hashing,
    /// Bellare and Micciancio, EUROCRYPT '97).
    records_sum: [u64; 4],
    /// The records when they were summed up last. They share most chunks with the present ones.
    summed: Records,
    pub(super) clients: BTreeMap<ClientId, ClientRecord>,
    pub(super) executed_requests: u64,
    remembered: usize,
    points: VecDeque<(SequenceNumber, Digest)>,
    /// Payloads of replies by their size: made once, and hashed once.
    fillers: BTreeMap<u32, Payload>,
}

impl Execution {
    /// A fresh state with `records` records of zero.
    pub fn new(records: u32, remembered: usize) -> Self {
        let records = Records::new(records);
        Self {
            last_executed: SequenceNumber(0),
            history: [0; 32],
            summed: records.clone(),
            records,
            records_sum: [0; 4],
            clients: BTreeMap::new(),
            executed_requests: 0,
            remembered,
            points: VecDeque::new(),
            fillers: BTreeMap::new(),
        }
    }

    /// A copy for a checkpoint. It shares the table's unchanged records, and has no points for comparison.
    pub fn to_keep(&self) -> Self {
        Self {
            last_executed: self.last_executed,
            history: self.history,
            records: self.records.clone(),
            records_sum: self.records_sum,
            summed: self.summed.clone(),
            clients: self.clients.clone(),
            executed_requests: self.executed_requests,
            remembered: self.remembered,
            points: VecDeque::new(),
            fillers: BTreeMap::new(),
        }
    }

    /// The last executed place.
    pub fn last_executed(&self) -> SequenceNumber {
        self.last_executed
    }

    /// The rolling hash over all executed blocks.
    pub fn history(&self) -> Digest {
        self.history
    }

    /// Requests executed since the start.
    pub fn executed_requests(&self) -> u64 {
        self.executed_requests
    }

    /// The rolling hash after some of the last executed places, oldest first.
    pub fn history_points(&self) -> impl DoubleEndedIterator<Item = (SequenceNumber, Digest)> + '_ {
        self.points.iter().copied()
    }

    /// Whether a request has been executed, or is too old to be.
    pub fn is_old(&self, client: ClientId, timestamp: u64) -> bool {
        self.clients.get(&client).is_some_and(|record| record.is_old(timestamp))
    }

    /// The answer that was given to a request and the place at which it was executed, if it is still remembered.
    pub fn answer(&self, client: ClientId, timestamp: u64) -> Option<(SequenceNumber, ReplyItem)> {
        let answered = self.clients.get(&client)?.find(timestamp)?;
        Some((answered.sequence, self.reply(client, *answered)))
    }

    /// Executes the next block and puts a reply for each of its new requests into `replies`. A request that was executed
    /// before has no effect.
    pub fn execute(&mut self, block: &Block, replies: &mut Vec<ReplyItem>) {
        self.last_executed = self.last_executed.next();
        for request in block.requests() {
            if self.is_old(request.client, request.timestamp) {
                continue;
            }
            let answered = Answered {
                timestamp: request.timestamp,
                sequence: self.last_executed,
                result: self.apply(request),
                reply_bytes: request.reply_bytes.min(MAX_REPLY_BYTES),
            };
            self.clients.entry(request.client).or_default().add(answered, self.remembered);
            self.executed_requests += 1;
            self.keep_filler(answered.reply_bytes);
            replies.push(self.reply(request.client, answered));
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.history);
        hasher.update(&self.last_executed.0.to_le_bytes());
        hasher.update(&block.digest());
        self.history = *hasher.finalize().as_bytes();
        self.note_point();
    }

    /// How many answers are kept for each client.
    pub(super) fn remembered(&self) -> usize {
        self.remembered
    }

    /// Keeps the present hash for comparison with other replicas.
    pub(super) fn note_point(&mut self) {
        if self.points.len() == HISTORY_POINTS {
            self.points.pop_front();
        }
        self.points.push_back((self.last_executed, self.history));
    }

    /// The value of the record that a request names.
    pub fn read(&self, request: &Request) -> u64 {
        self.records.get(self.records.index_of(request.record))
    }

    /// The rolling hash after a place, if it is one of the last executed ones.
    pub fn history_at(&self, sequence: SequenceNumber) -> Option<Digest> {
        let back = self.last_executed.0.checked_sub(sequence.0)? as usize;
        let position = self.points.len().checked_sub(back + 1)?;
        self.points.get(position).filter(|(place, _)| *place == sequence).map(|(_, history)| *history)
    }

    /// Takes over the points of a state that went on from this one and was rolled back.
    pub(super) fn with_points_of(mut self, other: &Self) -> Self {
        let last = self.last_executed;
        self.points = other.points.iter().copied().filter(|(sequence, _)| *sequence <= last).collect();
        self
    }

    /// The result of a request as it goes to its client.
    fn reply(&self, client: ClientId, answered: Answered) -> ReplyItem {
        let Answered { timestamp, result, reply_bytes, .. } = answered;
        ReplyItem { client, timestamp, result, payload: self.filler(reply_bytes) }
    }

    /// The payload that a reply to this request carries.
    pub fn reply_payload(&self, request: &Request) -> Payload {
        self.filler(request.reply_bytes.min(MAX_REPLY_BYTES))
    }

    fn filler(&self, bytes: u32) -> Payload {
        if bytes == 0 {
            return Payload::default();
        }
        self.fillers.get(&bytes).cloned().unwrap_or_else(|| Payload::new(vec![FILLER; bytes as usize].into()))
    }

    fn keep_filler(&mut self, bytes: u32) {
        if bytes == 0 || self.fillers.contains_key(&bytes) {
            return;
        }
        if self.fillers.len() >= FILLERS {
            self.fillers.clear();
        }
        self.fillers.insert(bytes, self.filler(bytes));
    }

    fn apply(&mut self, request: &Request) -> u64 {
        let index = self.records.index_of(request.record);
        let old = self.records.get(index);
        if request.read_only {
            return old;
        }
        let mut value = mix(old ^ mix(request.timestamp ^ client_number(request.client) << 32));
        for _ in 0..request.compute {
            value = mix(value);
        }
        self.records.set(index, value);
        value
    }

    /// The sum of the records' hashes. What was changed over and over since the last sum is hashed once.
    pub(super) fn sum_of_records(&self) -> [u64; 4] {
        let changes = self.records.changes_since(&self.summed);
        changes.fold(self.records_sum, |sum, (index, old, new)| {
            change(sum, record_hash(index, old), record_hash(index, new))
        })
    }

    /// Keeps the sum of the records' hashes for the next one.
    pub(super) fn sum_up(&mut self) {
        self.records_sum = self.sum_of_records();
        self.summed = self.records.clone();
    }
}

/// The hash of a record; an untouched record (zero) counts for nothing, so that a fresh table needs no hashing.
fn record_hash(index: usize, value: u64) -> [u64; 4] {
    if value == 0 {
        return [0; 4];
    }
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(index as u64).to_le_bytes());
    bytes[8..].copy_from_slice(&value.to_le_bytes());
    let hash = blake3::hash(&bytes);
    let mut lanes = [0; 4];
    for (lane, chunk) in lanes.iter_mut().zip(hash.as_bytes().chunks_exact(8)) {
        *lane = chunk.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    }
    lanes
}

fn change(sum: [u64; 4], old: [u64; 4], new: [u64; 4]) -> [u64; 4] {
    let mut changed = sum;
    for (lane, (old, new)) in changed.iter_mut().zip(old.into_iter().zip(new)) {
        *lane = lane.wrapping_sub(old).wrapping_add(new);
    }
    changed
}

fn client_number(client: ClientId) -> u64 {
    u64::from(client.unit) << 16 | u64::from(client.index)
}

/// The finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA '14): every input bit changes about half of the output.
fn mix(value: u64) -> u64 {
    let mut value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn request(timestamp: u64) -> Request {
        Request {
            client: ClientId { unit: 0, index: 0 },
            timestamp,
            record: 3,
            compute: 0,
            reply_bytes: 2,
            read_only: false,
            payload: Payload::default(),
            proof: Bytes::new(),
        }
    }

    #[test]
    fn a_request_that_is_ordered_twice_is_executed_once_and_answered_alike() {
        let mut execution = Execution::new(10, 32);
        let mut replies = Vec::new();
        execution.execute(&Block::new(vec![request(1), request(1), request(2)]), &mut replies);
        execution.execute(&Block::new(vec![request(2)]), &mut replies);
        assert_eq!(replies.len(), 2);
        assert_eq!(execution.executed_requests(), 2);
        assert_eq!(execution.answer(request(2).client, 2).unwrap(), (SequenceNumber(1), replies[1].clone()));
        assert_eq!(execution.last_executed(), SequenceNumber(2));
    }

    #[test]
    fn what_is_remembered_of_a_client_is_bounded_and_old_requests_stay_old() {
        let mut execution = Execution::new(10, 32);
        let mut replies = Vec::new();
        for timestamp in 1..=100 {
            execution.execute(&Block::new(vec![request(timestamp)]), &mut replies);
        }
        let record = &execution.clients[&request(1).client];
        assert_eq!((record.floor, record.answered.len()), (68, 32));
        assert!(execution.is_old(request(1).client, 5) && execution.answer(request(1).client, 5).is_none());
    }
}
