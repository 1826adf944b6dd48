//! PBFT on the simulator: agreement under every schedule, progress once the network behaves, the paper's message counts.

use model::config::{ConfigTree, ConfigValue};
use model::ids::ReplicaId;
use model::trial::Verdict;
use protocol::ReplicaSet;
use protocol::simulator::{Network, Outcome, Scenario, simulate};
use std::sync::Arc;

/// Schedules with loss, delay, duplicates and reordering. A failing seed is printed; run it again with
/// `scenario(seed)` in a test of its own.
const SCHEDULES: u64 = 3_000;

fn config(settings: &[(&str, i64)]) -> ConfigTree {
    let mut tree = model::schema::default_tree();
    for (key, value) in settings {
        tree.set(key, ConfigValue::Integer(*value));
    }
    tree
}

fn scenario(f: u32, config: ConfigTree, network: Network, seed: u64) -> Scenario {
    let definition = protocol::definitions::find("pbft").unwrap();
    let table = protocol::language::compile(definition.text, f).unwrap();
    Scenario {
        table: Arc::new(table),
        config,
        network,
        seed,
        clients: 4,
        requests_a_client: 10,
        crashed: ReplicaSet::EMPTY,
        equivocators: ReplicaSet::EMPTY,
        until_us: 60_000_000,
    }
}

fn unruly(seed: u64) -> Scenario {
    let network = Network {
        delay_us: 100 + seed % 7 * 300,
        jitter_us: seed % 5 * 2_000,
        loss_permille: (seed % 11 * 30) as u32,
        duplicate_permille: (seed % 3 * 100) as u32,
        stable_after_us: 1_500_000,
    };
    let settings = [
        ("benchmark.block-size", 1 + (seed % 4) as i64),
        ("benchmark.checkpoint-interval", 2 + (seed % 5) as i64),
        ("benchmark.window", 1 + (seed % 13) as i64),
        ("benchmark.retransmit-interval-ms", 100),
        ("benchmark.batch-timeout-ms", 1 + (seed % 3) as i64),
    ];
    scenario(1, config(&settings), network, seed)
}

fn count(outcome: &Outcome, name: &str) -> u64 {
    outcome.messages.iter().find(|(message, _)| message == name).map_or(0, |(_, count)| *count)
}

#[test]
fn under_loss_delay_reordering_and_duplicates_replicas_agree_and_progress_follows() {
    for seed in 0..SCHEDULES {
        let outcome = simulate(&unruly(seed));
        assert_eq!(outcome.verdict, Verdict::Pass, "seed {seed}: {outcome:?}");
        assert_eq!(outcome.completed, 40, "seed {seed}: {outcome:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    for seed in [0, 7, 41] {
        let first = simulate(&unruly(seed));
        assert_eq!(first, simulate(&unruly(seed)));
        assert_ne!(first.trace_hash, simulate(&unruly(seed + 1)).trace_hash);
    }
}

/// OSDI '99, section 4.2: for each block n - 1 pre-prepares, a prepare of each backup to all others, a commit of each
/// replica to all others.
#[test]
fn a_fault_free_block_costs_the_messages_of_the_paper() {
    for f in [1, 2, 4] {
        let settings = [("general.f", i64::from(f)), ("benchmark.block-size", 4)];
        let mut scenario = scenario(f, config(&settings), Network::steady(500), 3);
        scenario.requests_a_client = 5;
        let outcome = simulate(&scenario);
        assert_eq!(outcome.verdict, Verdict::Pass);
        let n = u64::from(3 * f + 1);
        let blocks = outcome.executed.iter().map(|sequence| sequence.0).max().unwrap();
        assert_eq!(count(&outcome, "pre-prepare"), blocks * (n - 1));
        assert_eq!(count(&outcome, "prepare"), blocks * (n - 1) * (n - 1));
        // The last block's commits may still be under way when the last reply arrives: all are sent by then.
        assert_eq!(count(&outcome, "commit"), blocks * n * (n - 1));
    }
}

#[test]
fn f_crashed_backups_change_nothing_for_clients_and_f_plus_1_stop_progress() {
    let mut one = scenario(1, config(&[]), Network::steady(500), 5);
    one.crashed.insert(ReplicaId(2));
    assert_eq!(simulate(&one).completed, 40);

    let mut two = one.clone();
    two.crashed.insert(ReplicaId(3));
    let outcome = simulate(&two);
    assert_eq!((outcome.completed, outcome.verdict), (0, Verdict::NoProgress));
}

#[test]
fn an_equivocating_leader_cannot_make_correct_replicas_disagree() {
    for seed in 0..300 {
        let mut scenario = unruly(seed);
        scenario.config.set("benchmark.block-size", ConfigValue::Integer(4));
        scenario.equivocators.insert(ReplicaId(0));
        scenario.until_us = 3_000_000;
        let outcome = simulate(&scenario);
        assert!(!matches!(outcome.verdict, Verdict::Diverged { .. }), "seed {seed}: {outcome:?}");
    }
}

/// The comparison of histories is worth nothing unless it can fail: quorums of one replica let an equivocator split them.
#[test]
fn with_quorums_that_do_not_intersect_an_equivocating_leader_makes_replicas_diverge() {
    let text = protocol::definitions::find("pbft").unwrap().text;
    let text = text.replace("message: prepare, quorum: 2f }", "message: prepare, quorum: 1 }");
    let text = text.replace("message: commit, quorum: 2f + 1 }", "message: commit, quorum: 1 }");
    let mut scenario = scenario(1, config(&[("benchmark.block-size", 4)]), Network::steady(500), 1);
    scenario.table = Arc::new(protocol::language::compile(&text, 1).unwrap());
    scenario.equivocators.insert(ReplicaId(0));
    scenario.until_us = 3_000_000;
    let outcome = simulate(&scenario);
    assert!(matches!(outcome.verdict, Verdict::Diverged { .. }), "{outcome:?}");
}

#[test]
fn a_replica_left_in_the_dark_catches_up_from_the_others() {
    let mut tree = config(&[
        ("benchmark.checkpoint-interval", 5),
        ("benchmark.window", 10),
        ("benchmark.block-size", 1),
        ("benchmark.retransmit-interval-ms", 20),
    ]);
    tree.set("fault.in-dark.generator", ConfigValue::Boolean(true));
    let mut scenario = scenario(1, tree, Network::steady(200), 9);
    scenario.requests_a_client = 200;
    let outcome = simulate(&scenario);
    assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 800));
    let behind = outcome.executed[0].0 - outcome.executed[1].0;
    assert!(outcome.executed[1].0 > 600 && behind < 200, "{outcome:?}");
    assert!(count(&outcome, "snapshot") > 0, "{outcome:?}");
}

#[test]
fn a_slow_leader_proposes_no_faster_than_its_gap() {
    let mut tree = config(&[("fault.slow-proposal.timer", 400), ("benchmark.block-size", 4)]);
    tree.set("benchmark.window", ConfigValue::Integer(50));
    let outcome = simulate(&scenario(1, tree, Network::steady(200), 2));
    let blocks = outcome.executed[0].0;
    assert!(blocks >= 10 && outcome.ended_us >= (blocks - 1) * 200_000, "{outcome:?}");
}
