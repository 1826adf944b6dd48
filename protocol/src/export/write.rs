//! The file itself: in block style and without comments, as the framework's own files are, since its reader is no full
//! YAML reader.

use super::changes_view;
use super::quorum::quorum;
use crate::language::syntax::{Condition, From, Leader, Placed, Protocol, RolePlugin, To};
use crate::table::Update;

/// The one phase that is written: the framework looks at no other's name, and moves roles in all others.
const PHASE: &str = "normal";
/// Plugins that the framework has and that mean the same.
const MESSAGE_PLUGINS: [&str; 4] = ["digest", "mac", "checkpoint", "read-only"];

/// Lines at their depths.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, depth: usize, line: &str) {
        self.0.push_str(&"  ".repeat(depth));
        self.0.push_str(line);
        self.0.push('\n');
    }
}

/// Writes a protocol in whose way nothing is.
pub(super) fn file(protocol: &Protocol, f: u32) -> Result<String, String> {
    let mut lines = Lines::default();
    plugins(&mut lines, protocol);
    lines.add(0, "protocol:");
    lines.add(1, "general:");
    let leader = if protocol.leader == Leader::Stable { "stable" } else { "rotate" };
    lines.add(2, &format!("leader: {leader}"));
    lines.add(2, &format!("request-target: {}", protocol.request_target.value));
    lines.add(1, "roles:");
    for role in ["primary", "active", "passive", "nodes", "client"] {
        lines.add(2, &format!("- {role}"));
    }
    phase(&mut lines, protocol);
    lines.add(1, "transitions:");
    lines.add(2, "from:");
    for from in &protocol.transitions {
        transitions(&mut lines, protocol, from, f)?;
    }
    Ok(lines.0)
}

fn plugins(lines: &mut Lines, protocol: &Protocol) {
    lines.add(0, "plugins:");
    let role = if protocol.role_plugin == RolePlugin::Passive { "passive" } else { "primary" };
    lines.add(1, &format!("role: {role}"));
    lines.add(1, "message:");
    let named = protocol.message_plugins.iter().map(|plugin| plugin.value.as_str());
    let mut written: Vec<&str> = Vec::new();
    for plugin in named.filter(|plugin| MESSAGE_PLUGINS.contains(plugin)) {
        if !written.contains(&plugin) {
            written.push(plugin);
        }
    }
    // It looks for the list without asking whether there is one, and for digests in every message.
    if !written.contains(&"digest") {
        written.insert(0, "digest");
    }
    for plugin in written {
        lines.add(2, &format!("- {plugin}"));
    }
    lines.add(1, "transition:");
    lines.add(2, "- checkpoint");
    lines.add(1, "pipeline: direct");
}

fn phase(lines: &mut Lines, protocol: &Protocol) {
    lines.add(1, "phases:");
    lines.add(2, &format!("- name: {PHASE}"));
    lines.add(3, "states:");
    for state in protocol.states() {
        lines.add(4, &format!("- {state}"));
    }
    lines.add(3, "messages:");
    for name in protocol.message_names() {
        // Of messages that all protocols share, the first file counts; all of them say this.
        let block = match name {
            "request" | "reply" => true,
            name => protocol.message(name).is_some_and(|message| message.request_block),
        };
        if block {
            lines.add(4, &format!("- name: {name}"));
            lines.add(5, "request-block: true");
        } else {
            lines.add(4, &format!("- {name}"));
        }
    }
}

fn transitions(lines: &mut Lines, protocol: &Protocol, from: &From, f: u32) -> Result<(), String> {
    let ways: Vec<&To> = from.to.iter().filter(|to| !changes_view(to)).collect();
    if ways.is_empty() {
        return Ok(());
    }
    lines.add(3, &format!("- role: {}", role(&from.role)));
    lines.add(4, &format!("state: {}", from.state.value));
    lines.add(4, "to:");
    for to in ways {
        way(lines, protocol, to, f)?;
    }
    Ok(())
}

fn way(lines: &mut Lines, protocol: &Protocol, to: &To, f: u32) -> Result<(), String> {
    lines.add(5, &format!("- state: {}", to.state.value));
    match to.update {
        _ if to.state.value == "executed" => lines.add(6, "update: sequence"),
        Update::Slow => lines.add(6, "update: slow"),
        _ => {}
    }
    match &to.condition {
        Condition::Message { message, quorum: size, .. } => {
            lines.add(6, "condition:");
            lines.add(7, "type: message");
            lines.add(7, &format!("message: {}", message.value));
            let size = if message.value == "request" { "1".to_owned() } else { quorum(protocol, &size.value, f)? };
            lines.add(7, &format!("quorum: {size}"));
        }
        Condition::Timeout { state_mode, multiplier } => {
            lines.add(6, "condition:");
            lines.add(7, "type: timeout");
            lines.add(7, &format!("mode: {}", if *state_mode { "state" } else { "sequence" }));
            lines.add(7, &format!("multiplier: {multiplier}"));
        }
        Condition::Always => {}
        Condition::Next { .. } => return Err("BFTBrain has no condition on the next place".to_owned()),
    }
    pairs(lines, "response", "target", &to.responses);
    pairs(lines, "extra_tally", "role", &to.extra_tally);
    Ok(())
}

fn pairs(lines: &mut Lines, key: &str, role_key: &str, pairs: &[(Placed<String>, Placed<String>)]) {
    if pairs.is_empty() {
        return;
    }
    lines.add(6, &format!("{key}:"));
    for (target, message) in pairs {
        lines.add(7, &format!("- {role_key}: {}", role(target)));
        lines.add(8, &format!("message: {}", message.value));
    }
}

/// A role as the framework knows it.
fn role(name: &Placed<String>) -> &str {
    if name.value == "backups" { "nodes" } else { &name.value }
}
