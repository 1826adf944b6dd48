//! Why a protocol cannot be written out: parts that the framework does not have, or takes for something else.

use super::changes_view;
use crate::language::syntax::{Condition, From, Pipeline, Protocol, RolePlugin, To};
use crate::table::Update;

/// The roles that the framework knows, whatever a file says. `backups` is written as `nodes`: see [`backups`].
const ROLES: [&str; 6] = ["primary", "active", "passive", "nodes", "client", "backups"];
/// Messages that all protocols of the framework share, besides those that everybody uses alike.
const SHARED: &str = "report";

/// All reasons, in sentences.
pub(super) fn obstacles(protocol: &Protocol, f: u32) -> Vec<String> {
    let mut reasons = general(protocol);
    for (from, to) in protocol.ways(true).chain(protocol.ways(false)).filter(|(_, to)| !changes_view(to)) {
        reasons.extend(way(protocol, from, to));
        reasons.extend(backups(protocol, from, to));
    }
    if protocol.replica_count(f).is_ok_and(|n| n < 2) {
        reasons.push("a single replica sends nothing to others, which BFTBrain waits for".to_owned());
    }
    reasons.dedup();
    reasons.truncate(20);
    reasons
}

fn general(protocol: &Protocol) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut reason = |applies: bool, text: String| {
        if applies {
            reasons.push(text);
        }
    };
    reason(
        protocol.role_plugin == RolePlugin::QuorumCertificatePrimary,
        "BFTBrain cannot name the roles of qc-primary: it takes all roles from CheapBFT's file".to_owned(),
    );
    reason(
        protocol.pipeline == Pipeline::Chained,
        "BFTBrain has no chain in which a block proves the one before".to_owned(),
    );
    reason(
        protocol.pipeline == Pipeline::QuorumCertificates,
        "BFTBrain's qc-pipeline counts steps over all of its protocols, which is not what this one means".to_owned(),
    );
    reason(
        protocol.rotate_every.is_some(),
        "BFTBrain rotates leaders by benchmark.leader-rotate-interval alone, not by rotate-every".to_owned(),
    );
    reason(protocol.window.is_some(), "BFTBrain's window is 100 blocks: it has no key window".to_owned());
    let target = protocol.request_target.value.as_str();
    reason(
        !ROLES.contains(&target) || target == "backups",
        format!("BFTBrain has no role {target} to send requests to"),
    );
    reason(
        protocol.has_message_plugin("speculate"),
        "BFTBrain's plugin speculate answers the messages of its own zyzzyva only".to_owned(),
    );
    for message in protocol.declared() {
        let name = message.name.value.as_str();
        let good = |each: char| each.is_ascii_alphanumeric() || each == '-' || each == '_';
        reason(
            !name.chars().all(good) || name == "null",
            format!("{name} is no name of a message for BFTBrain: use letters, digits, - and _"),
        );
        reason(name == SHARED, format!("all protocols of BFTBrain share one message {SHARED}: call it something else"));
    }
    reasons
}

/// What is in the way of one way.
fn way(protocol: &Protocol, from: &From, to: &To) -> Vec<String> {
    let mut reasons = Vec::new();
    let (role, state) = (from.role.value.as_str(), from.state.value.as_str());
    let at = format!("{role} in {state}");
    let mut roles: Vec<&str> = vec![role];
    roles.extend(to.responses.iter().chain(&to.extra_tally).map(|(role, _)| role.value.as_str()));
    for unknown in roles.into_iter().filter(|role| !ROLES.contains(role)) {
        reasons.push(format!("BFTBrain has no role {unknown}"));
    }
    if state == "any" {
        reasons.push("BFTBrain takes a way out of any for all of its protocols".to_owned());
    }
    if to.update == Update::Aggregation {
        reasons.push(format!("{at}: BFTBrain's aggregation executes several blocks under one number"));
    }
    if to.update == Update::Sequence && to.state.value != "executed" {
        reasons.push(format!("{at}: BFTBrain takes update: sequence to executed only"));
    }
    match &to.condition {
        Condition::Next { .. } => reasons.push(format!("{at}: BFTBrain has no condition on the next place")),
        Condition::Message { empty: true, .. } => {
            reasons.push(format!("{at}: BFTBrain does not tell the empty block from others"));
        }
        Condition::Timeout { .. } if state == "idle" => {
            reasons.push(format!("{at}: BFTBrain's timers begin when a state is entered, so one of idle never ends"));
        }
        Condition::Timeout { .. } if !is_entered(protocol, state) => {
            reasons.push(format!("{at}: BFTBrain's timers begin when a state is entered, which this one never is"));
        }
        _ => {}
    }
    reasons
}

fn is_entered(protocol: &Protocol, state: &str) -> bool {
    protocol.ways(true).chain(protocol.ways(false)).any(|(_, to)| to.state.value == state)
}

/// The framework has no role of all replicas but the leader: it has `nodes`, the leader among them, whose own rules go
/// first. That is the same as long as only the leader sends what backups wait for: it has moved on when it does.
fn backups(protocol: &Protocol, from: &From, to: &To) -> Vec<String> {
    let mut reasons = Vec::new();
    if to.extra_tally.iter().any(|(role, _)| role.value == "backups") {
        reasons.push("BFTBrain has no role backups that votes could be taken as given of".to_owned());
    }
    if from.role.value != "backups" {
        return reasons;
    }
    let Condition::Message { message, .. } = &to.condition else {
        reasons.push("BFTBrain has no role backups: let these replicas wait for a message of the leader".to_owned());
        return reasons;
    };
    let others_send = protocol.ways(false).any(|(sender, way)| {
        sender.role.value != "primary" && way.responses.iter().any(|(_, sent)| sent.value == message.value)
    });
    if others_send {
        reasons.push(format!(
            "BFTBrain has no role backups, and {} is not the leader's alone: the leader would take these ways too",
            message.value
        ));
    }
    reasons
}
