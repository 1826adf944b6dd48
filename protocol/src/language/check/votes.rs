//! Which quorums of votes decide: what a replica knows when it takes a transition.

use super::Findings;
use crate::language::diagnostic::Place;
use crate::language::facts::role_of;
use crate::language::syntax::{From, To};
use crate::table::Role;

/// Votes for one block by so many replicas.
#[derive(Clone, Debug)]
pub(super) struct Votes {
    pub(super) message: String,
    /// How many replicas stand behind it; the leader's proposal counts as its vote where it sends no other.
    pub(super) size: i64,
    pub(super) place: Place,
    /// Whether whoever sent these votes was in a state that proves the block to the next leader.
    pub(super) proven: bool,
    /// Whether the senders had executed the block: then it was decided before.
    pub(super) executed: bool,
}

/// The votes behind a transition of a replica. None for a proposal, which is one replica's word.
pub(super) fn behind(findings: &Findings<'_>, from: &From, to: &To) -> Option<Votes> {
    let protocol = findings.protocol;
    let name = super::awaits(to).filter(|name| *name != "request")?;
    let size = protocol.quorum(&to.condition, findings.f)?;
    let certificate = protocol.message(name).and_then(|message| message.certificate.as_ref());
    // A certificate stands for the votes in it.
    if let Some(rule) = certificate.filter(|rule| !rule.previous) {
        let size = protocol.evaluate(&rule.quorum.value, findings.f).ok()?;
        return Some(votes(findings, &rule.of.value, size, rule.quorum.place));
    }
    let single =
        |role: &Role| matches!(role, Role::Primary | Role::NextPrimary | Role::Originator | Role::StepPrimary(_));
    let senders = effective_senders(findings, name);
    if senders.iter().all(single) {
        return None;
    }
    let leader_votes = senders.iter().all(|role| *role == Role::Backups) && from.state.value != "idle";
    let place = match &to.condition {
        crate::language::syntax::Condition::Message { quorum, .. } => quorum.place,
        _ => to.place,
    };
    Some(votes(findings, name, size + i64::from(leader_votes), place))
}

/// Votes of this message, with what its senders had reached when they sent it.
pub(super) fn votes(findings: &Findings<'_>, message: &str, size: i64, place: Place) -> Votes {
    let section = findings.protocol.view_change_or_default(findings.f);
    let proves =
        |state: &str| section.as_ref().is_some_and(|section| section.proven.iter().any(|proven| proven.value == state));
    let sending: Vec<_> = findings.protocol.sending(message).collect();
    Votes {
        message: message.to_owned(),
        size,
        place,
        proven: !sending.is_empty() && sending.iter().all(|(_, to)| proves(&to.state.value)),
        executed: !sending.is_empty() && sending.iter().all(|(_, to)| to.state.value == "executed"),
    }
}

/// The roles that send a message. `nodes` that answer what the leader alone says out of idle are the backups: the leader
/// is further by then.
fn effective_senders(findings: &Findings<'_>, message: &str) -> Vec<Role> {
    let protocol = findings.protocol;
    let mut roles: Vec<Role> = protocol
        .sending(message)
        .filter_map(|(from, to)| {
            let role = role_of(&from.role.value)?;
            let answers_leader = from.state.value == "idle"
                && super::awaits(to).is_some_and(|name| protocol.senders(name) == [Role::Primary]);
            Some(if role == Role::Nodes && answers_leader { Role::Backups } else { role })
        })
        .collect();
    for (role, counted) in protocol.transitions.iter().flat_map(|from| &from.to).flat_map(|to| &to.extra_tally) {
        if counted.value == message {
            roles.extend(role_of(&role.value));
        }
    }
    roles
}

/// How many replicas two quorums must share: a correct one, or with trusted counters any one.
pub(super) fn needed(findings: &Findings<'_>) -> i64 {
    if findings.protocol.trusted_counter { 1 } else { i64::from(findings.f) + 1 }
}
