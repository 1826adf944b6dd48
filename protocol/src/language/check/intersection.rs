//! Quorums that decide must share a correct replica: else two blocks may be decided at one place.

use super::votes::{self, Votes};
use super::{Findings, slow_path};

pub(super) fn check(findings: &mut Findings<'_>) {
    let protocol = findings.protocol;
    let Ok(n) = protocol.replica_count(findings.f).map(i64::from) else { return };
    let mut all: Vec<Votes> = protocol
        .ways(false)
        .filter_map(|(from, to)| votes::behind(findings, from, to))
        .filter(|votes| !votes.executed)
        .collect();
    all.extend(client(findings));
    let needed = votes::needed(findings);
    let mut told: Vec<(String, i64)> = Vec::new();
    for votes in &all {
        let (size, shared) = (votes.size, 2 * votes.size - n);
        if shared >= needed || told.contains(&(votes.message.clone(), size)) {
            continue;
        }
        told.push((votes.message.clone(), size));
        let what = if shared < 1 {
            "may share nobody".to_owned()
        } else {
            format!("may share only {shared}, and {} of the replicas may be faulty", findings.f)
        };
        let message = format!(
            "two quorums of {size} out of {n} replicas behind {} {what}: two different blocks may both pass",
            votes.message
        );
        let mend = format!("Use at least {}, so that they share {needed}", (n + needed + 1) / 2);
        findings.warning("quorums-do-not-meet", votes.place, message, mend);
    }
    for (index, first) in all.iter().enumerate() {
        for second in &all[index + 1..] {
            let shared = first.size + second.size - n;
            let pair = (format!("{} {}", first.message, second.message), first.size + second.size);
            let strong = |votes: &Votes| 2 * votes.size - n >= needed;
            // Two weak ones were told of one by one.
            if shared < needed && (strong(first) || strong(second)) && !told.contains(&pair) {
                let message = format!(
                    "{} of {} (line {}) and {} of {} out of {n} replicas may share only {}",
                    first.size,
                    first.message,
                    first.place.line,
                    second.size,
                    second.message,
                    shared.max(0)
                );
                let mend = format!("Raise them until they share {needed}");
                findings.warning("quorums-do-not-meet", second.place, message, mend);
                told.push(pair);
            }
        }
    }
    replies(findings);
}

/// In a speculative protocol the client's quorums decide.
fn client(findings: &Findings<'_>) -> Vec<Votes> {
    if !findings.protocol.speculative {
        return Vec::new();
    }
    let ways = findings.protocol.ways(true);
    ways.filter_map(|(_, to)| {
        let size = findings.protocol.quorum(&to.condition, findings.f)?;
        let mut votes = votes::votes(findings, super::awaits(to)?, size, to.place);
        votes.executed = false;
        Some(votes)
    })
    .collect()
}

fn replies(findings: &mut Findings<'_>) {
    let least = findings.f.saturating_add(1);
    let Ok(machine) = crate::language::lower::client_machine(findings.protocol, findings.f) else { return };
    let slow = slow_path(findings).map(|path| (path.replies.min(path.acknowledgements), path.commit.place));
    for (size, place) in [(machine.reply_quorum, machine.reply_rule.place)].into_iter().chain(slow) {
        if size < least {
            let message = format!("a client believes {size} replicas, which may all be faulty with f = {}", findings.f);
            findings.warning("reply-quorum-too-small", place, message, "Use f + 1 or more");
        }
    }
}
