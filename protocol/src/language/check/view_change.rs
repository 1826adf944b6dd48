//! The view change keeps what was decided: enough of those who decided are among those whom the next leader hears.

use super::Findings;
use super::votes::{self, Votes};
use crate::language::syntax::{Condition, ViewChange};

pub(super) fn check(findings: &mut Findings<'_>) {
    let (protocol, f) = (findings.protocol, findings.f);
    let Some(section) = protocol.view_change_or_default(f) else { return };
    if protocol.view_change.is_none() {
        let message = "update: view is used, but there is no section view-change";
        let mend =
            "Add protocol.view-change; now quorum: n - f counts, and states reached by n - f messages are proven";
        findings.warning("view-change-default", section.place, message, mend);
    }
    let Ok(n) = protocol.replica_count(f).map(i64::from) else { return };
    let quorum = section.quorum.as_ref().and_then(|quorum| protocol.evaluate(&quorum.value, f).ok());
    let quorum = quorum.unwrap_or(n - i64::from(f));
    let place = section.quorum.as_ref().map_or(section.place, |quorum| quorum.place);
    if quorum > n - i64::from(f) {
        let message = format!("the new leader waits for {quorum} of {n} replicas, of which {f} may never answer");
        findings.warning("needs-everyone", place, message, "Use at most n - f");
    }
    let needed = votes::needed(findings);
    let decisions = decisions(findings);
    for votes in decisions.iter().filter(|votes| votes.proven) {
        let shared = votes.size + quorum - n;
        if shared < needed {
            let message = format!(
                "{quorum} view changes and the {} behind {} (line {}) may share only {}: a decided block may be lost",
                votes.size,
                votes.message,
                votes.place.line,
                shared.max(0)
            );
            findings.warning("view-change-misses-decision", place, message, "Raise one of the quorums");
            return;
        }
    }
    if let Some(votes) = decisions.iter().find(|votes| !votes.proven) {
        fast(findings, &section, votes, (n, quorum));
    }
}

/// A decision without a proven state: acceptances alone have to force the block.
fn fast(findings: &mut Findings<'_>, section: &ViewChange, votes: &Votes, (n, quorum): (i64, i64)) {
    let f = i64::from(findings.f);
    let Some(threshold) = &section.fast else {
        let message = format!(
            "{} of {} (line {}) decide without a proven state: the next leader may forget the block",
            votes.size, votes.message, votes.place.line
        );
        findings.warning("view-change-forgets", section.place, message, "Add the state to proven, or a threshold fast");
        return;
    };
    let Ok(size) = findings.protocol.evaluate(&threshold.value, findings.f) else { return };
    // Replicas with a trusted counter cannot claim what they did not accept.
    let liars = if findings.protocol.trusted_counter { 0 } else { f };
    let most = votes.size + quorum - n - liars;
    let others = if findings.protocol.trusted_counter { 0 } else { n - votes.size + f };
    if size > most {
        let message =
            format!("a decided block is sure of only {} acceptances among {quorum} view changes", most.max(0));
        findings.warning("fast-too-large", threshold.place, message, format!("Use at most {}", most.max(0)));
    } else if size <= others {
        let message = format!("another block may have {others} acceptances too, so {size} prove nothing");
        findings.warning("fast-too-small", threshold.place, message, format!("Use at least {}", others + 1));
    }
}

/// The votes with which a block becomes final.
fn decisions(findings: &Findings<'_>) -> Vec<Votes> {
    let protocol = findings.protocol;
    if protocol.speculative {
        let machine = crate::language::lower::client_machine(protocol, findings.f);
        // What a client commits is proven by its certificate; here is the other way.
        return machine
            .map(|machine| {
                vec![votes::votes(findings, "reply", i64::from(machine.reply_quorum), machine.reply_rule.place)]
            })
            .unwrap_or_default();
    }
    let mut found = Vec::new();
    for (from, to) in protocol.ways(false).filter(|(_, to)| to.state.value == "executed") {
        match &to.condition {
            Condition::Next { .. } => found.extend(before(findings, &from.state.value)),
            _ => found.extend(votes::behind(findings, from, to)),
        }
    }
    found.retain(|votes| !votes.executed);
    found
}

/// In a chain the votes for the next blocks are votes for this one too: they were cast by replicas that had reached the
/// states before `state`.
fn before(findings: &Findings<'_>, state: &str) -> Vec<Votes> {
    let protocol = findings.protocol;
    let proven = protocol
        .view_change_or_default(findings.f)
        .is_some_and(|section| section.proven.iter().any(|name| name.value == state));
    let mut all: Vec<Votes> = protocol.ways(false).filter_map(|(from, to)| votes::behind(findings, from, to)).collect();
    all.iter_mut().for_each(|votes| votes.proven = proven);
    all
}
