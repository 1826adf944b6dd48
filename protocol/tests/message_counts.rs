//! The messages of the fault-free case, block by block, against what the papers count: no phase can be left out unnoticed.

mod common;

use common::*;
use model::verdict::Verdict;
use protocol::simulator::{Network, Outcome, simulate};

/// A long fault-free run, and its number of blocks.
fn fault_free(name: &str, f: u32) -> (Outcome, u64, u64) {
    let settings = [("general.f", i64::from(f)), ("benchmark.block-size", 4), ("benchmark.aggregation-delay-ms", 5)];
    let mut scenario = scenario(name, f, config(&settings), Network::steady(500), 3);
    scenario.requests_a_client = 50;
    let n = u64::from(scenario.table.n);
    let outcome = simulate(&scenario);
    assert_eq!((&outcome.verdict, outcome.view, outcome.slow), (&Verdict::Pass, 0, 0), "{name}: {outcome:?}");
    let blocks = outcome.executed.iter().map(|sequence| sequence.0).max().unwrap();
    (outcome, n, blocks)
}

/// Asserts how often each message was sent a block. The last block's last messages may still be owed when its last reply
/// arrives: up to `open` blocks may lack some.
fn assert_counts(name: &str, expected: impl Fn(u64, u64) -> Vec<(&'static str, u64)>) {
    for f in [1, 2, 3] {
        let (outcome, n, blocks) = fault_free(name, f);
        for (message, a_block) in expected(n, u64::from(f)) {
            let sent = count(&outcome, message);
            let least = a_block * (blocks - 1);
            assert!(
                (least..=a_block * blocks).contains(&sent),
                "{name}, f = {f}: {sent} {message} for {blocks} blocks, not {a_block} each"
            );
        }
    }
}

/// OSDI '99, section 4.2: n - 1 pre-prepares, a prepare of each backup to all others, a commit of each to all others.
#[test]
fn pbft_sends_three_phases_two_of_them_all_to_all() {
    assert_counts("pbft", |n, _| vec![("pre-prepare", n - 1), ("prepare", (n - 1) * (n - 1)), ("commit", n * (n - 1))]);
}

/// SOSP '07, section 3.1: one message to each backup, then the replies.
#[test]
fn zyzzyva_sends_one_message_to_each_backup() {
    assert_counts("zyzzyva", |n, _| vec![("order-req", n - 1)]);
}

#[test]
fn poe_sends_a_proposal_and_one_phase_all_to_all() {
    assert_counts("poe", |n, _| vec![("propose", n - 1), ("support", n * (n - 1))]);
}

/// DSN '19, section V: linear: proposal, shares to the collector, one proof back.
#[test]
fn the_fast_path_of_sbft_is_linear() {
    assert_counts("sbft", |n, _| {
        vec![
            ("pre-prepare", n - 1),
            ("sign-share", n - 1),
            ("full-commit-proof", n - 1),
            ("prepare", 0),
            ("commit-share", 0),
            ("full-commit-proof-slow", 0),
        ]
    });
}

#[test]
fn hotstuff_is_linear_in_each_of_its_phases() {
    assert_counts("hotstuff", |n, _| {
        vec![("prepare", n - 1), ("prepare-vote", n - 1), ("lock", n - 1), ("commit-vote", n - 1), ("decide", n - 1)]
    });
}

#[test]
fn tendermint_sends_a_proposal_and_two_phases_all_to_all() {
    assert_counts("tendermint", |n, _| vec![("proposal", n - 1), ("prevote", n * (n - 1)), ("precommit", n * (n - 1))]);
}

#[test]
fn fab_sends_a_proposal_and_one_phase_all_to_all_among_5f_plus_1() {
    assert_counts("fab", |n, f| {
        assert_eq!(n, 5 * f + 1);
        vec![("propose", n - 1), ("accept", n * (n - 1))]
    });
}

/// EuroSys '12, section 4: only f + 1 replicas agree; the others are told the outcome by each of them.
#[test]
fn cheapbft_agrees_among_f_plus_1_and_updates_the_others() {
    assert_counts("cheapbft", |n, f| {
        assert_eq!(n, 2 * f + 1);
        vec![("prepare", f), ("commit", (f + 1) * f), ("update", (f + 1) * f)]
    });
}

/// Two messages for each block, its proposal and its votes, whatever the number of phases: they share them.
#[test]
fn chained_hotstuff_sends_one_proposal_and_one_vote_of_each_replica_a_block() {
    for f in [1, 2] {
        let (outcome, n, _) = fault_free("chained-hotstuff", f);
        let proposals = count(&outcome, "generic");
        assert_eq!(proposals % (n - 1), 0, "{outcome:?}");
        let proposed = proposals / (n - 1);
        let votes = count(&outcome, "vote");
        // A vote of the next leader itself does not travel.
        assert!(votes <= proposed * (n - 1) + proposed / 50 && votes + 2 * n >= proposed * (n - 1), "{outcome:?}");
    }
}

/// TDSC '11, section 4: pre-ordering all to all, then one ordering that covers many blocks at once.
#[test]
fn prime_orders_many_blocks_in_one_round() {
    let (outcome, n, blocks) = fault_free("prime", 1);
    assert!(count(&outcome, "po-request") >= (n - 1) * (blocks - n) / 2, "{outcome:?}");
    for message in ["pre-prepare", "prepare", "commit", "po-ack"] {
        assert!(count(&outcome, message) > 0, "{message}: {outcome:?}");
    }
    assert!(count(&outcome, "pre-prepare") < (n - 1) * blocks, "{outcome:?}");
}
