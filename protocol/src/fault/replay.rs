//! What a replaying replica remembers of what it has sent.

use crate::engine::message::{Message, ProtocolMessage};
use std::collections::VecDeque;

/// Most messages that are remembered for a receiver.
const MAX_MESSAGES: usize = 64;
/// Most bytes that are remembered for all receivers together.
const MAX_BYTES: usize = 8 << 20;

/// The last messages to each receiver. A message is only ever sent again to whom it went.
#[derive(Debug, Default)]
pub(super) struct Memory {
    receivers: Vec<Receiver>,
    bytes_each: usize,
}

#[derive(Debug, Default)]
struct Receiver {
    sent: VecDeque<(Message, usize)>,
    bytes: usize,
}

impl Memory {
    pub(super) fn new(n: u32) -> Self {
        let receivers = (0..n).map(|_| Receiver::default()).collect();
        Self { receivers, bytes_each: MAX_BYTES / n.max(1) as usize }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.receivers.iter_mut().for_each(|receiver| *receiver = Receiver::default());
    }

    /// Keeps a message, and forgets the oldest ones that exceed the bounds. One that is too large by itself is not kept.
    pub(super) fn keep(&mut self, to: u32, message: &Message) {
        let Some(receiver) = self.receivers.get_mut(to as usize) else { return };
        let size = approximate_size(message);
        if size > self.bytes_each {
            return;
        }
        receiver.sent.push_back((message.clone(), size));
        receiver.bytes += size;
        while receiver.sent.len() > MAX_MESSAGES || receiver.bytes > self.bytes_each {
            let Some((_, size)) = receiver.sent.pop_front() else { break };
            receiver.bytes -= size;
        }
    }

    /// One of the messages to a receiver.
    pub(super) fn pick(&self, to: u32, draw: u32) -> Option<&Message> {
        let sent = &self.receivers.get(to as usize)?.sent;
        sent.get(draw as usize % sent.len().max(1)).map(|(message, _)| message)
    }
}

/// Roughly the bytes a message holds in memory. Shared ones are counted each time: the bound errs to the safe side.
fn approximate_size(message: &Message) -> usize {
    const HEADER: usize = 128;
    let protocol = |message: &ProtocolMessage| {
        let block = message.block.as_ref().map_or(0, |block| 2 * block.bytes());
        let certificate = message.certificate.as_ref().map_or(0, |certificate| HEADER + certificate.proof.len());
        block + certificate + message.signature.len()
    };
    let content = match message {
        Message::Protocol(message) => protocol(message),
        Message::Votes { items, .. } => items.iter().map(|(_, _, signature)| 72 + signature.len()).sum(),
        Message::Requests(requests) => {
            requests.iter().map(|request| HEADER + request.payload.len() + request.proof.len()).sum()
        }
        Message::Decided { block, .. } | Message::Body { block } => 2 * block.bytes(),
        Message::Snapshot { state, .. } => state.len(),
        Message::ViewChange(change) => view_change(change),
        Message::NewView { proof, .. } => proof.iter().map(view_change).sum(),
        Message::Reply(reply) => reply.items.iter().map(|item| HEADER + item.payload.len()).sum(),
        Message::ReadReply { items, .. } => items.iter().map(|item| HEADER + item.payload.len()).sum(),
        Message::ClientCommit { proof, .. } | Message::CheckpointCertificate { proof, .. } => proof.len(),
        Message::CommitAcknowledgement { .. }
        | Message::Checkpoint { .. }
        | Message::Fetch { .. }
        | Message::FetchBlock { .. } => 0,
    };
    HEADER + content
}

fn view_change(change: &crate::engine::message::ViewChange) -> usize {
    let claims = change.claims.iter().map(|claim| 96 + 40 * claim.accepted.len()).sum::<usize>();
    128 + 40 * change.checkpoints.len() + claims + change.signature.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use model::ids::SequenceNumber;

    fn snapshot(sequence: u64, bytes: usize) -> Message {
        Message::Snapshot { sequence: SequenceNumber(sequence), state: Bytes::from(vec![0; bytes]) }
    }

    #[test]
    fn the_memory_is_bounded_in_messages_and_in_bytes() {
        let mut memory = Memory::new(4);
        assert!(memory.pick(1, 3).is_none());
        for sequence in 0..1_000 {
            memory.keep(1, &snapshot(sequence, 10));
        }
        assert_eq!(memory.receivers[1].sent.len(), MAX_MESSAGES);
        assert!(matches!(memory.pick(1, 0), Some(Message::Snapshot { sequence: SequenceNumber(936), .. })));
        for sequence in 0..1_000 {
            memory.keep(2, &snapshot(sequence, 1 << 20));
        }
        assert!(memory.receivers[2].bytes <= MAX_BYTES / 4);
        memory.keep(3, &snapshot(1, 3 << 20));
        assert!(memory.pick(3, 0).is_none(), "too large to be kept");
        memory.keep(9, &snapshot(1, 1));
        assert!(memory.pick(9, 0).is_none(), "there is no replica 9");
    }
}
