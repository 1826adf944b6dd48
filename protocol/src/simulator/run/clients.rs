//! The clients' side of a run.

use super::super::events::Event;
use super::super::trace::TraceEvent;
use super::Simulation;
use crate::engine::client::{ClientSend, Completion};
use crate::engine::{ClientId, Message};
use model::ids::ReplicaId;
use model::verdict::Voter;

impl Simulation<'_> {
    pub(super) fn send_requests(&mut self, send: ClientSend) {
        for to in send.to.iter() {
            self.transmit(self.now_us, Event::ClientToReplica { to, message: send.message.clone() });
        }
    }

    pub(super) fn on_reply(&mut self, from: ReplicaId, message: &Message) {
        let mut completions = Vec::new();
        match message {
            Message::Reply(reply) => self.client.on_reply(self.now_us, from, reply, &mut completions),
            Message::ReadReply { items, .. } => {
                self.client.on_read_reply(self.now_us, from, items, &mut completions);
            }
            Message::CommitAcknowledgement { view, sequence, history } => {
                let place = (*view, *sequence, *history);
                self.client.on_acknowledgement(self.now_us, from, place, &mut completions);
            }
            _ => {}
        }
        for completion in completions {
            self.complete(&completion);
        }
    }

    fn complete(&mut self, completion: &Completion) {
        let latency_us = completion.completed_us.saturating_sub(completion.due_us);
        self.latencies_us.push(latency_us);
        let (client, request) = (completion.client.index, completion.timestamp);
        (self.sink)(TraceEvent::Completed { at_us: self.now_us, client, request, latency_us });
        if let Some((sequence, history)) = completion.accepted {
            self.vote(Voter::Client(0), sequence, &history);
        }
        self.send_next(client);
    }

    pub(super) fn send_next(&mut self, index: u16) {
        let sent = &mut self.sent[usize::from(index)];
        if *sent == self.scenario.requests_a_client {
            return;
        }
        *sent += 1;
        let timestamp = *sent;
        let request = self.workload.request(ClientId { unit: 0, index }, timestamp);
        for send in self.client.submit(self.now_us, self.now_us, vec![request]) {
            self.send_requests(send);
        }
    }
}
