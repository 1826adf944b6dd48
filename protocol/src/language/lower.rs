//! From names to numbers, for one f. Expects a protocol that [`super::check`] found no error in.

use super::diagnostic::{Diagnostic, Place};
use super::syntax::{self, Leader, Placed, Protocol, Update};
use crate::table::{Condition, MessageId, MessageInfo, Role, RoleRules, Rule, StateId, Table};

/// The order in which a replica looks for transitions.
const ROLE_ORDER: [Role; 8] = [
    Role::Primary,
    Role::StepPrimary(1),
    Role::StepPrimary(2),
    Role::StepPrimary(3),
    Role::Backups,
    Role::Active,
    Role::Passive,
    Role::Nodes,
];

/// Lowers a checked protocol.
///
/// # Errors
/// When it uses a part of the language that the engine does not run yet.
pub fn lower(protocol: &Protocol, f: u32) -> Result<Table, Diagnostic> {
    let n = protocol.replica_count(f).map_err(|message| broken(protocol.replicas.place, &message))?;
    let names = Names { states: protocol.states(), messages: protocol.messages() };
    let mut replica_rules = Vec::new();
    for role in ROLE_ORDER {
        let mut by_state = vec![Vec::new(); names.states.len()];
        for from in protocol.transitions.iter().filter(|from| role_of(&from.role.value) == Some(role)) {
            if from.state.value == "any" {
                return Err(not_yet(from.state.place, "the state any"));
            }
            let state = names.state(&from.state)?;
            for to in &from.to {
                by_state[usize::from(state.0)].push(lower_rule(protocol, &names, to, f)?);
            }
        }
        if by_state.iter().any(|rules| !rules.is_empty()) {
            replica_rules.push(RoleRules { role, by_state });
        }
    }
    Ok(Table {
        name: protocol.name.clone(),
        f,
        n,
        rotating: protocol.leader == Leader::Rotating,
        request_target: role(&protocol.request_target)?,
        states: names.states.iter().map(ToString::to_string).collect(),
        messages: names
            .messages
            .iter()
            .map(|(name, carries_block)| MessageInfo {
                name: (*name).to_owned(),
                carries_block: *carries_block,
                senders: senders(protocol, name),
            })
            .collect(),
        reply: names.message_named("reply").ok_or_else(|| broken(protocol.replicas.place, "there is no reply"))?,
        replica_rules,
        reply_quorum: reply_quorum(protocol, f)?,
    })
}

fn lower_rule(protocol: &Protocol, names: &Names<'_>, to: &syntax::To, f: u32) -> Result<Rule, Diagnostic> {
    match to.update {
        Update::View => return Err(not_yet(to.place, "update: view")),
        Update::Aggregation => return Err(not_yet(to.place, "update: aggregation")),
        Update::None | Update::Sequence | Update::Slow => {}
    }
    let condition = match &to.condition {
        syntax::Condition::Always => Condition::Always,
        syntax::Condition::Message { message, .. } if message.value == "request" => Condition::Request,
        syntax::Condition::Message { message, quorum } => {
            let size = protocol.evaluate(&quorum.value, f).map_err(|error| broken(quorum.place, &error))?;
            Condition::Quorum { message: names.message(message)?, size: size.clamp(1, 1000) as u32 }
        }
        syntax::Condition::Timeout { state_mode, multiplier } => {
            Condition::Timeout { state_mode: *state_mode, multiplier: *multiplier }
        }
    };
    let pairs = |pairs: &[(Placed<String>, Placed<String>)]| {
        pairs
            .iter()
            .map(|(target, message)| Ok((role(target)?, names.message(message)?)))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(Rule {
        condition,
        next: names.state(&to.state)?,
        executes: to.update == Update::Sequence,
        slow: to.update == Update::Slow,
        responses: pairs(&to.responses)?,
        extra_tally: pairs(&to.extra_tally)?,
    })
}

/// The quorum of the client's last transition on replies.
fn reply_quorum(protocol: &Protocol, f: u32) -> Result<u32, Diagnostic> {
    let clients = protocol.transitions.iter().filter(|from| from.role.value == "client");
    for to in clients.flat_map(|from| &from.to) {
        if let (syntax::Condition::Message { message, quorum }, "executed") = (&to.condition, to.state.value.as_str())
            && message.value == "reply"
        {
            let size = protocol.evaluate(&quorum.value, f).map_err(|error| broken(quorum.place, &error))?;
            return Ok(size.clamp(1, 1000) as u32);
        }
    }
    Err(broken(protocol.replicas.place, "no transition of the client executes with a quorum of replies"))
}

fn senders(protocol: &Protocol, message: &str) -> Vec<Role> {
    let mut roles = Vec::new();
    for from in &protocol.transitions {
        let sends = from.to.iter().flat_map(|to| &to.responses).any(|(_, sent)| sent.value == message);
        if let (true, Some(role)) = (sends, role_of(&from.role.value))
            && !roles.contains(&role)
        {
            roles.push(role);
        }
    }
    roles
}

fn role(name: &Placed<String>) -> Result<Role, Diagnostic> {
    role_of(&name.value).ok_or_else(|| broken(name.place, &format!("there is no role {:?}", name.value)))
}

fn role_of(name: &str) -> Option<Role> {
    Some(match name {
        "primary" => Role::Primary,
        "backups" => Role::Backups,
        "nodes" => Role::Nodes,
        "active" => Role::Active,
        "passive" => Role::Passive,
        "client" => Role::Client,
        "primary2" => Role::StepPrimary(1),
        "primary3" => Role::StepPrimary(2),
        "primary4" => Role::StepPrimary(3),
        _ => return None,
    })
}

struct Names<'a> {
    states: Vec<&'a str>,
    messages: Vec<(&'a str, bool)>,
}

impl Names<'_> {
    fn state(&self, name: &Placed<String>) -> Result<StateId, Diagnostic> {
        let index = self.states.iter().position(|state| *state == name.value);
        let index = index.and_then(|index| u8::try_from(index).ok());
        index.map(StateId).ok_or_else(|| broken(name.place, &format!("there is no state {:?}", name.value)))
    }

    fn message(&self, name: &Placed<String>) -> Result<MessageId, Diagnostic> {
        self.message_named(&name.value)
            .ok_or_else(|| broken(name.place, &format!("there is no message {:?}", name.value)))
    }

    fn message_named(&self, name: &str) -> Option<MessageId> {
        let index = self.messages.iter().position(|(message, _)| *message == name)?;
        u8::try_from(index).ok().map(MessageId)
    }
}

fn broken(place: Place, message: &str) -> Diagnostic {
    Diagnostic::error("cannot-lower", place, message, "Mend it, then check again")
}

fn not_yet(place: Place, what: &str) -> Diagnostic {
    Diagnostic::error(
        "not-run-yet",
        place,
        format!("{what} is read, but the engine does not run it yet"),
        "Leave it out",
    )
}

#[cfg(test)]
mod tests {
    use super::super::compile;
    use super::*;
    use model::ids::{ReplicaId, SequenceNumber, View};

    fn pbft(f: u32) -> Table {
        let definition = crate::definitions::find("pbft").unwrap();
        compile(definition.text, f).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
    }

    #[test]
    fn pbft_lowers_to_the_quorums_of_the_paper() {
        let table = pbft(2);
        assert_eq!((table.n, table.reply_quorum), (7, 3));
        let quorums: Vec<(String, u32)> = table
            .replica_rules
            .iter()
            .flat_map(|rules| rules.by_state.iter().flatten())
            .filter_map(|rule| match rule.condition {
                Condition::Quorum { message, size } => {
                    Some((table.messages[usize::from(message.0)].name.clone(), size))
                }
                _ => None,
            })
            .collect();
        assert_eq!(quorums, [("pre-prepare".into(), 1), ("prepare".into(), 4), ("commit".into(), 5)]);
    }

    #[test]
    fn only_the_leader_may_send_a_pre_prepare() {
        let table = pbft(1);
        let info = table.messages.iter().find(|message| message.name == "pre-prepare").unwrap();
        assert_eq!(info.senders, [Role::Primary]);
        assert_eq!(table.leader(View(5), SequenceNumber(1), 100), ReplicaId(1));
        assert_eq!(table.members(Role::Backups, ReplicaId(1)).iter().count(), 3);
    }

    #[test]
    fn every_shipped_protocol_compiles_without_a_warning() {
        for definition in crate::definitions::ALL {
            let (protocol, diagnostics) = super::super::parse::parse(definition.text);
            assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", definition.name);
            assert!(super::super::check::check(&protocol.unwrap(), 1).is_empty());
            compile(definition.text, 3).unwrap();
        }
    }

    #[test]
    fn mistakes_are_reported_with_line_column_and_mend() {
        let text = crate::definitions::find("pbft").unwrap().text;
        for (from, to, code) in [
            ("state: prepared\n        to", "state: preparde\n        to", "unknown-state"),
            ("message: commit, quorum: 2f + 1", "message: comit, quorum: 2f + 1", "unknown-message"),
            ("quorum: 2f }", "quorum: 9f }", "quorum-too-large"),
            ("quorum: 2f }", "quorum: 2g }", "bad-expression"),
            ("quorum: 2f }", "quorum: 2f + }", "bad-expression"),
            ("role: backups", "role: helpers", "unknown-role"),
            (
                "update: sequence\n            condition: { type: message, message: commit",
                "update: sequence\n            condition: { type: magic, message: commit",
                "unknown-condition",
            ),
            ("roles: [primary", "roles: [[primary", "not-yaml"),
        ] {
            assert!(text.contains(from), "{from}");
            let diagnostics = compile(&text.replacen(from, to, 1), 1).unwrap_err();
            let found = diagnostics.iter().find(|diagnostic| diagnostic.code == code);
            let found = found.unwrap_or_else(|| panic!("{code} missing: {diagnostics:?}"));
            assert!(found.place.line > 1 && found.place.column > 0 && !found.mend.is_empty(), "{found}");
        }
    }
}
