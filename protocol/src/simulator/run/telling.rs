//! What a run tells of itself: events, the hash of its trace, and what the comparison of histories finds.

use super::super::events::Event;
use super::super::trace::TraceEvent;
use super::Simulation;
use crate::engine::block::hexadecimal;
use crate::engine::{Digest, codec};
use model::ids::{ReplicaId, SequenceNumber, View};
use model::verdict::{Compared, Voter};

impl Simulation<'_> {
    /// Tells what a step has changed.
    pub(super) fn tell(&mut self, replica: ReplicaId, view: View, executed: SequenceNumber) {
        let machine = &self.replicas[replica.0 as usize];
        if machine.view() != view {
            let (view, leader) = (machine.view().0, machine.leader().0);
            (self.sink)(TraceEvent::View { at_us: self.now_us, replica: replica.0, view, leader });
        }
        let new: Vec<(SequenceNumber, Digest)> =
            machine.execution().history_points().rev().take_while(|(sequence, _)| *sequence > executed).collect();
        for (sequence, history) in new.into_iter().rev() {
            let history = hexadecimal(&history)[..8].to_owned();
            let sequence = sequence.0;
            (self.sink)(TraceEvent::Executed { at_us: self.now_us, replica: replica.0, sequence, history });
        }
    }

    /// Compares what has become final.
    pub(super) fn compare(&mut self, replica: ReplicaId) {
        let index = replica.0 as usize;
        if self.faulty[index] {
            return;
        }
        let last = self.compared[index];
        let machine = &self.replicas[index];
        if machine.last_final() <= last {
            return;
        }
        let new: Vec<_> = machine.final_points().take_while(|(sequence, _)| *sequence > last).collect();
        self.compared[index] = machine.last_final();
        for (sequence, history) in new {
            self.vote(Voter::Replica(replica.0), sequence, &history);
        }
    }

    pub(super) fn vote(&mut self, voter: Voter, sequence: SequenceNumber, history: &Digest) {
        let found = self.comparison.note_vote(voter, Compared::History, sequence.0, &hexadecimal(history));
        if let (Some(found), false) = (found, self.diverged) {
            self.diverged = true;
            (self.sink)(TraceEvent::Diverged { at_us: self.now_us, what: found.to_string() });
        }
    }

    /// Takes an event into the trace: its time, its parties, and the message's bytes.
    pub(super) fn note(&mut self, event: &Event) {
        self.trace.update(&self.now_us.to_le_bytes());
        let (tag, parties, message) = match event {
            Event::ToReplica { to, from, message, .. } => (1u8, [to.0, from.0], Some(message)),
            Event::ClientToReplica { to, message } => (2, [to.0, 0], Some(message)),
            Event::ToClient { from, message } => (3, [from.0, 0], Some(message)),
            Event::TimerOf { replica, timer, .. } => (4, [replica.0, *timer as u32], None),
            Event::ClientTick => (5, [0, 0], None),
            Event::FaultTick => (6, [0, 0], None),
            Event::Change(index) => (7, [*index as u32, 0], None),
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
}
