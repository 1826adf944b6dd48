//! The sections that are not state machines: plugins, general settings, the view change.

use super::reader::Reader;
use crate::language::document::Node;
use crate::language::keys;
use crate::language::syntax::{Leader, Pipeline, Placed, RolePlugin, ViewChange};

const MESSAGE_PLUGINS: [&str; 7] = ["digest", "mac", "checkpoint", "read-only", "speculate", "learning", "nil"];

/// The section `plugins`.
pub(super) struct Plugins {
    pub(super) role: RolePlugin,
    pub(super) messages: Vec<Placed<String>>,
    pub(super) pipeline: Pipeline,
}

pub(super) fn plugins(reader: &mut Reader, node: Option<&Node>) -> Plugins {
    let mut plugins = Plugins { role: RolePlugin::Primary, messages: Vec::new(), pipeline: Pipeline::Direct };
    let Some(node) = node else { return plugins };
    reader.known_keys(node, "plugins");
    let roles = [
        ("primary", RolePlugin::Primary),
        ("passive", RolePlugin::Passive),
        ("qc-primary", RolePlugin::QuorumCertificatePrimary),
    ];
    plugins.role = reader.word(node, "role", "unknown-plugin", &roles, RolePlugin::Primary);
    let pipelines =
        [("direct", Pipeline::Direct), ("qc-pipeline", Pipeline::QuorumCertificates), ("chained", Pipeline::Chained)];
    plugins.pipeline = reader.word(node, "pipeline", "unknown-plugin", &pipelines, Pipeline::Direct);
    plugins.messages = reader.names(node.get("message"));
    let transitions = reader.names(node.get("transition"));
    for (plugin, known) in plugins
        .messages
        .iter()
        .map(|plugin| (plugin, &MESSAGE_PLUGINS[..]))
        .chain(transitions.iter().map(|plugin| (plugin, &["checkpoint", "nil"][..])))
    {
        if !known.contains(&plugin.value.as_str()) || plugin.value == "nil" || plugin.value == "learning" {
            let message = format!("the plugin {} does nothing", plugin.value);
            let mend = format!("Remove it, or use one of {}", known.join(", "));
            reader.warning("plugin-without-effect", plugin.place, message, mend);
        }
    }
    plugins
}

/// The section `protocol.general`.
pub(super) struct General {
    pub(super) leader: Leader,
    pub(super) request_target: Option<Placed<String>>,
    pub(super) rotate_every: Option<u64>,
    pub(super) window: Option<u64>,
    pub(super) speculative: bool,
    pub(super) trusted_counter: bool,
    pub(super) constants: Vec<(String, i64)>,
}

pub(super) fn general(reader: &mut Reader, body: &Node) -> General {
    let node = body.get("general");
    let mut general = General {
        leader: Leader::Stable,
        request_target: node.and_then(|node| node.get("request-target")).and_then(|node| reader.name(node)),
        rotate_every: reader.number(node, "rotate-every").map(u64::from),
        window: reader.number(node, "window").map(u64::from),
        speculative: reader.flag(node, "speculative"),
        trusted_counter: reader.flag(node, "trusted-counter"),
        constants: Vec::new(),
    };
    let Some(node) = node else { return general };
    let Some(entries) = node.mapping() else {
        reader.known_keys(node, "protocol.general");
        return general;
    };
    for (key, place, value) in entries {
        match key.as_str() {
            "leader" => match value.scalar() {
                Some("stable") => {}
                Some("rotate") => general.leader = Leader::Rotating,
                _ => {
                    // The public framework takes every other word for rotation, so it is no error.
                    general.leader = Leader::Rotating;
                    let message = "leader is neither stable nor rotate; it is taken as rotate";
                    reader.warning("unknown-leader", value.place, message, "Write stable or rotate");
                }
            },
            "learning" | "aggregation" => {
                reader.warning("ignored-key", *place, format!("{key} is read by nobody"), "Remove it");
            }
            key if keys::children("protocol.general").any(|known| known == key) => {}
            key => match value.scalar().map(str::parse) {
                Some(Ok(number)) => general.constants.push((key.to_owned(), number)),
                _ => {
                    let message =
                        format!("{key} means nothing here, and is no whole number that expressions could use");
                    let known: Vec<&str> = keys::children("protocol.general").collect();
                    reader.warning("unknown-key", *place, message, format!("Known keys are {}", known.join(", ")));
                }
            },
        }
    }
    general
}

/// The section `protocol.view-change`.
pub(super) fn view_change(reader: &mut Reader, node: &Node) -> Option<ViewChange> {
    reader.known_keys(node, "protocol.view-change");
    node.mapping()?;
    Some(ViewChange {
        place: node.place,
        quorum: node.get("quorum").and_then(|node| reader.expression(node)),
        proven: reader.names(node.get("proven")),
        fast: node.get("fast").and_then(|node| reader.expression(node)),
        resume: node.get("resume").and_then(|node| reader.name(node)),
        multiplier: reader.number(Some(node), "multiplier").unwrap_or(1),
    })
}
