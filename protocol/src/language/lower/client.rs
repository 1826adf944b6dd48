//! The client's state machine. The engine's client is not a free one: it waits for equal replies, and a speculative
//! protocol may give it a slow path, on which it sends a certificate of replies and waits for acknowledgements.

use crate::language::diagnostic::Diagnostic;
use crate::language::facts::role_of;
use crate::language::syntax::{Condition, From, Placed, Protocol, To};
use crate::table::Role;

/// What the client does, as far as the engine's client can do it.
#[derive(Clone, Debug)]
pub(in crate::language) struct Machine {
    /// Equal replies that end a request.
    pub reply_quorum: u32,
    /// Where that quorum stands.
    pub reply_rule: Placed<()>,
    /// What it does when they do not come.
    pub slow_path: Option<SlowPath>,
}

/// The client's slow path, with names.
#[derive(Clone, Debug)]
pub(in crate::language) struct SlowPath {
    /// Equal replies that make the certificate.
    pub replies: u32,
    /// Multiplies the timer.
    pub multiplier: u32,
    /// The message that carries the certificate.
    pub commit: Placed<String>,
    /// What replicas answer.
    pub acknowledgement: Placed<String>,
    /// How many answers end the request.
    pub acknowledgements: u32,
}

/// Reads the client's machine out of its transitions.
///
/// # Errors
/// What does not fit, at least one diagnostic.
pub(in crate::language) fn machine(protocol: &Protocol, f: u32) -> Result<Machine, Vec<Diagnostic>> {
    let size = |to: &To| protocol.quorum(&to.condition, f).map_or(0, |size| size.clamp(0, 1 << 20) as u32);
    let mut wrong = Vec::new();
    let ways: Vec<(&From, &To)> = protocol.ways(true).filter(|(from, _)| from.state.value != "executed").collect();
    let finishing = |to: &To| to.state.value == "executed" && awaits(to).is_some_and(|name| name.value == "reply");
    let reply = ways
        .iter()
        .find(|(from, to)| finishing(to) && from.state.value == "idle")
        .or_else(|| ways.iter().find(|(_, to)| finishing(to)));
    let sending = ways.iter().find(|(_, to)| !to.responses.is_empty());
    let acknowledged = ways.iter().find_map(|(_, to)| {
        Some((awaits(to).filter(|name| to.state.value == "executed" && name.value != "reply")?, to))
    });
    let multiplier = ways.iter().find_map(|(_, to)| match to.condition {
        Condition::Timeout { multiplier, .. } => Some(multiplier),
        _ => None,
    });
    for (from, to) in &ways {
        let targets_replicas = to.responses.iter().all(|(target, _)| role_of(&target.value) != Some(Role::Client));
        let fits = match &to.condition {
            Condition::Message { message, .. } if message.value == "reply" => to.responses.len() <= 1,
            Condition::Message { .. } => to.state.value == "executed" && to.responses.is_empty(),
            Condition::Timeout { .. } => to.state.value != "executed" && to.responses.len() <= 1,
            Condition::Always | Condition::Next { .. } => false,
        };
        if !fits || !targets_replicas || from.state.value == "any" {
            wrong.push(shape(to, "the engine's client cannot do this"));
        }
    }
    let Some((_, reply)) = reply else {
        let place = ways.first().map_or(protocol.transitions_place, |(_, to)| to.place);
        let mend = "Add one with state: executed and condition: { type: message, message: reply, quorum: f + 1 }";
        wrong.push(Diagnostic::error(
            "never-executes",
            place,
            "no transition of a client leads to executed with replies",
            mend,
        ));
        return Err(wrong);
    };
    let slow_path = match (sending, acknowledged) {
        (None, None) => None,
        (Some((from, to)), Some((acknowledgement, answer))) => Some(SlowPath {
            replies: match awaits(to) {
                Some(_) => size(to),
                // A timer that follows a quorum of replies: the certificate is that quorum.
                None => ways
                    .iter()
                    .find(|(_, before)| before.state.value == from.state.value && awaits(before).is_some())
                    .map_or(0, |(_, before)| size(before)),
            },
            multiplier: multiplier.unwrap_or(1),
            commit: to.responses[0].1.clone(),
            acknowledgement: acknowledgement.clone(),
            acknowledgements: size(answer),
        }),
        (Some((_, to)), None) => {
            wrong.push(shape(to, "the client sends something, but waits for no answer but replies"));
            None
        }
        (None, Some((_, to))) => {
            wrong.push(shape(to, "the client waits for something that it did not ask for"));
            None
        }
    };
    if let (Some(path), Some((_, to))) = (&slow_path, sending)
        && path.replies == 0
    {
        wrong.push(shape(to, "the client sends a certificate, but no quorum of replies makes it"));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(Machine { reply_quorum: size(reply).max(1), reply_rule: Placed { place: reply.place, value: () }, slow_path })
}

fn awaits(to: &To) -> Option<&Placed<String>> {
    match &to.condition {
        Condition::Message { message, .. } => Some(message),
        _ => None,
    }
}

fn shape(to: &To, message: &str) -> Diagnostic {
    let mend = "A client waits for replies; on a slow path it sends a certificate of replies to nodes after a timeout, \
                and waits for a quorum of one other message";
    Diagnostic::error("client-shape", to.place, message, mend)
}
