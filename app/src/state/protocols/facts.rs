//! Facts about a protocol file for a number of faults: sizes, quorums as numbers, messages and what they cost.

use protocol::language::facts::{role_of, role_size};
use protocol::language::parse::parse;
use protocol::language::syntax::{Condition, Leader, Protocol};
use protocol::table::Authentication;

/// A quorum that a transition waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumFact {
    /// Whose transition.
    pub role: String,
    /// From which state to which: "prepared → executed".
    pub step: String,
    /// The message.
    pub message: String,
    /// As the file has it.
    pub expression: String,
    /// For the chosen f; none where it has no value.
    pub size: Option<i64>,
    /// The line in the file.
    pub line: usize,
}

/// What is known of a message between replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFact {
    /// Its name.
    pub name: String,
    /// How it is authenticated.
    pub authentication: &'static str,
    /// Who sends it to whom: "backups → nodes".
    pub between: String,
    /// How many of it a block takes at most, when every transition that sends it is taken once.
    pub each_block: u64,
}

/// Facts about a protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its name.
    pub name: String,
    /// Tolerated faults.
    pub f: u32,
    /// Replicas, as the file has it and as a number.
    pub replicas: (String, Option<u32>),
    /// "stable" or "rotating".
    pub leader: &'static str,
    /// Whether blocks are executed before they are final.
    pub speculative: bool,
    /// Phases with their states.
    pub phases: Vec<(String, Vec<String>)>,
    /// Roles.
    pub roles: Vec<String>,
    /// Quorums larger than one, and all of clients.
    pub quorums: Vec<QuorumFact>,
    /// Messages between replicas that transitions send.
    pub messages: Vec<MessageFact>,
    /// How the number of messages for a block grows with n.
    pub growth: &'static str,
}

/// How many replicas a protocol runs with; where the file does not say so, 3f + 1.
pub fn replicas(text: &str, f: u32) -> u32 {
    parse(text).0.and_then(|protocol| protocol.replica_count(f).ok()).unwrap_or(3 * f + 1)
}

/// The facts; none where the file cannot be read as a protocol.
pub fn facts(text: &str, f: u32) -> Option<Facts> {
    let protocol = parse(text).0?;
    let n = protocol.replica_count(f).ok();
    let (messages, growth) = messages(&protocol, n.unwrap_or(3 * f + 1), f);
    Some(Facts {
        name: protocol.name.clone(),
        f,
        replicas: (protocol.replicas.value.to_string(), n),
        leader: match protocol.leader {
            Leader::Stable => "stable",
            Leader::Rotating => "rotating",
        },
        speculative: protocol.speculative,
        phases: protocol
            .phases
            .iter()
            .map(|phase| (phase.name.value.clone(), phase.states.iter().map(|state| state.value.clone()).collect()))
            .collect(),
        roles: protocol.roles.iter().map(|role| role.value.clone()).collect(),
        quorums: quorums(&protocol, f),
        messages,
        growth,
    })
}

fn quorums(protocol: &Protocol, f: u32) -> Vec<QuorumFact> {
    let ways = protocol.ways(false).chain(protocol.ways(true));
    let mut found: Vec<QuorumFact> = Vec::new();
    for (from, to) in ways {
        let Condition::Message { message, quorum, .. } = &to.condition else { continue };
        let size = protocol.evaluate(&quorum.value, f).ok();
        if size == Some(1) && from.role.value != "client" {
            continue;
        }
        found.push(QuorumFact {
            role: from.role.value.clone(),
            step: format!("{} → {}", from.state.value, to.state.value),
            message: message.value.clone(),
            expression: quorum.value.to_string(),
            size,
            line: quorum.place.line,
        });
    }
    found
}

fn messages(protocol: &Protocol, n: u32, f: u32) -> (Vec<MessageFact>, &'static str) {
    let mut found: Vec<MessageFact> = Vec::new();
    let mut quadratic = false;
    for (from, to) in protocol.ways(false) {
        for (target, message) in &to.responses {
            let (Some(sender), Some(receiver)) = (role_of(&from.role.value), role_of(&target.value)) else { continue };
            if target.value == "client" {
                continue;
            }
            let (senders, receivers) = (role_size(sender, n, f), role_size(receiver, n, f));
            // Nobody sends to itself: a sender that is among the receivers counts its own vote.
            let inside = u32::from(receivers == n || (from.role.value == target.value));
            let count = u64::from(senders) * u64::from(receivers.saturating_sub(inside));
            quadratic |= senders > 1 && receivers > 1;
            let between = format!("{} → {}", from.role.value, target.value);
            match found.iter_mut().find(|known| known.name == message.value) {
                Some(known) if known.between == between => known.each_block = known.each_block.max(count),
                Some(known) => {
                    known.between = format!("{}, {between}", known.between);
                    known.each_block += count;
                }
                None => found.push(MessageFact {
                    name: message.value.clone(),
                    authentication: authentication(protocol, &message.value),
                    between,
                    each_block: count,
                }),
            }
        }
    }
    (found, if quadratic { "quadratic in n" } else { "linear in n" })
}

fn authentication(protocol: &Protocol, message: &str) -> &'static str {
    match protocol.message(message).map(|message| message.authentication).unwrap_or_default() {
        Authentication::Mac => "channel (MAC)",
        Authentication::Authenticator => "a tag for each replica",
        Authentication::Signature => "signature",
        Authentication::Aggregate => "aggregate signature",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pbft_has_the_quorums_and_message_counts_of_its_paper() {
        let facts = facts(protocol::definitions::find("pbft").unwrap().text(), 2).unwrap();
        assert_eq!(facts.replicas, ("3f + 1".to_owned(), Some(7)));
        let sizes: Vec<_> = facts.quorums.iter().map(|one| (one.message.as_str(), one.size)).collect();
        assert_eq!(sizes, [("prepare", Some(4)), ("commit", Some(5)), ("reply", Some(3))]);
        let counts: Vec<_> = facts.messages.iter().map(|one| (one.name.as_str(), one.each_block)).collect();
        assert_eq!(counts, [("pre-prepare", 6), ("prepare", 36), ("commit", 42)]);
        assert_eq!(facts.growth, "quadratic in n");
    }

    #[test]
    fn every_shipped_protocol_has_facts_and_what_is_no_protocol_has_none() {
        for definition in protocol::definitions::ALL {
            let facts = facts(definition.text(), 1).unwrap();
            assert!(facts.replicas.1.is_some() && !facts.quorums.is_empty(), "{}", definition.name);
        }
        assert_eq!(facts("a: [", 1), None);
        let linear = facts(protocol::definitions::find("hotstuff").unwrap().text(), 1).unwrap();
        assert_eq!(linear.growth, "linear in n");
    }
}
