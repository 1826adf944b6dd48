//! What a trace says of a message: its name, its weight, and what it is about.

use crate::engine::block::hexadecimal;
use crate::engine::message::ProtocolMessage;
use crate::engine::{Digest, Message, codec};
use crate::table::Table;

/// A message's name: the protocol's own, or that of the engine's.
pub(super) fn name_of(table: &Table, message: &Message) -> String {
    match message {
        Message::Protocol(ProtocolMessage { kind, .. }) | Message::Votes { kind, .. } => {
            table.messages.get(usize::from(kind.0)).map_or_else(String::new, |info| info.name.clone())
        }
        other => other.name().to_owned(),
    }
}

/// How many bytes a message takes on the wire.
pub(super) fn size(message: &Message) -> usize {
    codec::encoded_bytes(message)
}

/// Of which view, place and block a message speaks. Votes that travel together are told one by one.
pub(super) fn about(message: &Message) -> Vec<(Option<u64>, Option<u64>, Option<String>)> {
    let short = |digest: &Digest| Some(hexadecimal(digest)[..8].to_owned());
    let one = match message {
        Message::Protocol(message) => (Some(message.view.0), Some(message.sequence.0), short(&message.digest)),
        Message::Votes { view, items, .. } => {
            let told = items.iter().map(|(sequence, digest, _)| (Some(view.0), Some(sequence.0), short(digest)));
            return told.collect();
        }
        Message::Checkpoint { sequence, .. }
        | Message::CheckpointCertificate { sequence, .. }
        | Message::Decided { sequence, .. }
        | Message::Snapshot { sequence, .. } => (None, Some(sequence.0), None),
        Message::ViewChange(change) => (Some(change.view.0), None, None),
        Message::NewView { view, .. } => (Some(view.0), None, None),
        _ => (None, None, None),
    };
    vec![one]
}
