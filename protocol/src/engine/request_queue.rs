//! Requests that wait for a block, each once, within bounds.

use super::block::{Block, ClientId, Request};
use std::collections::{BTreeMap, VecDeque};

/// Most requests that are known and not executed.
const MAX_REQUESTS: usize = 200_000;
/// Most bytes of waiting payloads.
const MAX_PAYLOAD_BYTES: usize = 1 << 30;

/// Where a known request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the queue.
    Waiting,
    /// In a proposed block; it stays in the queue as well when another replica proposed it.
    Proposed,
}

/// Waiting requests in order of arrival. Memory: bounded by the two limits above.
#[derive(Clone, Debug, Default)]
pub struct RequestQueue {
    entries: VecDeque<(u64, Request)>,
    known: BTreeMap<(ClientId, u64), Place>,
    waiting: usize,
    payload_bytes: usize,
    dropped: u64,
}

impl RequestQueue {
    /// Adds a request that arrived at `now_us`, unless it is there already or the queue is full. Tells whether it is new.
    pub fn push(&mut self, now_us: u64, request: Request) -> bool {
        if self.known.len() >= MAX_REQUESTS || self.payload_bytes + request.payload.len() > MAX_PAYLOAD_BYTES {
            self.dropped += 1;
            return false;
        }
        match self.known.entry((request.client, request.timestamp)) {
            std::collections::btree_map::Entry::Occupied(_) => false,
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(Place::Waiting);
                self.waiting += 1;
                self.payload_bytes += request.payload.len();
                self.entries.push_back((now_us, request));
                true
            }
        }
    }

    /// Takes the next `count` waiting requests, or as many as there are, or fewer when their payloads reach `bytes`.
    pub fn take(&mut self, count: usize, bytes: usize) -> Vec<Request> {
        let mut taken_bytes = 0;
        let mut taken = Vec::with_capacity(count.min(self.waiting));
        let mut kept = Vec::new();
        while taken.len() < count && taken_bytes < bytes {
            let Some((arrived, request)) = self.entries.pop_front() else { break };
            match self.known.get_mut(&(request.client, request.timestamp)) {
                Some(place @ Place::Waiting) => {
                    *place = Place::Proposed;
                    self.waiting -= 1;
                    self.payload_bytes -= request.payload.len();
                    taken_bytes += request.payload.len();
                    taken.push(request);
                }
                // Another replica proposed it: it is kept in case that comes to nothing.
                Some(Place::Proposed) => kept.push((arrived, request)),
                None => self.payload_bytes -= request.payload.len(),
            }
        }
        for entry in kept.into_iter().rev() {
            self.entries.push_front(entry);
        }
        taken
    }

    /// Notes that another replica's block has these requests.
    pub fn proposed(&mut self, block: &Block) {
        if self.waiting == 0 {
            return;
        }
        for request in block.requests() {
            if let Some(place @ Place::Waiting) = self.known.get_mut(&(request.client, request.timestamp)) {
                *place = Place::Proposed;
                self.waiting -= 1;
            }
        }
    }

    /// The requests of a block that this replica proposed in vain wait again.
    pub fn give_back(&mut self, now_us: u64, block: &Block) {
        for request in block.requests() {
            let Some(place) = self.known.remove(&(request.client, request.timestamp)) else { continue };
            self.waiting -= usize::from(place == Place::Waiting);
            self.push(now_us, request.clone());
        }
    }

    /// After a view change, or when no block is open: what was proposed and is not executed waits again; `own` are the blocks this replica proposed.
    pub fn restore(&mut self, now_us: u64, own: Vec<Block>) {
        for block in own {
            self.give_back(now_us, &block);
        }
        self.waiting = 0;
        self.known.values_mut().for_each(|place| *place = Place::Proposed);
        for (arrived, request) in &mut self.entries {
            if let Some(place) = self.known.get_mut(&(request.client, request.timestamp)) {
                *arrived = now_us;
                // What was given back may stand here twice.
                self.waiting += usize::from(*place == Place::Proposed);
                *place = Place::Waiting;
            }
        }
    }

    /// Forgets an executed request, so that nothing is kept of it.
    pub fn executed(&mut self, client: ClientId, timestamp: u64) {
        if self.known.remove(&(client, timestamp)) == Some(Place::Waiting) {
            self.waiting -= 1;
        }
        while let Some((_, request)) = self.entries.front() {
            if self.known.contains_key(&(request.client, request.timestamp)) {
                return;
            }
            self.payload_bytes -= request.payload.len();
            self.entries.pop_front();
        }
    }

    /// Forgets all requests that were executed elsewhere, after a state was taken over.
    pub fn forget(&mut self, is_old: impl Fn(ClientId, u64) -> bool) {
        self.known.retain(|(client, timestamp), _| !is_old(*client, *timestamp));
        let known = &self.known;
        self.entries.retain(|(_, request)| known.contains_key(&(request.client, request.timestamp)));
        self.payload_bytes = self.entries.iter().map(|(_, request)| request.payload.len()).sum();
        self.waiting = self.known.values().filter(|place| **place == Place::Waiting).count();
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// When the oldest request in the queue arrived, µs.
    pub fn oldest_us(&self) -> Option<u64> {
        self.entries.front().map(|(arrived, _)| *arrived)
    }

    /// When the oldest request arrived that is in no block, µs; looks at the first few only.
    pub fn oldest_waiting_us(&self) -> Option<u64> {
        let waits = |request: &Request| self.known.get(&(request.client, request.timestamp)) == Some(&Place::Waiting);
        self.entries.iter().take(64).find(|(_, request)| waits(request)).map(|(arrived, _)| *arrived)
    }

    /// Requests refused because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn request(timestamp: u64) -> Request {
        Request {
            client: ClientId { unit: 0, index: 0 },
            timestamp,
            record: 0,
            compute: 0,
            reply_bytes: 0,
            read_only: false,
            payload: Bytes::from_static(b"1234").into(),
            proof: Bytes::new(),
        }
    }

    #[test]
    fn a_request_that_is_given_back_while_it_waits_counts_once() {
        let mut queue = RequestQueue::default();
        assert!(queue.push(0, request(1)));
        queue.give_back(1, &Block::new(vec![request(1)]));
        assert_eq!(queue.len(), 1);
        queue.restore(2, Vec::new());
        assert_eq!(queue.len(), 1);
        assert_eq!(queue.take(9, 100).len(), 1);
        assert!(queue.is_empty());
    }

    #[test]
    fn a_request_that_another_replica_proposed_waits_again_after_a_view_change() {
        let mut queue = RequestQueue::default();
        for timestamp in 1..=4 {
            assert!(queue.push(0, request(timestamp)));
        }
        queue.proposed(&Block::new(vec![request(1), request(2)]));
        assert_eq!(queue.len(), 2);
        let own = queue.take(1, 100);
        assert_eq!(own[0].timestamp, 3);
        queue.executed(request(1).client, 1);
        queue.restore(9, vec![Block::new(own)]);
        assert_eq!(queue.len(), 3);
        let again: Vec<u64> = queue.take(9, 100).iter().map(|request| request.timestamp).collect();
        assert_eq!(again, [2, 4, 3]);
        for timestamp in 2..=4 {
            queue.executed(request(1).client, timestamp);
        }
        assert_eq!((queue.len(), queue.payload_bytes, queue.entries.len()), (0, 0, 0));
    }
}
