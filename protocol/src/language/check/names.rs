//! Every role, state and message that is used exists; what is declared is used.

use super::Findings;
use crate::language::facts::{ROLES, role_of, role_size};
use crate::language::syntax::{Condition, Placed, RolePlugin};
use crate::table::Role;

pub(super) fn check(findings: &mut Findings<'_>) {
    let protocol = findings.protocol;
    let states = protocol.states();
    let messages = protocol.message_names();
    let roles = ROLES.map(|(name, _)| name);
    let mut unknown = |code: &str, what: &str, name: &Placed<String>, known: &[&str]| {
        if !known.contains(&name.value.as_str()) {
            let message = format!("there is no {what} {:?}", name.value);
            findings.error(code, name.place, message, format!("Known are {}", known.join(", ")));
        }
    };
    unknown("unknown-role", "role", &protocol.request_target, &roles);
    for role in &protocol.roles {
        unknown("unknown-role", "role", role, &roles);
    }
    for from in &protocol.transitions {
        unknown("unknown-role", "role", &from.role, &roles);
        if from.state.value != "any" {
            unknown("unknown-state", "state", &from.state, &states);
        }
        for to in &from.to {
            unknown("unknown-state", "state", &to.state, &states);
            match &to.condition {
                Condition::Message { message, .. } => unknown("unknown-message", "message", message, &messages),
                Condition::Next { states: awaited } => {
                    awaited.iter().for_each(|state| unknown("unknown-state", "state", state, &states));
                }
                Condition::Always | Condition::Timeout { .. } => {}
            }
            for (role, message) in to.responses.iter().chain(&to.extra_tally) {
                unknown("unknown-role", "role", role, &roles);
                unknown("unknown-message", "message", message, &messages);
            }
        }
    }
    for certificate in protocol.declared().iter().filter_map(|message| message.certificate.as_ref()) {
        unknown("unknown-message", "message", &certificate.of, &messages);
    }
    if let Some(section) = &protocol.view_change {
        for state in section.proven.iter().chain(&section.resume) {
            unknown("unknown-state", "state", state, &states);
        }
    }
    roles_in_use(findings);
}

/// Roles that are declared and not used, used and not declared, or that nobody has.
fn roles_in_use(findings: &mut Findings<'_>) {
    let protocol = findings.protocol;
    let mut used: Vec<&Placed<String>> = vec![&protocol.request_target];
    for from in &protocol.transitions {
        used.push(&from.role);
        used.extend(from.to.iter().flat_map(|to| to.responses.iter().chain(&to.extra_tally)).map(|(role, _)| role));
    }
    for role in &protocol.roles {
        if role.value != "client" && !used.iter().any(|name| name.value == role.value) {
            let message = format!("no transition mentions the role {}", role.value);
            findings.warning("unused-role", role.place, message, "Remove it, or give it transitions");
        }
    }
    let n = protocol.replica_count(findings.f).unwrap_or(1);
    let mut told: Vec<&str> = Vec::new();
    for name in used {
        let Some(role) = role_of(&name.value).filter(|_| !told.contains(&name.value.as_str())) else { continue };
        told.push(&name.value);
        let declared = protocol.roles.is_empty() || protocol.roles.iter().any(|known| known.value == name.value);
        if !declared {
            let message = format!("the role {} is used, but not among protocol.roles", name.value);
            findings.warning("undeclared-role", name.place, message, "Add it there");
        }
        let plugin = match role {
            Role::Active | Role::Passive => Some((RolePlugin::Passive, "passive")),
            Role::StepPrimary(_) => Some((RolePlugin::QuorumCertificatePrimary, "qc-primary")),
            _ => None,
        };
        if let Some((plugin, word)) = plugin
            && protocol.role_plugin != plugin
        {
            let message = format!("the role {} belongs to the role plugin {word}", name.value);
            findings.warning("role-needs-plugin", name.place, message, format!("Set plugins.role to {word}"));
        }
        if role != Role::Client && role_size(role, n, findings.f) == 0 {
            let message = format!("with {n} replicas and f = {} nobody has the role {}", findings.f, name.value);
            findings.warning("empty-role", name.place, message, "Use another role, or more replicas");
        }
    }
}
