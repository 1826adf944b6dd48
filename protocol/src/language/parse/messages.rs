//! Phases and the messages that they declare.

use super::reader::Reader;
use crate::language::document::Node;
use crate::language::syntax::{Certificate, Message, Phase};
use crate::table::Authentication;

pub(super) fn phase(reader: &mut Reader, node: &Node) -> Option<Phase> {
    reader.known_keys(node, "protocol.phases[]");
    let name = reader.required_name(node, "name")?;
    let messages = reader.items(node.get("messages"));
    Some(Phase {
        name,
        states: reader.names(node.get("states")),
        messages: messages.iter().filter_map(|node| message(reader, node)).collect(),
    })
}

fn message(reader: &mut Reader, node: &Node) -> Option<Message> {
    if node.scalar().is_some() {
        let name = reader.name(node)?;
        return Some(Message { name, request_block: false, authentication: Authentication::Mac, certificate: None });
    }
    reader.known_keys(node, "protocol.phases[].messages[]");
    let name = reader.required_name(node, "name")?;
    let kinds = [
        ("mac", Authentication::Mac),
        ("signature", Authentication::Signature),
        ("authenticator", Authentication::Authenticator),
        ("aggregate", Authentication::Aggregate),
    ];
    Some(Message {
        name,
        request_block: reader.flag(Some(node), "request-block"),
        authentication: reader.word(node, "authentication", "unknown-authentication", &kinds, Authentication::Mac),
        certificate: node.get("certificate").and_then(|node| certificate(reader, node)),
    })
}

fn certificate(reader: &mut Reader, node: &Node) -> Option<Certificate> {
    reader.known_keys(node, "protocol.phases[].messages[].certificate");
    let of = reader.required_name(node, "of");
    let quorum = reader.required(node, "quorum").and_then(|quorum| reader.expression(quorum));
    let previous = reader.word(node, "place", "unknown-place", &[("same", false), ("previous", true)], false);
    Some(Certificate { of: of?, quorum: quorum?, previous })
}
