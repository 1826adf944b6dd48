//! What a new view carries over, computed from view-change messages: a pure function that the new leader and everybody
//! who checks it evaluate alike.
//!
//! The rule is that of Castro and Liskov (TOCS 2002, section 4.4): a proven block is chosen when a quorum says nothing
//! against it (A1) and f + 1 replicas accepted it in its view or later (A2); a place is left empty when a quorum has no
//! proof for it. Protocols whose fast path decides without proof add: `fast` acceptances of one view force the block.
//! Views are compared from the highest down, and within a view proof goes first, which is what Abraham et al.
//! (arXiv 1712.01367) found missing in Zyzzyva and FaB.

use super::block::Digest;
use super::message::{Claim, ViewChange};
use crate::table::ViewChangeRule;
use model::ids::{SequenceNumber, View};
use std::collections::BTreeSet;

/// No view begins beyond: places are counted from there on.
const LAST_BASE: u64 = u64::MAX >> 1;

/// What a view begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The checkpoint that the view builds on; its digest, unless it is the very beginning.
    pub base: (SequenceNumber, Option<Digest>),
    /// The block of each place after the base; none: the empty block.
    pub carried: Vec<Option<Digest>>,
}

/// Decides from the given messages, all of the same view and of different replicas. None: more messages are needed.
pub fn decide(rule: &ViewChangeRule, f: u32, changes: &[&ViewChange]) -> Option<Decision> {
    let base = base(rule, f, changes).filter(|(place, _)| place.0 <= LAST_BASE)?;
    let used: Vec<&ViewChange> = changes.iter().copied().filter(|change| change.stable <= base.0).collect();
    let last = used.iter().filter_map(|change| change.claims.last()).map(|claim| claim.sequence).max();
    let mut carried = Vec::new();
    let mut place = base.0.next();
    while last.is_some_and(|last| place <= last) {
        let claims: Vec<Option<&Claim>> = used
            .iter()
            .map(|change| {
                let position = change.claims.binary_search_by_key(&place, |claim| claim.sequence).ok()?;
                change.claims.get(position)
            })
            .collect();
        carried.push(choose(rule, f, &claims)?);
        place = place.next();
    }
    while carried.last() == Some(&None) {
        carried.pop();
    }
    Some(Decision { base, carried })
}

/// The highest checkpoint that f + 1 replicas have and that a quorum of them is not beyond.
fn base(rule: &ViewChangeRule, f: u32, changes: &[&ViewChange]) -> Option<(SequenceNumber, Option<Digest>)> {
    let mut candidates: BTreeSet<(SequenceNumber, Digest)> = BTreeSet::new();
    for change in changes {
        candidates.extend(change.checkpoints.iter().copied());
    }
    let quorum_within = |sequence: SequenceNumber| {
        changes.iter().filter(|change| change.stable <= sequence).count() >= rule.quorum as usize
    };
    for candidate in candidates.iter().rev() {
        let vouchers = changes.iter().filter(|change| change.checkpoints.contains(candidate)).count();
        if vouchers > f as usize && quorum_within(candidate.0) {
            return Some((candidate.0, Some(candidate.1)));
        }
    }
    quorum_within(SequenceNumber(0)).then_some((SequenceNumber(0), None))
}

/// The block of one place; `Some(None)` is the empty block, `None` undecided. A replica without a claim says nothing of it.
fn choose(rule: &ViewChangeRule, f: u32, claims: &[Option<&Claim>]) -> Option<Option<Digest>> {
    let quorum = rule.quorum as usize;
    let proven = |claim: &Option<&Claim>| claim.and_then(|claim| claim.proven);
    let accepted = |view: View, digest: &Digest| {
        let vouches = |claim: &&Claim| claim.accepted.iter().any(|(seen, known)| *seen >= view && known == digest);
        claims.iter().flatten().copied().filter(|claim| vouches(claim)).count()
    };
    let uncontradicted = |view: View, digest: &Digest| {
        let agrees =
            |claim: &&Option<&Claim>| proven(claim).is_none_or(|(other, known)| other < view || known == *digest);
        claims.iter().filter(agrees).count() >= quorum
    };
    let mut views: BTreeSet<View> = claims.iter().filter_map(&proven).map(|(view, _)| view).collect();
    if rule.fast.is_some() {
        views.extend(claims.iter().flatten().flat_map(|claim| &claim.accepted).map(|(view, _)| *view));
    }
    for view in views.into_iter().rev() {
        let with_proof: BTreeSet<Digest> = claims
            .iter()
            .filter_map(&proven)
            .filter(|(claimed, _)| *claimed == view)
            .map(|(_, digest)| digest)
            .collect();
        let found =
            with_proof.into_iter().find(|digest| accepted(view, digest) > f as usize && uncontradicted(view, digest));
        if found.is_some() {
            return Some(found);
        }
        let Some(fast) = rule.fast else { continue };
        let seen: BTreeSet<Digest> = claims
            .iter()
            .flatten()
            .flat_map(|claim| &claim.accepted)
            .filter(|(claimed, _)| *claimed == view)
            .map(|(_, digest)| *digest)
            .collect();
        let mut forced = false;
        for digest in seen {
            if accepted(view, &digest) >= fast as usize {
                forced = true;
                if uncontradicted(view, &digest) {
                    return Some(Some(digest));
                }
            }
        }
        if forced {
            return None;
        }
    }
    let without_proof = claims.iter().filter(|claim| proven(claim).is_none()).count();
    (without_proof >= quorum).then_some(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::StateId;
    use bytes::Bytes;
    use model::ids::ReplicaId;

    const A: Digest = [1; 32];
    const B: Digest = [2; 32];

    fn rule(fast: Option<u32>) -> ViewChangeRule {
        ViewChangeRule { quorum: 3, proven: vec![], fast, resume: StateId::IDLE, multiplier: 1 }
    }

    fn change(from: u32, proven: Option<(u64, Digest)>, accepted: &[(u64, Digest)]) -> ViewChange {
        let claim = Claim {
            sequence: SequenceNumber(1),
            proven: proven.map(|(view, digest)| (View(view), digest)),
            accepted: accepted.iter().map(|(view, digest)| (View(*view), *digest)).collect(),
        };
        ViewChange {
            from: ReplicaId(from),
            view: View(9),
            stable: SequenceNumber(0),
            checkpoints: vec![],
            claims: vec![claim],
            signature: Bytes::new(),
        }
    }

    fn carried(rule: &ViewChangeRule, changes: &[ViewChange]) -> Option<Vec<Option<Digest>>> {
        decide(rule, 1, &changes.iter().collect::<Vec<_>>()).map(|decision| decision.carried)
    }

    #[test]
    fn a_proven_block_that_f_plus_1_accepted_is_carried_over() {
        let changes = [change(0, Some((0, A)), &[(0, A)]), change(1, None, &[(0, A)]), change(2, None, &[(0, B)])];
        assert_eq!(carried(&rule(None), &changes), Some(vec![Some(A)]));
    }

    #[test]
    fn a_lie_about_proof_is_not_believed_and_does_not_stop_the_others_once_all_have_spoken() {
        let lie = change(3, Some((7, B)), &[(7, B)]);
        let honest = [change(0, Some((0, A)), &[(0, A)]), change(1, None, &[(0, A)]), change(2, None, &[])];
        let three = [lie.clone(), honest[0].clone(), honest[1].clone()];
        assert_eq!(carried(&rule(None), &three), None);
        let four = [lie, honest[0].clone(), honest[1].clone(), honest[2].clone()];
        assert_eq!(carried(&rule(None), &four), Some(vec![Some(A)]));
    }

    #[test]
    fn a_block_of_the_fast_path_is_carried_over_and_a_split_vote_is_not() {
        let decided = [change(0, None, &[(0, A)]), change(1, None, &[(0, A)]), change(3, None, &[(0, B)])];
        assert_eq!(carried(&rule(Some(2)), &decided), Some(vec![Some(A)]));
        assert_eq!(carried(&rule(None), &decided), Some(vec![]));
        let split = [change(0, None, &[(0, A)]), change(1, None, &[(0, B)]), change(3, None, &[])];
        assert_eq!(carried(&rule(Some(2)), &split), Some(vec![]));
    }

    /// The flaw that arXiv 1712.01367 shows in Zyzzyva: a proof of an old view must not beat acceptances of a later one.
    #[test]
    fn acceptances_of_a_later_view_beat_the_proof_of_an_earlier_one() {
        let changes =
            [change(0, Some((1, A)), &[(1, A)]), change(1, None, &[(1, A), (2, B)]), change(2, None, &[(2, B)])];
        assert_eq!(carried(&rule(Some(2)), &changes), Some(vec![Some(B)]));
    }

    #[test]
    fn the_view_builds_on_a_checkpoint_that_f_plus_1_replicas_have() {
        let with = |from, stable, listed: &[(u64, Digest)]| ViewChange {
            stable: SequenceNumber(stable),
            checkpoints: listed.iter().map(|(place, digest)| (SequenceNumber(*place), *digest)).collect(),
            claims: vec![],
            ..change(from, None, &[])
        };
        let one_alone = [with(0, 10, &[(10, A)]), with(1, 0, &[]), with(2, 0, &[])];
        assert_eq!(carried(&rule(None), &one_alone), None, "only two of three are not beyond the beginning");
        let two = [with(0, 10, &[(10, A)]), with(1, 0, &[(10, A)]), with(2, 0, &[])];
        let decision = decide(&rule(None), 1, &two.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(decision.base, (SequenceNumber(10), Some(A)));
        let absurd = [with(0, u64::MAX, &[]), with(1, 0, &[]), with(2, 0, &[]), with(3, 0, &[])];
        assert_eq!(carried(&rule(None), &absurd), Some(vec![]));
    }
}
