//! Nothing waits for ever for a faulty replica.

use super::Findings;
use super::numbers::most_senders;
use crate::language::facts::BUILT_IN_STATES;
use crate::language::syntax::{Condition, From, To};
use crate::table::Update;

pub(super) fn check(findings: &mut Findings<'_>) {
    let protocol = findings.protocol;
    let asks = protocol.ways(false).any(|(_, to)| to.update == Update::View);
    if protocol.view_change.is_none() && !asks {
        let timed = |state: &str| {
            protocol.ways(false).any(|(from, to)| {
                matches!(to.condition, Condition::Timeout { .. })
                    && (from.state.value == state || from.state.value == "any")
            })
        };
        let mut stuck: Vec<&str> = protocol.ways(false).map(|(from, _)| from.state.value.as_str()).collect();
        stuck.retain(|state| *state != "any" && *state != BUILT_IN_STATES[1] && !timed(state));
        let mut unique: Vec<&str> = Vec::new();
        stuck.into_iter().for_each(|state| {
            if !unique.contains(&state) {
                unique.push(state);
            }
        });
        let message = format!("a faulty leader is never replaced; no timeout leads out of {}", unique.join(", "));
        findings.warning("no-view-change", protocol.transitions_place, message, "Add a section protocol.view-change");
    }
    for client in [false, true] {
        waiting(findings, client);
    }
}

/// States whose every way out needs messages of replicas that may be faulty.
fn waiting(findings: &mut Findings<'_>, client: bool) {
    let (protocol, f) = (findings.protocol, findings.f);
    let Ok(n) = protocol.replica_count(f) else { return };
    let ways: Vec<(&From, &To)> = protocol.ways(client).collect();
    let passes = |to: &To| match &to.condition {
        Condition::Message { message, .. } => {
            let most = most_senders(findings, &message.value, n);
            // A single sender is the leader, whom the view change replaces.
            let size = protocol.quorum(&to.condition, f).unwrap_or(1);
            most <= 1 || size <= i64::from(most.min(n - f.min(n)))
        }
        _ => true,
    };
    let mut told: Vec<&str> = Vec::new();
    let mut stuck = Vec::new();
    for (from, to) in &ways {
        let state = from.state.value.as_str();
        let free = ways.iter().any(|(other, way)| {
            let same = other.state.value == state || other.state.value == "any";
            same && passes(way) && super::awaits(way) != Some("request")
        });
        if !free && !passes(to) && !told.contains(&state) {
            told.push(state);
            stuck.push((to.place, state, protocol.quorum(&to.condition, f).unwrap_or(0)));
        }
    }
    for (place, state, size) in stuck {
        let message =
            format!("{state} is left only with {size} messages, but {f} of the {n} replicas may never send theirs");
        findings.warning("needs-everyone", place, message, "Lower the quorum, or add a transition with a timeout");
    }
}
