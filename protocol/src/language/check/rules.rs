//! Each transition by itself, and beside those before it.

use super::Findings;
use crate::language::facts::role_of;
use crate::language::syntax::{Condition, To};
use crate::table::{Role, Update};

pub(super) fn check(findings: &mut Findings<'_>) {
    let protocol = findings.protocol;
    for (from, to) in protocol.ways(false) {
        let role = role_of(&from.role.value);
        if to.update == Update::Sequence && to.state.value != "executed" {
            let mend = "Lead it to executed, or remove the update";
            findings.error(
                "executes-elsewhere",
                to.place,
                "update: sequence executes a block, but the state is another",
                mend,
            );
        }
        if to.state.value == "executed" && to.update != Update::Sequence {
            let message = "this leads to executed without update: sequence; the block is executed all the same";
            findings.warning("executes-unsaid", to.place, message, "Write update: sequence");
        }
        if to.update == Update::Aggregation && role != Some(Role::Primary) {
            let message = format!("only the primary gathers places, not {}", from.role.value);
            findings.warning("aggregation-without-leader", to.place, message, "Use role: primary");
        }
        let proposes = super::awaits(to) == Some("request");
        if proposes && !matches!(role, Some(Role::Primary | Role::Originator)) {
            let message = format!("many replicas at once would propose as {}", from.role.value);
            findings.warning("many-proposers", to.place, message, "Use role: primary or originator");
        }
        if proposes && from.state.value != "idle" {
            findings.warning("many-proposers", to.place, "blocks are proposed out of idle only", "Use state: idle");
        }
        let slow_answer = super::slow_path(findings).map(|path| path.acknowledgement.value);
        for (target, message) in &to.responses {
            let to_client = role_of(&target.value) == Some(Role::Client);
            if to_client != (message.value == "reply") && Some(&message.value) != slow_answer.as_ref() {
                let text =
                    format!("{} is not sent to {}: clients get reply, and only they", message.value, target.value);
                findings.warning(
                    "client-message",
                    message.place,
                    text,
                    "Send reply to client, anything else to replicas",
                );
            }
        }
    }
    shadowed(findings);
}

/// Transitions that an earlier one of the same role and state always forestalls.
fn shadowed(findings: &mut Findings<'_>) {
    let (protocol, f) = (findings.protocol, findings.f);
    let ways: Vec<_> = protocol.ways(false).chain(protocol.ways(true)).collect();
    for (index, (from, to)) in ways.iter().enumerate() {
        let earlier = ways[..index].iter().find(|(other, before)| {
            let same = other.role.value == from.role.value && other.state.value == from.state.value;
            same && forestalls(before, to, &|way| protocol.quorum(&way.condition, f))
        });
        if let Some((_, before)) = earlier {
            let message = format!("this is never taken: the one at line {} always comes first", before.place.line);
            findings.warning("shadowed-transition", to.place, message, "Put the stricter condition first");
        }
    }
}

fn forestalls(before: &To, to: &To, size: &dyn Fn(&To) -> Option<i64>) -> bool {
    match (&before.condition, &to.condition) {
        (Condition::Always, _) => before.update != Update::Aggregation,
        (Condition::Message { message: a, empty: first, .. }, Condition::Message { message: b, empty: second, .. }) => {
            a.value == b.value && (!first || *second) && size(before) <= size(to)
        }
        _ => false,
    }
}
