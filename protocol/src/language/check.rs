//! Does a protocol make sense for f faults: every name exists, quorums fit, and there is a way to execute.

use super::diagnostic::Diagnostic;
use super::expression::Expression;
use super::syntax::*;
use crate::replica_set::MAX_REPLICAS;

/// Messages that every protocol has.
pub const BUILT_IN_MESSAGES: [&str; 5] = ["request", "reply", "report", "checkpoint", "fetch"];
/// States that every protocol has.
pub const BUILT_IN_STATES: [&str; 2] = ["idle", "executed"];
/// Roles that every protocol has.
pub const BUILT_IN_ROLES: [&str; 9] =
    ["primary", "backups", "nodes", "active", "passive", "client", "primary2", "primary3", "primary4"];

/// Checks a protocol for `f` faults.
pub fn check(protocol: &Protocol, f: u32) -> Vec<Diagnostic> {
    let mut checker = Checker { protocol, f, diagnostics: Vec::new() };
    checker.sizes();
    checker.names();
    checker.quorums();
    checker.reach();
    checker.diagnostics
}

impl Protocol {
    /// How many replicas it runs with for `f` faults.
    ///
    /// # Errors
    /// A sentence, when the expression has no value or the value is out of bounds.
    pub fn replica_count(&self, f: u32) -> Result<u32, String> {
        let lookup = |name: &str| match name {
            "f" => Some(i64::from(f)),
            name => self.constant(name),
        };
        match self.replicas.value.evaluate(&lookup) {
            Ok(n) if (1..=i64::from(MAX_REPLICAS)).contains(&n) => Ok(n as u32),
            Ok(n) => Err(format!("{n} replicas are out of bounds: 1 to {MAX_REPLICAS}")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The value of an expression for `f` faults.
    ///
    /// # Errors
    /// A sentence, when it has no value.
    pub fn evaluate(&self, expression: &Expression, f: u32) -> Result<i64, String> {
        let n = self.replica_count(f)?;
        let lookup = |name: &str| match name {
            "f" => Some(i64::from(f)),
            "n" => Some(i64::from(n)),
            name => self.constant(name),
        };
        expression.evaluate(&lookup).map_err(|error| error.to_string())
    }

    fn constant(&self, name: &str) -> Option<i64> {
        self.constants.iter().find(|(constant, _)| constant == name).map(|(_, value)| *value)
    }

    /// All declared states and the built-in ones.
    pub fn states(&self) -> Vec<&str> {
        let mut states: Vec<&str> = BUILT_IN_STATES.to_vec();
        for state in self.phases.iter().flat_map(|phase| &phase.states) {
            if !states.contains(&state.value.as_str()) {
                states.push(&state.value);
            }
        }
        states
    }

    /// All declared messages and the built-in ones, each with whether it carries a block.
    pub fn messages(&self) -> Vec<(&str, bool)> {
        let mut messages: Vec<(&str, bool)> = Vec::new();
        for message in self.phases.iter().flat_map(|phase| &phase.messages) {
            if !messages.iter().any(|(name, _)| *name == message.name.value) {
                messages.push((&message.name.value, message.request_block));
            }
        }
        for name in BUILT_IN_MESSAGES {
            if !messages.iter().any(|(known, _)| *known == name) {
                messages.push((name, matches!(name, "request" | "reply")));
            }
        }
        messages
    }
}

struct Checker<'a> {
    protocol: &'a Protocol,
    f: u32,
    diagnostics: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn sizes(&mut self) {
        if let Err(message) = self.protocol.replica_count(self.f) {
            let place = self.protocol.replicas.place;
            self.diagnostics.push(Diagnostic::error("bad-replicas", place, message, "Write for example 3f + 1"));
        }
        let states = self.protocol.states().len();
        let messages = self.protocol.messages().len();
        if states > 250 || messages > 250 {
            let message = format!("{states} states and {messages} messages are too many");
            self.diagnostics.push(Diagnostic::error(
                "too-many",
                self.protocol.replicas.place,
                message,
                "Use at most 250",
            ));
        }
    }

    fn names(&mut self) {
        let states = self.protocol.states();
        let messages: Vec<&str> = self.protocol.messages().into_iter().map(|(name, _)| name).collect();
        let mut unknown = |code: &str, what: &str, name: &Placed<String>, known: &[&str]| {
            if !known.contains(&name.value.as_str()) {
                self.diagnostics.push(Diagnostic::error(
                    code,
                    name.place,
                    format!("there is no {what} {:?}", name.value),
                    format!("Known are {}", known.join(", ")),
                ));
            }
        };
        unknown("unknown-role", "role", &self.protocol.request_target, &BUILT_IN_ROLES);
        for role in &self.protocol.roles {
            unknown("unknown-role", "role", role, &BUILT_IN_ROLES);
        }
        for from in &self.protocol.transitions {
            unknown("unknown-role", "role", &from.role, &BUILT_IN_ROLES);
            if from.state.value != "any" {
                unknown("unknown-state", "state", &from.state, &states);
            }
            for to in &from.to {
                unknown("unknown-state", "state", &to.state, &states);
                if let Condition::Message { message, .. } = &to.condition {
                    unknown("unknown-message", "message", message, &messages);
                }
                for (role, message) in to.responses.iter().chain(&to.extra_tally) {
                    unknown("unknown-role", "role", role, &BUILT_IN_ROLES);
                    unknown("unknown-message", "message", message, &messages);
                }
            }
        }
    }

    fn quorums(&mut self) {
        let Ok(n) = self.protocol.replica_count(self.f) else { return };
        for to in self.protocol.transitions.iter().flat_map(|from| &from.to) {
            let Condition::Message { quorum, .. } = &to.condition else { continue };
            match self.protocol.evaluate(&quorum.value, self.f) {
                Ok(size) if size > i64::from(n) => self.diagnostics.push(Diagnostic::error(
                    "quorum-too-large",
                    quorum.place,
                    format!("the quorum of {size} is larger than the {n} replicas"),
                    "Lower it: nobody can collect that many messages",
                )),
                Ok(size) if size < 1 => self.diagnostics.push(Diagnostic::error(
                    "quorum-too-small",
                    quorum.place,
                    format!("the quorum is {size}"),
                    "Use 1 or more",
                )),
                Ok(_) => {}
                Err(message) => self.diagnostics.push(Diagnostic::error(
                    "bad-expression",
                    quorum.place,
                    message,
                    "Write for example 2f + 1",
                )),
            }
        }
    }

    fn reach(&mut self) {
        let executes = |client: bool| {
            self.protocol.transitions.iter().any(|from| {
                (from.role.value == "client") == client && from.to.iter().any(|to| to.state.value == "executed")
            })
        };
        for (client, who) in [(false, "replica"), (true, "client")] {
            if !executes(client) {
                self.diagnostics.push(Diagnostic::error(
                    "never-executes",
                    self.protocol.replicas.place,
                    format!("no transition of a {who} leads to executed"),
                    "Add one with state: executed and update: sequence",
                ));
            }
        }
    }
}
