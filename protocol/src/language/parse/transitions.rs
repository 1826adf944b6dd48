//! The state machines: who goes where, when, and says what.

use super::reader::Reader;
use crate::language::document::Node;
use crate::language::syntax::{Condition, From, Placed, To};
use crate::table::Update;

const UPDATES: [(&str, Update); 5] = [
    ("none", Update::None),
    ("sequence", Update::Sequence),
    ("view", Update::View),
    ("aggregation", Update::Aggregation),
    ("slow", Update::Slow),
];
const WAY: &str = "protocol.transitions.from[].to[]";

/// `protocol.transitions.from`.
pub(super) fn all(reader: &mut Reader, node: &Node) -> Vec<From> {
    let list = reader.required(node, "from");
    reader.items(list).iter().filter_map(|node| from(reader, node)).collect()
}

fn from(reader: &mut Reader, node: &Node) -> Option<From> {
    reader.known_keys(node, "protocol.transitions.from[]");
    let role = reader.required_name(node, "role");
    let state = reader.required_name(node, "state");
    let ways = reader.required(node, "to");
    let to = reader.items(ways).iter().filter_map(|way| to(reader, way)).collect();
    Some(From { role: role?, state: state?, to })
}

fn to(reader: &mut Reader, node: &Node) -> Option<To> {
    reader.known_keys(node, WAY);
    let state = reader.required_name(node, "state");
    let update = reader.word(node, "update", "unknown-update", &UPDATES, Update::None);
    let condition = match node.get("condition") {
        Some(node) => condition(reader, node),
        None => Some(Condition::Always),
    };
    Some(To {
        place: node.place,
        state: state?,
        update,
        condition: condition?,
        responses: pairs(reader, node, "response", "target"),
        extra_tally: pairs(reader, node, "extra_tally", "role"),
    })
}

fn condition(reader: &mut Reader, node: &Node) -> Option<Condition> {
    reader.known_keys(node, &format!("{WAY}.condition"));
    node.mapping()?;
    match node.get("type").and_then(Node::scalar) {
        None | Some("" | "~") => Some(Condition::Always),
        Some("message") => {
            let message = reader.required_name(node, "message");
            let quorum = reader.required(node, "quorum").and_then(|quorum| reader.expression(quorum));
            let empty = reader.flag(Some(node), "empty");
            Some(Condition::Message { message: message?, quorum: quorum?, empty })
        }
        Some("timeout") => Some(timeout(reader, node)),
        Some("next") => {
            let states = reader.required(node, "states");
            Some(Condition::Next { states: reader.names(Some(states?)) })
        }
        Some("view") => {
            let message =
                "there is no condition on view changes: this transition is never taken, as in the public framework";
            reader.warning(
                "view-condition",
                node.place,
                message,
                "Remove it, and describe the view change in view-change",
            );
            None
        }
        Some(other) => {
            let shown: String = other.chars().take(64).collect();
            let message = format!("there is no condition of type {shown:?}");
            reader.error("unknown-condition", node.place, message, "Use message, timeout or next");
            None
        }
    }
}

fn timeout(reader: &mut Reader, node: &Node) -> Condition {
    let state_mode = match node.get("mode").map(|mode| (mode.scalar(), mode.place)) {
        Some((Some("sequence"), _)) => false,
        Some((Some("state"), _)) => true,
        found => {
            let place = found.map_or(node.place, |(_, place)| place);
            let message = "mode is neither state nor sequence; it is taken as state";
            reader.warning("missing-mode", place, message, "Add mode: state, or mode: sequence");
            true
        }
    };
    Condition::Timeout { state_mode, multiplier: multiplier(reader, node) }
}

/// Zero and negative numbers count as 1, as in the public framework.
fn multiplier(reader: &mut Reader, node: &Node) -> u32 {
    match node.get("multiplier").and_then(Node::scalar).map(str::parse::<i64>) {
        Some(Ok(number)) if number < 1 => 1,
        _ => reader.number(Some(node), "multiplier").unwrap_or(1),
    }
}

fn pairs(reader: &mut Reader, node: &Node, key: &str, role_key: &str) -> Vec<(Placed<String>, Placed<String>)> {
    let path = format!("{WAY}.{key}[]");
    reader
        .items(node.get(key))
        .iter()
        .filter_map(|item| {
            reader.known_keys(item, &path);
            let role = reader.required_name(item, role_key);
            let message = reader.required_name(item, "message");
            Some((role?, message?))
        })
        .collect()
}
