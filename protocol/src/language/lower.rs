//! From names to numbers, for one f. Expects a protocol that [`super::check`] found no error in.

mod client;

use super::diagnostic::{Diagnostic, Place};
use super::expression::Expression;
use super::facts::{ROLES, role_of};
use super::syntax::{self, Leader, Pipeline, Placed, Protocol};
use crate::table::{
    CertificateRule, Condition, MessageId, MessageInfo, Role, RoleRules, Rule, StateId, Table, Update, ViewChangeRule,
};

pub(super) use client::{SlowPath as ClientSlowPath, machine as client_machine};

/// Lowers a checked protocol.
///
/// # Errors
/// When it was not checked, and has an error.
pub fn lower(protocol: &Protocol, f: u32) -> Result<Table, Diagnostic> {
    let n = protocol.replica_count(f).map_err(|message| broken(protocol.replicas.place, &message))?;
    let lowering = Lowering { protocol, f, n, states: protocol.states(), messages: protocol.message_names() };
    let client = client::machine(protocol, f).map_err(|mut diagnostics| diagnostics.remove(0))?;
    Ok(Table {
        name: protocol.name.clone(),
        f,
        n,
        rotating: protocol.leader == Leader::Rotating,
        rotate_interval: protocol.rotate_every,
        window: protocol.window,
        chained: protocol.pipeline == Pipeline::Chained,
        speculative: protocol.speculative,
        trusted_counter: protocol.trusted_counter,
        read_only: protocol.has_message_plugin("read-only"),
        read_only_quorum: n.saturating_sub(f).max(1),
        request_target: role(&protocol.request_target)?,
        states: lowering.states.iter().map(ToString::to_string).collect(),
        messages: lowering.messages.iter().map(|name| lowering.info(name)).collect::<Result<_, _>>()?,
        reply: lowering.message_named("reply").ok_or_else(|| broken(protocol.replicas.place, "there is no reply"))?,
        replica_rules: lowering.replica_rules()?,
        reply_quorum: client.reply_quorum,
        commit: client.slow_path.map(|path| lowering.commit(&path)).transpose()?,
        view_change: lowering.view_change()?,
    })
}

struct Lowering<'a> {
    protocol: &'a Protocol,
    f: u32,
    n: u32,
    states: Vec<&'a str>,
    messages: Vec<&'a str>,
}

impl Lowering<'_> {
    fn replica_rules(&self) -> Result<Vec<RoleRules>, Diagnostic> {
        let mut all = Vec::new();
        for (name, role) in ROLES.into_iter().filter(|(_, role)| *role != Role::Client) {
            let mut by_state = vec![Vec::new(); self.states.len()];
            let transitions = || self.protocol.transitions.iter().filter(|from| from.role.value == name);
            for from in transitions().filter(|from| from.state.value != "any") {
                let state = self.state(&from.state)?;
                for to in &from.to {
                    by_state[usize::from(state.0)].push(self.rule(to)?);
                }
            }
            for to in transitions().filter(|from| from.state.value == "any").flat_map(|from| &from.to) {
                let rule = self.rule(to)?;
                for (state, rules) in by_state.iter_mut().enumerate() {
                    if state != usize::from(StateId::EXECUTED.0) {
                        rules.push(rule.clone());
                    }
                }
            }
            if by_state.iter().any(|rules| !rules.is_empty()) {
                all.push(RoleRules { role, by_state });
            }
        }
        Ok(all)
    }

    fn rule(&self, to: &syntax::To) -> Result<Rule, Diagnostic> {
        let condition = match &to.condition {
            syntax::Condition::Always => Condition::Always,
            syntax::Condition::Message { message, .. } if message.value == "request" => Condition::Request,
            syntax::Condition::Message { message, quorum, empty } => {
                Condition::Quorum { message: self.message(message)?, size: self.size(quorum)?, empty: *empty }
            }
            syntax::Condition::Next { states } => {
                Condition::Next { states: states.iter().map(|state| self.state(state)).collect::<Result<_, _>>()? }
            }
            syntax::Condition::Timeout { state_mode, multiplier } => {
                Condition::Timeout { state_mode: *state_mode, multiplier: *multiplier }
            }
        };
        let next = self.state(&to.state)?;
        let pairs = |pairs: &[(Placed<String>, Placed<String>)]| {
            pairs
                .iter()
                .map(|(target, message)| Ok((role(target)?, self.message(message)?)))
                .collect::<Result<Vec<_>, _>>()
        };
        // Clients understand replies; what answers their certificates is the engine's own.
        let mut responses = pairs(&to.responses)?;
        let reply = self.message_named("reply");
        responses.retain(|(target, message)| (*target == Role::Client) == (Some(*message) == reply));
        Ok(Rule {
            condition,
            next,
            // A block in the state executed is executed, whether the file says so or not.
            update: if next == StateId::EXECUTED { Update::Sequence } else { to.update },
            responses,
            extra_tally: pairs(&to.extra_tally)?,
        })
    }

    fn info(&self, name: &str) -> Result<MessageInfo, Diagnostic> {
        let declared = self.protocol.message(name);
        let certificate = declared.and_then(|message| message.certificate.as_ref());
        Ok(MessageInfo {
            name: name.to_owned(),
            carries_block: declared.map_or(matches!(name, "request" | "reply"), |message| message.request_block),
            senders: self.protocol.senders(name),
            authentication: declared.map(|message| message.authentication).unwrap_or_default(),
            certificate: match certificate {
                Some(rule) => Some(CertificateRule {
                    of: self.message(&rule.of)?,
                    size: self.size(&rule.quorum)?,
                    previous: rule.previous,
                }),
                None => None,
            },
        })
    }

    fn commit(&self, path: &client::SlowPath) -> Result<crate::table::CommitRule, Diagnostic> {
        Ok(crate::table::CommitRule {
            replies: path.replies,
            multiplier: path.multiplier,
            commit: self.message(&path.commit)?,
            acknowledgement: self.message(&path.acknowledgement)?,
            acknowledgements: path.acknowledgements,
        })
    }

    fn view_change(&self) -> Result<Option<ViewChangeRule>, Diagnostic> {
        let Some(section) = self.protocol.view_change_or_default(self.f) else { return Ok(None) };
        let mut proven = section.proven.iter().map(|state| self.state(state)).collect::<Result<Vec<_>, _>>()?;
        proven.sort_unstable();
        proven.dedup();
        Ok(Some(ViewChangeRule {
            quorum: match &section.quorum {
                Some(quorum) => self.size(quorum)?,
                None => self.n.saturating_sub(self.f).max(1),
            },
            proven,
            fast: section.fast.as_ref().map(|fast| self.size(fast)).transpose()?,
            resume: section.resume.as_ref().map_or(Ok(StateId::IDLE), |state| self.state(state))?,
            multiplier: section.multiplier,
        }))
    }

    fn size(&self, quorum: &Placed<Expression>) -> Result<u32, Diagnostic> {
        let size = self.protocol.evaluate(&quorum.value, self.f).map_err(|error| broken(quorum.place, &error))?;
        u32::try_from(size)
            .ok()
            .filter(|size| *size >= 1)
            .ok_or_else(|| broken(quorum.place, &format!("{size} is no size of a quorum")))
    }

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
        let index = self.messages.iter().position(|message| *message == name)?;
        u8::try_from(index).ok().map(MessageId)
    }
}

fn role(name: &Placed<String>) -> Result<Role, Diagnostic> {
    role_of(&name.value).ok_or_else(|| broken(name.place, &format!("there is no role {:?}", name.value)))
}

fn broken(place: Place, message: &str) -> Diagnostic {
    Diagnostic::error("cannot-lower", place, message, "Mend it, then check again")
}
