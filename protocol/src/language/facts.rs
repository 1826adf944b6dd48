//! What a protocol file says, in the terms in which lowering and checking ask: names, numbers, who sends what.

use super::expression::Expression;
use super::syntax::{Condition, From, Message, Protocol, To, ViewChange};
use crate::replica_set::MAX_REPLICAS;
use crate::table::Role;

/// Messages that every protocol has.
pub const BUILT_IN_MESSAGES: [&str; 5] = ["request", "reply", "report", "checkpoint", "fetch"];
/// States that every protocol has.
pub const BUILT_IN_STATES: [&str; 2] = ["idle", "executed"];
/// Roles that every protocol has, in the order in which a replica looks for transitions.
pub const ROLES: [(&str, Role); 11] = [
    ("originator", Role::Originator),
    ("primary", Role::Primary),
    ("next-primary", Role::NextPrimary),
    ("primary2", Role::StepPrimary(1)),
    ("primary3", Role::StepPrimary(2)),
    ("primary4", Role::StepPrimary(3)),
    ("backups", Role::Backups),
    ("active", Role::Active),
    ("passive", Role::Passive),
    ("nodes", Role::Nodes),
    ("client", Role::Client),
];

/// The role of this name.
pub fn role_of(name: &str) -> Option<Role> {
    ROLES.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
}

/// How many replicas have a role among `n`. Of a protocol with a trusted counter, after its first view all are active.
pub fn role_size(role: Role, n: u32, f: u32) -> u32 {
    match role {
        Role::Primary | Role::NextPrimary | Role::Originator | Role::StepPrimary(_) => 1,
        Role::Backups => n.saturating_sub(1),
        Role::Nodes => n,
        Role::Active => n.saturating_sub(f),
        Role::Passive => f.min(n),
        Role::Client => 0,
    }
}

/// Whether a replica may have both roles for one block. The leader of the next view may be any replica.
pub fn may_coincide(one: Role, other: Role) -> bool {
    match (one, other) {
        (Role::Client, Role::Client) => true,
        (Role::Client, _) | (_, Role::Client) => false,
        (Role::Primary, Role::Backups | Role::Passive | Role::StepPrimary(_))
        | (Role::Backups | Role::Passive | Role::StepPrimary(_), Role::Primary)
        | (Role::Active, Role::Passive)
        | (Role::Passive, Role::Active) => false,
        (Role::StepPrimary(one), Role::StepPrimary(other)) => one == other,
        _ => true,
    }
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

    /// All declared states and the built-in ones, which come first.
    pub fn states(&self) -> Vec<&str> {
        let mut states: Vec<&str> = BUILT_IN_STATES.to_vec();
        for state in self.phases.iter().flat_map(|phase| &phase.states) {
            if !states.contains(&state.value.as_str()) && state.value != "any" {
                states.push(&state.value);
            }
        }
        states
    }

    /// The declared messages, each once.
    pub fn declared(&self) -> Vec<&Message> {
        let mut messages: Vec<&Message> = Vec::new();
        for message in self.phases.iter().flat_map(|phase| &phase.messages) {
            if !messages.iter().any(|known| known.name.value == message.name.value) {
                messages.push(message);
            }
        }
        messages
    }

    /// The declaration of a message; none for a built-in one that the file does not mention.
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.phases.iter().flat_map(|phase| &phase.messages).find(|message| message.name.value == name)
    }

    /// The names of all messages, declared and built in.
    pub fn message_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.declared().iter().map(|message| message.name.value.as_str()).collect();
        names.extend(BUILT_IN_MESSAGES.into_iter().filter(|name| self.message(name).is_none()));
        names
    }

    /// Whether a message plugin is named.
    pub fn has_message_plugin(&self, name: &str) -> bool {
        self.message_plugins.iter().any(|plugin| plugin.value == name)
    }

    /// All transitions of replicas or of clients, each with where it starts.
    pub fn ways(&self, client: bool) -> impl Iterator<Item = (&From, &To)> {
        self.transitions
            .iter()
            .filter(move |from| (from.role.value == "client") == client)
            .flat_map(|from| from.to.iter().map(move |to| (from, to)))
    }

    /// The transitions that send a message.
    pub fn sending<'a>(&'a self, message: &'a str) -> impl Iterator<Item = (&'a From, &'a To)> {
        let sends = move |to: &To| to.responses.iter().any(|(_, sent)| sent.value == message);
        self.transitions
            .iter()
            .flat_map(|from| from.to.iter().map(move |to| (from, to)))
            .filter(move |(_, to)| sends(to))
    }

    /// The roles of replicas that send a message.
    pub fn senders(&self, message: &str) -> Vec<Role> {
        let mut roles = Vec::new();
        for (from, _) in self.sending(message) {
            if let Some(role) = role_of(&from.role.value)
                && !roles.contains(&role)
            {
                roles.push(role);
            }
        }
        roles
    }

    /// The value of the quorum of a message condition, when it has one.
    pub fn quorum(&self, condition: &Condition, f: u32) -> Option<i64> {
        match condition {
            Condition::Message { quorum, .. } => self.evaluate(&quorum.value, f).ok(),
            _ => None,
        }
    }

    /// The section on the view change. A file whose transitions ask for the next view without one gets the usual section:
    /// states proven by n - f messages count.
    pub fn view_change_or_default(&self, f: u32) -> Option<ViewChange> {
        if self.view_change.is_some() {
            return self.view_change.clone();
        }
        let (_, asking) = self.ways(false).find(|(_, to)| to.update == crate::table::Update::View)?;
        let most = i64::from(self.replica_count(f).ok()?) - i64::from(f);
        let mut proven: Vec<_> = Vec::new();
        for (_, to) in self.ways(false) {
            let strong = self.quorum(&to.condition, f).is_some_and(|size| size >= most);
            let open = !BUILT_IN_STATES.contains(&to.state.value.as_str()) && to.update != crate::table::Update::View;
            if strong && open {
                proven.push(to.state.clone());
            }
        }
        Some(ViewChange { place: asking.place, quorum: None, proven, fast: None, resume: None, multiplier: 1 })
    }
}
