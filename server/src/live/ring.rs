//! The last events, for pages that come back after a cut.

use super::hub::Message;
use std::collections::VecDeque;
use std::sync::Arc;

const MAX_EVENTS: usize = 4096;
const MAX_BYTES: usize = 16 << 20;

/// The last events in order, bounded in number and in bytes.
#[derive(Debug, Default)]
pub(super) struct Ring {
    events: VecDeque<Arc<Message>>,
    bytes: usize,
    /// The sequence number after which everything is here.
    complete_after: u64,
}

impl Ring {
    /// Adds the newest event.
    pub(super) fn push(&mut self, message: Arc<Message>) {
        self.bytes += message.json.len();
        self.events.push_back(message);
        while self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.json.len();
            self.complete_after = oldest.sequence;
        }
    }

    /// Forgets everything: something after `sequence` was not recorded.
    pub(super) fn clear(&mut self, sequence: u64) {
        self.events.clear();
        self.bytes = 0;
        self.complete_after = sequence;
    }

    /// The events after `sequence`; none when some of them are forgotten.
    pub(super) fn after(&self, sequence: u64) -> Option<VecDeque<Arc<Message>>> {
        (sequence >= self.complete_after)
            .then(|| self.events.iter().filter(|message| message.sequence > sequence).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(sequence: u64, bytes: usize) -> Arc<Message> {
        Arc::new(Message { sequence, id: String::new(), json: "x".repeat(bytes) })
    }

    #[test]
    fn the_ring_is_bounded_in_number_and_in_bytes_and_knows_what_it_forgot() {
        let mut ring = Ring::default();
        (1..=5000).for_each(|sequence| ring.push(message(sequence, 1)));
        assert_eq!(ring.after(4998).map(|events| events.len()), Some(2));
        assert_eq!(ring.after(904).map(|events| events.len()), Some(4096));
        assert_eq!(ring.after(903).map(|events| events.len()), None);
        ring.push(message(5001, MAX_BYTES));
        assert_eq!(ring.after(5000).map(|events| events.len()), Some(1));
        assert_eq!(ring.after(4999).map(|events| events.len()), None);
    }
}
