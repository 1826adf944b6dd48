//! Makes a failing schedule smaller, by running smaller ones as long as they fail.

use super::outcome::Outcome;
use super::run::simulate;
use super::unruly::{Trouble, Unruly};
use crate::table::Table;
use std::sync::Arc;

/// What is wrong with a schedule's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Replicas or clients disagree.
    Diverged,
    /// Requests were left without an answer.
    NoProgress,
}

/// What is wrong with an outcome, if anything, when this many requests were to be answered.
pub fn failure(outcome: &Outcome, wanted: u64) -> Option<Failure> {
    match outcome.verdict {
        model::verdict::Verdict::Diverged(_) => Some(Failure::Diverged),
        _ if outcome.completed < wanted => Some(Failure::NoProgress),
        _ => None,
    }
}

/// What is wrong with a schedule.
pub fn failure_of(table: &Arc<Table>, unruly: &Unruly) -> Option<Failure> {
    failure(&simulate(&unruly.scenario(table)), u64::from(unruly.clients) * unruly.requests)
}

/// The smallest schedule found that fails as this one does: kinds of trouble are left out, then clients and requests.
pub fn shrink(table: &Arc<Table>, unruly: &Unruly, wanted: Failure) -> Unruly {
    shrink_while(unruly, &mut |smaller| failure_of(table, smaller) == Some(wanted))
}

fn shrink_while(unruly: &Unruly, fails: &mut dyn FnMut(&Unruly) -> bool) -> Unruly {
    let mut best = unruly.clone();
    loop {
        let Some(smaller) = smaller(&best).into_iter().find(|candidate| fails(candidate)) else { return best };
        best = smaller;
    }
}

/// What to try next, the greatest step first. Each step makes the schedule smaller, so that there is an end.
fn smaller(unruly: &Unruly) -> Vec<Unruly> {
    let mut candidates = Vec::new();
    for trouble in Trouble::ALL.into_iter().filter(|trouble| !unruly.without.contains(trouble)) {
        let mut candidate = unruly.clone();
        candidate.without.push(trouble);
        candidates.push(candidate);
    }
    for requests in [unruly.requests / 2, unruly.requests.saturating_sub(1)] {
        if (1..unruly.requests).contains(&requests) {
            candidates.push(Unruly { requests, ..unruly.clone() });
        }
    }
    for clients in [unruly.clients / 2, unruly.clients.saturating_sub(1)] {
        if (1..unruly.clients).contains(&clients) {
            candidates.push(Unruly { clients, ..unruly.clone() });
        }
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failure_does_not_need_is_left_out() {
        let mut fails =
            |unruly: &Unruly| unruly.clients >= 2 && unruly.requests >= 3 && !unruly.without.contains(&Trouble::Crash);
        let small = shrink_while(&Unruly::new(7), &mut fails);
        assert_eq!((small.seed, small.clients, small.requests, small.without.len()), (7, 2, 3, 4));
        assert!(!small.without.contains(&Trouble::Crash));
    }

    #[test]
    fn a_schedule_that_passes_has_no_failure() {
        let text = crate::definitions::find("pbft").unwrap().text();
        let table = Arc::new(crate::language::compile(text, 1).unwrap());
        assert_eq!(failure_of(&table, &Unruly::of_network(3)), None);
    }
}
