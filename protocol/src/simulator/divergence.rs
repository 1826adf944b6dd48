//! Which messages made two replicas decide differently: the votes behind the first place at which their histories part.

use super::trace::TraceEvent;
use crate::table::{Condition, Table, Update};
use std::collections::BTreeMap;

/// The votes on which one replica executed a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The replica.
    pub replica: u32,
    /// Its history after the place, shortened as in the trace.
    pub history: String,
    /// The message that decided; empty where no votes of the trace explain it.
    pub message: String,
    /// The block, shortened as in the trace; empty likewise.
    pub block: String,
    /// Whose votes they are, itself included where it voted.
    pub voters: Vec<u32>,
    /// The votes' positions among the trace's events.
    pub events: Vec<usize>,
}

/// Where two replicas part, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    /// The first place at which they differ.
    pub sequence: u64,
    /// The two of them.
    pub sides: [Side; 2],
    /// Voters of both sides.
    pub shared: Vec<u32>,
    /// Those of them that are not faulty.
    pub shared_correct: Vec<u32>,
}

/// Finds the first place at which two replicas that are not `faulty` executed different histories.
pub fn parting(table: &Table, events: &[TraceEvent], faulty: &[u32]) -> Option<Parting> {
    let mut histories: BTreeMap<u64, Vec<(u32, &str, u64)>> = BTreeMap::new();
    for event in events {
        if let TraceEvent::Executed { at_us, replica, sequence, history } = event
            && !faulty.contains(replica)
        {
            let known = histories.entry(*sequence).or_default();
            // Who undid something executes the place again: the last time counts.
            known.retain(|(of, ..)| of != replica);
            known.push((*replica, history, *at_us));
        }
    }
    let (sequence, first, second) = histories.iter().find_map(|(sequence, known)| {
        let first = known.first()?;
        known.iter().find(|other| other.1 != first.1).map(|second| (*sequence, *first, *second))
    })?;
    let sides = [first, second].map(|(replica, history, at_us)| side(table, events, sequence, replica, history, at_us));
    let shared: Vec<u32> = sides[0].voters.iter().copied().filter(|voter| sides[1].voters.contains(voter)).collect();
    let shared_correct = shared.iter().copied().filter(|voter| !faulty.contains(voter)).collect();
    Some(Parting { sequence, sides, shared, shared_correct })
}

/// The messages with whose quorums a replica executes: name and size.
fn deciding(table: &Table) -> Vec<(&str, u32)> {
    let rules = table.replica_rules.iter().flat_map(|rules| rules.by_state.iter().flatten());
    let mut found = Vec::new();
    for rule in rules.filter(|rule| rule.update == Update::Sequence) {
        if let Condition::Quorum { message, size, .. } = &rule.condition
            && let Some(info) = table.messages.get(usize::from(message.0))
            && !found.contains(&(info.name.as_str(), *size))
        {
            found.push((info.name.as_str(), *size));
        }
    }
    found
}

/// A vote that a replica knows of.
struct Vote {
    voter: u32,
    /// Among the trace's events.
    position: usize,
    known_us: u64,
}

/// The votes of one view for one block that were there when the replica executed the place; of several such sets the one
/// that was complete last. A replica's own vote is known from what it told the others.
fn side(table: &Table, events: &[TraceEvent], sequence: u64, replica: u32, history: &str, at_us: u64) -> Side {
    let mut best: Option<(u64, Side)> = None;
    for (name, size) in deciding(table) {
        let mut sets: BTreeMap<(u64, &str), Vec<Vote>> = BTreeMap::new();
        for (position, event) in events.iter().enumerate() {
            let TraceEvent::Message { sent_us, at_us: arrived_us, from, to, message, view, sequence: place, block } =
                event
            else {
                continue;
            };
            let mine = *from == replica && *sent_us <= at_us;
            let heard = *to == replica && *arrived_us <= at_us;
            if message != name || *place != Some(sequence) || !(mine || heard) {
                continue;
            }
            let Some(block) = block else { continue };
            let votes = sets.entry((view.unwrap_or_default(), block)).or_default();
            let known_us = if mine { *sent_us } else { *arrived_us };
            if !votes.iter().any(|vote| vote.voter == *from) {
                votes.push(Vote { voter: *from, position, known_us });
            }
        }
        for ((_, block), mut votes) in sets {
            votes.sort_by_key(|vote| vote.known_us);
            let last = votes.get((size as usize).saturating_sub(1));
            let Some(complete_us) = last.map(|vote| vote.known_us) else { continue };
            votes.truncate(size as usize);
            if best.as_ref().is_none_or(|(known_us, _)| *known_us <= complete_us) {
                let mut voters: Vec<u32> = votes.iter().map(|vote| vote.voter).collect();
                voters.sort_unstable();
                let events = votes.iter().map(|vote| vote.position).collect();
                let side = Side {
                    replica,
                    history: history.to_owned(),
                    message: name.to_owned(),
                    block: block.to_owned(),
                    voters,
                    events,
                };
                best = Some((complete_us, side));
            }
        }
    }
    best.map(|(_, side)| side).unwrap_or_else(|| Side {
        replica,
        history: history.to_owned(),
        message: String::new(),
        block: String::new(),
        voters: Vec::new(),
        events: Vec::new(),
    })
}

impl Parting {
    /// Why agreement broke, in sentences.
    pub fn explanation(&self) -> String {
        let [first, second] = &self.sides;
        let mut text = format!(
            "Replica {} and replica {} executed different blocks at sequence number {}.",
            first.replica, second.replica, self.sequence
        );
        for side in &self.sides {
            let said = match side.voters.as_slice() {
                [] => format!(" Replica {} learnt its block from others, without votes of its own.", side.replica),
                voters => format!(" Replica {} had {} messages from {}.", side.replica, side.message, numbers(voters)),
            };
            text.push_str(&said);
        }
        if first.voters.is_empty() || second.voters.is_empty() {
            return text;
        }
        let shared = match (self.shared.as_slice(), self.shared_correct.as_slice()) {
            ([], _) => " These two quorums share nobody.".to_owned(),
            (shared, []) => format!(
                " These two quorums share no correct replica: {} in both, and faulty.",
                match shared {
                    [one] => format!("replica {one} is"),
                    many => format!("replicas {} are", numbers(many)),
                }
            ),
            (_, correct) => format!(
                " They share the correct {}, in different views: the view change did not carry the decision over.",
                match correct {
                    [one] => format!("replica {one}"),
                    many => format!("replicas {}", numbers(many)),
                }
            ),
        };
        text.push_str(&shared);
        text
    }
}

fn numbers(replicas: &[u32]) -> String {
    replicas.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(at_us: u64, from: u32, to: u32, block: &str) -> TraceEvent {
        TraceEvent::Message {
            sent_us: at_us - 1,
            at_us,
            from,
            to,
            message: "commit".into(),
            view: Some(0),
            sequence: Some(5),
            block: Some(block.into()),
        }
    }

    fn executed(at_us: u64, replica: u32, sequence: u64, history: &str) -> TraceEvent {
        TraceEvent::Executed { at_us, replica, sequence, history: history.into() }
    }

    #[test]
    fn the_votes_of_both_sides_are_named() {
        let pbft = crate::definitions::find("pbft").unwrap().text();
        let weak = pbft.replace("message: commit, quorum: 2f + 1 }", "message: commit, quorum: f + 1 }");
        let table = crate::language::compile(&weak, 1).unwrap();
        let events = [
            executed(1, 1, 4, "same"),
            executed(1, 2, 4, "same"),
            vote(10, 0, 1, "aaaa"),
            // Its own vote is seen in what it told another.
            vote(11, 1, 3, "aaaa"),
            executed(12, 1, 5, "left"),
            vote(20, 3, 2, "bbbb"),
            vote(21, 2, 3, "bbbb"),
            vote(22, 0, 2, "bbbb"),
            executed(23, 2, 5, "right"),
            executed(23, 0, 5, "faulty"),
        ];
        let parting = parting(&table, &events, &[0]).unwrap();
        assert_eq!((parting.sequence, parting.shared_correct.len()), (5, 0));
        assert_eq!(parting.sides[0].voters, [0, 1]);
        assert_eq!(parting.sides[0].events, [2, 3]);
        assert_eq!((parting.sides[1].block.as_str(), parting.sides[1].voters.as_slice()), ("bbbb", &[2, 3][..]));
        assert_eq!(
            parting.explanation(),
            "Replica 1 and replica 2 executed different blocks at sequence number 5. Replica 1 had commit messages from 0, 1. \
             Replica 2 had commit messages from 2, 3. These two quorums share nobody."
        );
    }

    #[test]
    fn equal_histories_do_not_part() {
        let table = crate::language::compile(crate::definitions::find("pbft").unwrap().text(), 1).unwrap();
        let events = [executed(1, 1, 1, "same"), executed(2, 2, 1, "same"), executed(3, 0, 1, "other")];
        assert_eq!(parting(&table, &events, &[0]), None);
    }
}
