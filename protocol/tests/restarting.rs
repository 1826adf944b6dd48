//! A replica that crashes and starts again empty-handed counts as a faulty one for a while; the others have to go on.

mod common;

use common::*;
use model::verdict::Verdict;
use protocol::simulator::simulate;

fn assert_all_are_answered(name: &str, seeds: &[u64]) {
    for seed in seeds {
        let outcome = simulate(&unruly_with_crashes(name, *seed));
        assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 40), "{name}, seed {seed}: {outcome:?}");
    }
}

/// In every view the silent replica led some of the places that had to be certified once more.
#[test]
fn chained_hotstuff_certifies_what_it_carries_over_whoever_is_silent() {
    assert_all_are_answered("chained-hotstuff", &[0, 1, 3, 13, 60, 96, 120, 349]);
}
