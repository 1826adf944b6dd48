//! The grammar: from a YAML tree to [`super::syntax`]. Collects everything that is wrong instead of stopping at the first.

mod general;
mod messages;
mod reader;
mod size;
mod transitions;

use super::diagnostic::Diagnostic;
use super::document::{self, Node};
use super::expression::Expression;
use super::syntax::*;
use reader::Reader;

/// Parses a protocol file. Without a protocol, at least one of the diagnostics is an error.
pub fn parse(text: &str) -> (Option<Protocol>, Vec<Diagnostic>) {
    match document::read(text) {
        Ok(root) => {
            let mut reader = Reader::default();
            let protocol = file(&mut reader, &root);
            (protocol, reader.diagnostics)
        }
        Err(diagnostic) => (None, vec![diagnostic]),
    }
}

fn file(reader: &mut Reader, root: &Node) -> Option<Protocol> {
    reader.known_keys(root, "");
    let Some(body) = root.get("protocol") else {
        let mend = "Add protocol: with roles, phases and transitions";
        reader.error("missing-key", root.place, "there is no protocol section", mend);
        return None;
    };
    reader.known_keys(body, "protocol");
    let plugins = general::plugins(reader, root.get("plugins"));
    let general = general::general(reader, body);
    if let Some(faults) =
        body.get("fault-override").filter(|node| node.sequence().is_none_or(|items| !items.is_empty()))
    {
        let message = "the public framework ignores these faults under this protocol; here they act on every protocol";
        reader.warning("ignored-key", faults.place, message, "Remove it, or know that the faults act");
    }
    let transitions = reader.required(body, "transitions");
    if let Some(node) = transitions {
        reader.known_keys(node, "protocol.transitions");
    }
    let phases = reader.required(body, "phases");
    let mut protocol = Protocol {
        name: body.get("name").and_then(Node::scalar).unwrap_or_default().to_owned(),
        replicas: match body.get("replicas") {
            Some(node) => reader.expression(node)?,
            None => Placed { place: body.place, value: Expression::parse("3f + 1").ok()? },
        },
        leader: general.leader,
        request_target: general
            .request_target
            .unwrap_or_else(|| Placed { place: body.place, value: "primary".to_owned() }),
        rotate_every: general.rotate_every,
        window: general.window,
        speculative: general.speculative,
        trusted_counter: general.trusted_counter,
        constants: general.constants,
        role_plugin: plugins.role,
        message_plugins: plugins.messages,
        pipeline: plugins.pipeline,
        roles: reader.names(body.get("roles")),
        phases: reader.items(phases).iter().filter_map(|node| messages::phase(reader, node)).collect(),
        view_change: body.get("view-change").and_then(|node| general::view_change(reader, node)),
        transitions_place: transitions.map_or(body.place, |node| node.place),
        transitions: transitions.map(|node| transitions::all(reader, node)).unwrap_or_default(),
    };
    if body.get("replicas").is_none() {
        size::assume(reader, &mut protocol);
    }
    Some(protocol)
}
