//! What a unit sends, counted by type of message.

use super::reporter::Contents;
use crate::transport::Encoded;
use model::metric;
use protocol::engine::Message;
use protocol::table::Table;

/// Types beside the protocol's own that are sent all the time; the others are found by name.
const FREQUENT: usize = 2;

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    messages: u64,
    bytes: u64,
    ever: bool,
}

/// Messages and bytes since the last report.
#[derive(Debug)]
pub(super) struct Traffic {
    own: usize,
    names: Vec<String>,
    counts: Vec<Count>,
}

impl Traffic {
    pub(super) fn new(table: &Table) -> Self {
        let mut names: Vec<String> = table.messages.iter().map(|info| info.name.clone()).collect();
        let own = names.len();
        // As `Traffic::kind` numbers them.
        names.extend(["reply", "request"].map(str::to_owned));
        let counts = vec![Count::default(); names.len()];
        Self { own, names, counts }
    }

    /// The type of a message, for [`Traffic::note`].
    pub(super) fn kind(&mut self, message: &Message) -> usize {
        let name = match message {
            Message::Protocol(message) => return usize::from(message.kind.0),
            Message::Votes { kind, .. } => return usize::from(kind.0),
            Message::Reply(_) => return self.own,
            Message::Requests(_) => return self.own + 1,
            other => other.name(),
        };
        let first = self.own + FREQUENT;
        if let Some(position) = self.names[first..].iter().position(|known| known == name) {
            return first + position;
        }
        self.names.push(name.to_owned());
        self.counts.push(Count::default());
        self.names.len() - 1
    }

    /// Counts one copy of a message.
    pub(super) fn note(&mut self, kind: usize, message: &Encoded) {
        if let Some(count) = self.counts.get_mut(kind) {
            count.messages += 1;
            count.bytes += message.bytes() as u64;
            count.ever = true;
        }
    }

    /// Adds the rates since the last report, of the types that were ever sent.
    pub(super) fn report(&mut self, seconds: f64, contents: &mut Contents) {
        let own = &self.names[..self.own];
        for (index, (name, count)) in self.names.iter().zip(&mut self.counts).enumerate() {
            if !count.ever {
                continue;
            }
            // A protocol that names a message of its own "reply" has it counted apart.
            let clashes = index >= self.own && own.contains(name);
            let name = if clashes { format!("{name} (engine)") } else { name.clone() };
            contents.add(&metric::messages_of_type(&name), count.messages as f64 / seconds);
            contents.add(&metric::bytes_of_type(&name), count.bytes as f64 / seconds);
            (count.messages, count.bytes) = (0, 0);
        }
    }
}
