//! Requests that wait for a block, each once, within bounds.

use super::block::{ClientId, Request};
use std::collections::{BTreeSet, VecDeque};

/// Most waiting requests.
const MAX_REQUESTS: usize = 200_000;
/// Most bytes of waiting payloads.
const MAX_PAYLOAD_BYTES: usize = 128 << 20;

/// Waiting requests in order of arrival. Memory: bounded by the two limits above.
#[derive(Clone, Debug, Default)]
pub struct RequestQueue {
    waiting: VecDeque<(u64, Request)>,
    /// Requests that wait or are in a block that is not executed yet.
    known: BTreeSet<(ClientId, u64)>,
    payload_bytes: usize,
    dropped: u64,
}

impl RequestQueue {
    /// Adds a request that arrived at `now_us`, unless it is there already or the queue is full.
    pub fn push(&mut self, now_us: u64, request: Request) {
        if self.known.len() >= MAX_REQUESTS || self.payload_bytes + request.payload.len() > MAX_PAYLOAD_BYTES {
            self.dropped += 1;
            return;
        }
        if self.known.insert((request.client, request.timestamp)) {
            self.payload_bytes += request.payload.len();
            self.waiting.push_back((now_us, request));
        }
    }

    /// Takes the next `count` requests, or as many as there are.
    pub fn take(&mut self, count: usize) -> Vec<Request> {
        let count = count.min(self.waiting.len());
        let taken: Vec<Request> = self.waiting.drain(..count).map(|(_, request)| request).collect();
        self.payload_bytes -= taken.iter().map(|request| request.payload.len()).sum::<usize>();
        taken
    }

    /// Forgets an executed request, so that nothing is kept of it.
    pub fn executed(&mut self, client: ClientId, timestamp: u64) {
        self.known.remove(&(client, timestamp));
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// When the oldest waiting request arrived, µs.
    pub fn oldest_us(&self) -> Option<u64> {
        self.waiting.front().map(|(arrived, _)| *arrived)
    }

    /// Requests refused because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}
