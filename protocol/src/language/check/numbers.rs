//! Sizes: replicas, quorums, and how many names there are.

use super::Findings;
use crate::language::expression::Expression;
use crate::language::facts::role_size;
use crate::language::syntax::{Condition, Placed};
use crate::table::Role;

const MOST_NAMES: usize = 250;
/// Some checks compare transitions with each other: this bounds how long a hostile file can take.
const MOST_TRANSITIONS: usize = 500;
const THEIRS: &str =
    "The public framework takes such a quorum as satisfied by the first message; here it must be right";

pub(super) fn check(findings: &mut Findings<'_>) {
    let protocol = findings.protocol;
    let place = protocol.replicas.place;
    if let Some(message) = too_many(findings) {
        findings.error("too-many", place, message, "Make it smaller");
        return;
    }
    let n = match protocol.replica_count(findings.f) {
        Ok(n) => n,
        Err(message) => {
            findings.error("bad-replicas", place, message, "Write for example 3f + 1");
            return;
        }
    };
    enough(findings, n);
    for to in protocol.transitions.iter().flat_map(|from| &from.to) {
        let Condition::Message { message, quorum, .. } = &to.condition else { continue };
        let Some(size) = bounds(findings, quorum, n) else { continue };
        if message.value == "request" && size != 1 {
            let text = format!("a block of requests is one thing, not {size}");
            findings.warning("request-quorum", quorum.place, text, "Use quorum: 1");
        }
    }
    for certificate in protocol.declared().iter().filter_map(|message| message.certificate.as_ref()) {
        bounds(findings, &certificate.quorum, n);
    }
    if let Some(section) = &protocol.view_change {
        for quorum in section.quorum.iter().chain(&section.fast) {
            bounds(findings, quorum, n);
        }
    }
    senders(findings, n);
}

/// Counts what is written, names that stand twice too.
fn too_many(findings: &Findings<'_>) -> Option<String> {
    let phases = &findings.protocol.phases;
    let states: usize = phases.iter().map(|phase| phase.states.len()).sum();
    let messages: usize = phases.iter().map(|phase| phase.messages.len()).sum();
    let transitions: usize = findings.protocol.transitions.iter().map(|from| from.to.len().max(1)).sum();
    let roles = findings.protocol.roles.len();
    for (count, most, what) in [
        (states, MOST_NAMES - 2, "states"),
        (messages, MOST_NAMES - 5, "messages"),
        (roles, MOST_NAMES, "roles"),
        (transitions, MOST_TRANSITIONS, "transitions"),
    ] {
        if count > most {
            return Some(format!("{count} {what} are too many: {most} fit"));
        }
    }
    None
}

/// Fewer replicas than any protocol can do with.
fn enough(findings: &mut Findings<'_>, n: u32) {
    let (f, trusted) = (findings.f, findings.protocol.trusted_counter);
    let (least, formula) = if trusted {
        (f.saturating_mul(2).saturating_add(1), "2f + 1")
    } else {
        (f.saturating_mul(3).saturating_add(1), "3f + 1")
    };
    if n < least {
        let message = format!("n = {n} is too small for f = {f}: agreement needs {formula} = {least}");
        let mend = if trusted { "Write replicas: 2f + 1" } else { "Write replicas: 3f + 1, or set trusted-counter" };
        findings.warning("too-few-replicas", findings.protocol.replicas.place, message, mend);
    }
}

fn bounds(findings: &mut Findings<'_>, quorum: &Placed<Expression>, n: u32) -> Option<i64> {
    match findings.protocol.evaluate(&quorum.value, findings.f) {
        Ok(size) if size > i64::from(n) => {
            let message = format!("the quorum of {size} is larger than n = {n}");
            findings.error("quorum-too-large", quorum.place, message, "Lower it: nobody can collect that many");
        }
        Ok(size) if size < 1 => {
            let message = format!("the quorum is {size}");
            findings.error("quorum-too-small", quorum.place, message, format!("Use 1 or more. {THEIRS}"));
        }
        Ok(size) => return Some(size),
        Err(message) => {
            findings.error("bad-expression", quorum.place, message, format!("Write for example 2f + 1. {THEIRS}"));
        }
    }
    None
}

/// Quorums of more messages than there are senders.
fn senders(findings: &mut Findings<'_>, n: u32) {
    let protocol = findings.protocol;
    for (_, to) in protocol.ways(false).chain(protocol.ways(true)) {
        let Condition::Message { message, quorum, .. } = &to.condition else { continue };
        let Ok(size) = protocol.evaluate(&quorum.value, findings.f) else { continue };
        let most = most_senders(findings, &message.value, n);
        if most > 0 && (i64::from(most) + 1..=i64::from(n)).contains(&size) {
            let text = format!("the quorum is {size}, but at most {most} replicas send {}", message.value);
            findings.error("quorum-too-large", quorum.place, text, "Lower it, or let more roles send the message");
        }
    }
}

/// How many replicas may send a message, or count as its senders.
pub(super) fn most_senders(findings: &Findings<'_>, message: &str, n: u32) -> u32 {
    let protocol = findings.protocol;
    let mut roles = protocol.senders(message);
    for (role, counted) in protocol.transitions.iter().flat_map(|from| &from.to).flat_map(|to| &to.extra_tally) {
        if counted.value == message {
            roles.extend(crate::language::facts::role_of(&role.value));
        }
    }
    // A message that carries a certificate makes its reader count the votes in it.
    let size = |role: &Role| match role {
        Role::Active if protocol.trusted_counter => n,
        role => role_size(*role, n, findings.f),
    };
    roles.sort_by_key(|role| format!("{role:?}"));
    roles.dedup();
    roles.iter().map(size).sum::<u32>().min(n)
}
