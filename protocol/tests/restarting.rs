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

/// How often clients had asked again in vain was counted over all views. So replicas gave up one view after the other, each
/// at another time, and there were never enough in one of them to acknowledge a client's proof.
#[test]
fn zyzzyva_replicas_give_each_view_the_same_patience_while_one_of_them_is_silent() {
    assert_all_are_answered("zyzzyva", &[153, 246, 291, 311, 326, 361]);
}

/// The only one that had seen a stable checkpoint besides the restarted replica could not convince the third of it.
#[test]
fn one_cheapbft_replica_alone_proves_a_stable_checkpoint_to_one_that_lags() {
    assert_all_are_answered("cheapbft", &[243, 305, 349, 361, 399]);
}

/// One client's doubts hid those of all others, though it never asked again.
#[test]
fn whichever_client_asks_in_vain_has_speculative_replicas_look_for_a_new_view() {
    assert_all_are_answered("zyzzyva", &[1_774]);
    assert_all_are_answered("poe", &[2_292, 3_138, 7_573, 8_176]);
}

/// It went on from its own state, where the view had been built on another one at the same place.
#[test]
fn a_zyzzyva_replica_that_speculated_another_way_takes_over_the_state_a_view_builds_on() {
    assert_all_are_answered("zyzzyva", &[4_186, 7_268]);
}

/// The announcements of that checkpoint were lost, and one of those who had sent them had restarted.
#[test]
fn those_who_began_a_view_of_cheapbft_prove_the_checkpoint_that_it_builds_on() {
    assert_all_are_answered("cheapbft", &[2_290, 8_720]);
}

/// In every view the silent replica led some of the places that had to be certified once more.
#[test]
fn chained_hotstuff_certifies_what_it_carries_over_whoever_is_silent() {
    assert_all_are_answered("chained-hotstuff", &[0, 1, 3, 13, 60, 96, 120, 349]);
}
