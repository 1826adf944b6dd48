//! What is going to happen, in order.

use crate::engine::{Message, Timer};
use model::ids::ReplicaId;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Something that is going to happen.
#[derive(Clone, Debug)]
pub(super) enum Event {
    ToReplica { to: ReplicaId, from: ReplicaId, message: Message, sent_us: u64 },
    ClientToReplica { to: ReplicaId, message: Message },
    ToClient { from: ReplicaId, message: Message },
    TimerOf { replica: ReplicaId, timer: Timer, at_us: u64 },
    ClientTick,
    FaultTick,
    Change(usize),
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

/// Events by time; of equal times the one that was scheduled first.
#[derive(Default)]
pub(super) struct Events {
    heap: BinaryHeap<Reverse<Scheduled>>,
    number: u64,
}

impl Events {
    pub(super) fn schedule(&mut self, at_us: u64, event: Event) {
        self.number += 1;
        self.heap.push(Reverse(Scheduled { at_us, number: self.number, event }));
    }

    pub(super) fn pop(&mut self) -> Option<(u64, Event)> {
        self.heap.pop().map(|Reverse(scheduled)| (scheduled.at_us, scheduled.event))
    }

    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }
}
