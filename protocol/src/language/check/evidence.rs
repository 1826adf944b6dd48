//! Nobody executes a block on the leader's word alone. With that, a Byzantine leader needs no quorum to make two correct
//! replicas execute different blocks: it tells them different things.

use super::{Findings, votes};
use crate::language::facts::{ROLES, may_coincide, role_of};
use crate::language::syntax::{Condition, From, To};

pub(super) fn check(findings: &mut Findings<'_>) {
    let protocol = findings.protocol;
    // In a speculative protocol the client's quorums decide; with a trusted counter the leader has one word for each place.
    if protocol.speculative || protocol.trusted_counter {
        return;
    }
    let ways: Vec<_> = protocol.ways(false).filter(|(from, to)| !is_evidence(findings, from, to)).collect();
    let proven = |state: &str| {
        protocol.view_change.iter().flat_map(|section| &section.proven).any(|proven| proven.value == state)
    };
    // What the replicas of each role get to without any evidence. By role: a file has many more transitions than roles.
    let alone_by_role: Vec<_> = ROLES
        .into_iter()
        .map(|(name, role)| {
            let own = |other: &str| role_of(other).is_some_and(|other| may_coincide(role, other));
            let own: Vec<_> = ways.iter().filter(|(from, _)| own(&from.role.value)).copied().collect();
            (name, super::graph::reachable(&own, None))
        })
        .collect();
    for (from, to) in &ways {
        let (who, state) = (from.role.value.as_str(), to.state.value.as_str());
        let Some((_, reached)) = alone_by_role.iter().find(|(name, _)| *name == who) else { continue };
        if state != "executed" && !proven(state) {
            continue;
        }
        let alone = from.state.value == "any" || reached.contains(&from.state.value.as_str());
        let message = match state {
            "executed" if alone => {
                format!(
                    "{who} may execute a block here that no quorum stands behind: a faulty leader tells each replica another one"
                )
            }
            // Votes for the block were seen before, but not that enough replicas know of them.
            "executed" if super::awaits(to).is_some() => {
                format!("{who} executes here because one replica says so: the next leader may not know of the block")
            }
            state if alone => {
                format!("{state} counts as proof in a view change, but {who} gets there on one replica's word")
            }
            _ => continue,
        };
        let mend = "Wait for votes of a quorum, or for a message with a certificate of them";
        findings.warning("leader-alone", to.place, message, mend);
    }
}

/// Whether whoever takes a transition knows that a quorum stands behind the block.
fn is_evidence(findings: &Findings<'_>, from: &From, to: &To) -> bool {
    let certified = |name: &str| findings.protocol.message(name).is_some_and(|message| message.certificate.is_some());
    matches!(to.condition, Condition::Next { .. })
        || super::awaits(to).is_some_and(certified)
        || votes::behind(findings, from, to).is_some()
}
