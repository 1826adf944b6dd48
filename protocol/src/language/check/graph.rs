//! Which states can be reached, and by whom.

use super::Findings;
use crate::language::facts::role_of;
use crate::language::syntax::{From, To};
use crate::table::Role;

/// The states that can be reached from idle by these transitions, and from `start` where given.
pub(super) fn reachable<'a>(ways: &[(&'a From, &'a To)], start: Option<&'a str>) -> Vec<&'a str> {
    let mut reached = vec!["idle"];
    reached.extend(start);
    loop {
        let before = reached.len();
        for (from, to) in ways {
            let leaves = from.state.value == "any" || reached.contains(&from.state.value.as_str());
            if leaves && from.state.value != "executed" && !reached.contains(&to.state.value.as_str()) {
                reached.push(&to.state.value);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

pub(super) fn check(findings: &mut Findings<'_>) {
    let protocol = findings.protocol;
    let resume =
        protocol.view_change.as_ref().and_then(|section| section.resume.as_ref()).map(|name| name.value.as_str());
    let ways: Vec<_> = protocol.ways(false).collect();
    let replicas = reachable(&ways, resume);
    let clients = reachable(&protocol.ways(true).collect::<Vec<_>>(), None);
    let place = protocol.transitions_place;
    if !ways.iter().any(|(_, to)| super::awaits(to).is_some_and(|name| name == "request")) {
        let mend = "Add a transition of the primary with condition: { type: message, message: request, quorum: 1 }";
        findings.error("never-proposes", place, "no replica makes a block of requests", mend);
    }
    for (reached, who) in [(&replicas, "replica"), (&clients, "client")] {
        if !reached.contains(&"executed") {
            let message = format!("there is no way from idle to executed for a {who}");
            findings.error(
                "never-executes",
                place,
                message,
                "Add one that ends with state: executed and update: sequence",
            );
        }
    }
    if replicas.contains(&"executed") {
        kinds(findings, &ways, resume);
    }
    let mut told: Vec<&str> = vec!["idle", "executed", "any"];
    for state in protocol.phases.iter().flat_map(|phase| &phase.states) {
        let name = state.value.as_str();
        if !told.contains(&name) && !replicas.contains(&name) && !clients.contains(&name) {
            let message = format!("the state {name} cannot be reached from idle");
            findings.warning("unreachable-state", state.place, message, "Remove it, or add a transition to it");
        }
        told.push(name);
    }
    for (from, to) in protocol.ways(false).chain(protocol.ways(true)) {
        if from.state.value == "executed" {
            let message = "executed is the last state: no transition out of it is taken";
            findings.warning("after-executed", to.place, message, "Remove it");
        }
    }
}

/// Leaders, backups and so on have different transitions: each of them should be able to execute.
fn kinds(findings: &mut Findings<'_>, ways: &[(&From, &To)], resume: Option<&str>) {
    let uses = |role: Role| ways.iter().any(|(from, _)| role_of(&from.role.value) == Some(role));
    let kinds: &[(&str, Role, &[Role])] = if uses(Role::Active) || uses(Role::Passive) {
        &[
            ("the primary", Role::Primary, &[Role::Primary, Role::Active]),
            ("an active backup", Role::Active, &[Role::Active, Role::Backups]),
            ("a passive replica", Role::Passive, &[Role::Passive, Role::Backups]),
        ]
    } else {
        &[("the primary", Role::Primary, &[Role::Primary]), ("a backup", Role::Backups, &[Role::Backups])]
    };
    for (who, _, roles) in kinds {
        let own: Vec<_> = ways
            .iter()
            .copied()
            .filter(|(from, _)| {
                role_of(&from.role.value).is_some_and(|role| match role {
                    Role::Primary | Role::Backups | Role::Active | Role::Passive => roles.contains(&role),
                    _ => true,
                })
            })
            .collect();
        if !reachable(&own, resume).contains(&"executed") {
            let message = format!("there is no way from idle to executed for {who}: it has to fetch every block");
            let mend = "Add the missing transitions for its role";
            findings.warning("role-never-executes", findings.protocol.transitions_place, message, mend);
        }
    }
}
