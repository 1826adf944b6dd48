//! Every message reaches somebody who waits for it: whoever is told and whoever waits have a role in common.

use super::Findings;
use crate::language::facts::{BUILT_IN_MESSAGES, may_coincide, role_of};
use crate::table::Role;

pub(super) fn check(findings: &mut Findings<'_>) {
    requests(findings);
    let protocol = findings.protocol;
    // What nobody sends or awaits at all is told elsewhere; so is what goes to clients.
    for name in protocol.message_names().into_iter().filter(|name| !BUILT_IN_MESSAGES.contains(name)) {
        let sent: Vec<_> = protocol
            .sending(name)
            .flat_map(|(_, to)| {
                to.responses.iter().filter(|(_, message)| message.value == name).map(|(target, _)| target)
            })
            .filter_map(|target| Some((role_of(&target.value)?, target)))
            .collect();
        let counted: Vec<Role> = protocol
            .ways(false)
            .filter(|(_, to)| to.extra_tally.iter().any(|(_, message)| message.value == name))
            .filter_map(|(from, _)| role_of(&from.role.value))
            .collect();
        let waiting: Vec<_> = protocol
            .ways(false)
            .chain(protocol.ways(true))
            .filter(|(_, to)| super::awaits(to) == Some(name))
            .filter_map(|(from, to)| Some((role_of(&from.role.value)?, from, to)))
            .collect();
        if sent.is_empty() || waiting.is_empty() {
            continue;
        }
        for (role, from, to) in &waiting {
            let told = sent.iter().map(|(target, _)| target).chain(&counted).any(|target| may_coincide(*target, *role));
            if !told {
                let targets = listed(sent.iter().map(|(_, target)| target.value.as_str()));
                let message = format!("{} waits for {name} here, but it is sent to {targets} only", from.role.value);
                findings.warning("never-sent", to.place, message, format!("Send {name} to {}", from.role.value));
            }
        }
        for (target, written) in &sent {
            if *target != Role::Client && !waiting.iter().any(|(role, ..)| may_coincide(*target, *role)) {
                let roles = listed(waiting.iter().map(|(_, from, _)| from.role.value.as_str()));
                let message = format!("{name} is sent to {} here, but only {roles} waits for it", written.value);
                findings.warning("never-awaited", written.place, message, format!("Send it to {roles}"));
            }
        }
    }
}

/// Requests that clients send to replicas which make no blocks.
fn requests(findings: &mut Findings<'_>) {
    let protocol = findings.protocol;
    let target = &protocol.request_target;
    let proposing: Vec<_> = protocol
        .ways(false)
        .filter(|(_, to)| super::awaits(to) == Some("request"))
        .map(|(from, _)| from.role.value.as_str())
        .collect();
    let Some(told) = role_of(&target.value) else { return };
    if !proposing.iter().filter_map(|name| role_of(name)).any(|role| may_coincide(told, role)) {
        let roles = listed(proposing.iter().copied());
        let message = format!("clients send their requests to {}, but {roles} makes the blocks", target.value);
        findings.warning("requests-go-astray", target.place, message, format!("Write request-target: {roles}"));
    }
}

/// Names with commas between, each once.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut once: Vec<&str> = Vec::new();
    names.for_each(|name| {
        if !once.contains(&name) {
            once.push(name);
        }
    });
    once.join(", ")
}
