//! Faults and what becomes of them, on the simulator.

mod common;

use common::*;
use model::config::ConfigValue;
use model::verdict::Verdict;
use protocol::simulator::{Change, Network, Scenario, simulate};
use std::sync::Arc;

fn busy(name: &str, f: u32) -> Scenario {
    let settings = [
        ("general.f", i64::from(f)),
        ("benchmark.block-size", 4),
        ("benchmark.checkpoint-interval", 10),
        ("benchmark.window", 20),
        ("benchmark.retransmit-interval-ms", 100),
        ("benchmark.aggregation-delay-ms", 5),
    ];
    let mut scenario = scenario(name, f, config(&settings), Network::steady(200), 7);
    scenario.clients = 8;
    scenario.requests_a_client = 300;
    scenario
}

#[test]
fn an_equivocating_leader_cannot_make_correct_replicas_disagree_and_is_replaced() {
    for name in protocols() {
        for seed in 0..20 {
            let mut scenario = busy(name, 1);
            scenario.seed = seed;
            scenario.schedule.push(at(20, "fault.equivocation.affected-entities", &[0]));
            let outcome = simulate(&scenario);
            assert_eq!(outcome.verdict, Verdict::Pass, "{name}, seed {seed}: {outcome:?}");
            assert_eq!(outcome.completed, 2_400, "{name}, seed {seed}: {outcome:?}");
        }
    }
}

/// The comparison of histories is worth nothing unless it can fail: f + 1 replicas that lie together break agreement.
#[test]
fn more_than_f_equivocating_replicas_make_correct_ones_diverge() {
    let mut scenario = busy("pbft", 1);
    scenario.schedule.push(at(20, "fault.equivocation.affected-entities", &[0, 1]));
    scenario.until_us = 5_000_000;
    let outcome = simulate(&scenario);
    assert!(matches!(outcome.verdict, Verdict::Diverged(_)), "{outcome:?}");
}

#[test]
fn quorums_that_do_not_intersect_let_one_equivocating_leader_split_the_replicas() {
    let text = protocol::definitions::find("pbft").unwrap().text();
    let text = text.replace("message: prepare, quorum: 2f }", "message: prepare, quorum: 1 }");
    let text = text.replace("message: commit, quorum: 2f + 1 }", "message: commit, quorum: 1 }");
    let mut scenario = busy("pbft", 1);
    scenario.table = Arc::new(protocol::language::compile(&text, 1).unwrap());
    scenario.schedule.push(at(20, "fault.equivocation.affected-entities", &[0]));
    scenario.until_us = 3_000_000;
    let outcome = simulate(&scenario);
    assert!(matches!(outcome.verdict, Verdict::Diverged(_)), "{outcome:?}");
}

#[test]
fn a_trusted_counter_leaves_an_equivocator_nothing_to_say() {
    let mut scenario = busy("cheapbft", 1);
    scenario.schedule.push(at(20, "fault.equivocation.affected-entities", &[0]));
    let outcome = simulate(&scenario);
    assert_eq!((&outcome.verdict, outcome.completed, outcome.view), (&Verdict::Pass, 2_400, 0), "{outcome:?}");
}

#[test]
fn a_crashed_replica_that_restarts_empty_handed_catches_up_and_takes_part_again() {
    for name in protocols() {
        let mut scenario = busy(name, 1);
        scenario.requests_a_client = 2_000;
        scenario.schedule.push(at(50, "fault.crash.affected-entities", &[1]));
        scenario.schedule.push(at(400, "fault.crash.affected-entities", &[]));
        let outcome = simulate(&scenario);
        assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 16_000), "{name}: {outcome:?}");
        let first = outcome.executed.iter().max().unwrap().0;
        assert!(outcome.executed[1].0 + 60 > first, "{name}: {outcome:?}");
    }
}

/// What shows that it takes part: a second replica may crash then, and the quorums need the first.
#[test]
fn after_one_replica_has_restarted_another_may_crash() {
    for name in ["pbft", "hotstuff", "poe", "chained-hotstuff", "fab"] {
        let mut scenario = busy(name, 1);
        scenario.requests_a_client = 3_000;
        scenario.schedule.push(at(50, "fault.crash.affected-entities", &[1]));
        scenario.schedule.push(at(200, "fault.crash.affected-entities", &[]));
        scenario.schedule.push(at(1_500, "fault.crash.affected-entities", &[3]));
        let outcome = simulate(&scenario);
        assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 24_000), "{name}: {outcome:?}");
    }
}

#[test]
fn a_replica_left_in_the_dark_catches_up_from_the_others() {
    let mut scenario = busy("pbft", 1);
    scenario
        .schedule
        .push(Change { at_us: 10_000, set: vec![("fault.in-dark.generator".into(), ConfigValue::Boolean(true))] });
    scenario.requests_a_client = 1_000;
    let outcome = simulate(&scenario);
    assert_eq!((&outcome.verdict, outcome.completed, outcome.view), (&Verdict::Pass, 8_000, 0), "{outcome:?}");
    assert!(outcome.executed[0].0 - outcome.executed[1].0 < 400, "{outcome:?}");
}

#[test]
fn a_partition_stops_the_minority_and_heals() {
    for name in protocols() {
        let mut scenario = busy(name, 1);
        let groups = |at_ms: u64, text: &str| Change {
            at_us: at_ms * 1_000,
            set: vec![("fault.partition.groups".into(), ConfigValue::Text(text.into()))],
        };
        scenario.schedule.push(groups(30, "0,1|2,3,4,5"));
        scenario.schedule.push(groups(1_500, ""));
        let outcome = simulate(&scenario);
        assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 2_400), "{name}: {outcome:?}");
    }
}

#[test]
fn f_crashed_backups_leave_zyzzyva_and_sbft_their_slow_path() {
    for name in ["zyzzyva", "sbft"] {
        let mut scenario = busy(name, 1);
        scenario.requests_a_client = 20;
        scenario.schedule.push(at(5, "fault.crash.affected-entities", &[2]));
        let outcome = simulate(&scenario);
        assert_eq!(
            (&outcome.verdict, outcome.completed, outcome.view),
            (&Verdict::Pass, 160, 0),
            "{name}: {outcome:?}"
        );
        assert!(outcome.slow > 0, "{name}: {outcome:?}");
    }
}

/// Its fast path needs all f + 1 active replicas; without one of them all replicas take part (MinBFT), for good.
#[test]
fn cheapbft_goes_on_with_all_replicas_once_an_active_one_has_crashed() {
    let mut scenario = busy("cheapbft", 1);
    scenario.requests_a_client = 20;
    let calm = simulate(&scenario);
    assert_eq!((&calm.verdict, calm.completed, calm.view), (&Verdict::Pass, 160, 0), "{calm:?}");
    assert!(count(&calm, "update") > 0, "{calm:?}");
    scenario.schedule.push(at(5, "fault.crash.affected-entities", &[1]));
    let outcome = simulate(&scenario);
    assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 160), "{outcome:?}");
    assert!(outcome.view > 0 && count(&outcome, "update") < count(&calm, "update"), "{outcome:?}");
    assert_eq!(outcome.executed[0], outcome.executed[2], "the passive replica has become an active one: {outcome:?}");
}

#[test]
fn prime_bounds_what_a_slow_leader_costs_and_pbft_does_not() {
    let slow = |name| {
        let mut scenario = busy(name, 1);
        scenario.requests_a_client = 20;
        scenario.config.set("fault.slow-proposal.timer", ConfigValue::Integer(640));
        simulate(&scenario)
    };
    let (prime, pbft) = (slow("prime"), slow("pbft"));
    assert_eq!((&prime.verdict, prime.completed), (&Verdict::Pass, 160), "{prime:?}");
    assert!(prime.view > 0 && prime.ended_us * 3 < pbft.ended_us, "prime {prime:?}\npbft {pbft:?}");
}

/// Its places are dealt out in turn: every fourth one waits for the replica that is gone.
#[test]
fn primes_leader_skips_a_silent_originator_before_anybody_suspects_it() {
    let mut scenario = busy("prime", 1);
    scenario.requests_a_client = 20;
    for (key, ms) in [("benchmark.aggregation-delay-ms", 200), ("benchmark.timeout-trigger-interval-ms", 50)] {
        scenario.config.set(key, ConfigValue::Integer(ms));
    }
    scenario.schedule.push(at(5, "fault.crash.affected-entities", &[0]));
    let outcome = simulate(&scenario);
    assert_eq!((&outcome.verdict, outcome.completed, outcome.view), (&Verdict::Pass, 160, 1), "{outcome:?}");
}

/// A block is executed with the third certificate in a row, so that turns of a single block are the hardest.
#[test]
fn a_silent_replica_costs_chained_hotstuff_a_view_change_at_each_of_its_turns_and_no_more() {
    for interval in [1, 2, 3, 4, 10] {
        let mut scenario = busy("chained-hotstuff", 1);
        scenario.config.set("benchmark.leader-rotate-interval", ConfigValue::Integer(interval));
        scenario.schedule.push(at(0, "fault.non-responsive.affected-entities", &[1]));
        scenario.requests_a_client = 20;
        scenario.until_us = 300_000_000;
        let outcome = simulate(&scenario);
        assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 160), "{interval}: {outcome:?}");
        let blocks = outcome.executed.iter().max().unwrap().0;
        assert!(2 * blocks >= interval as u64 * outcome.view, "{interval}: {outcome:?}");
    }
}

#[test]
fn a_crashed_leader_of_chained_hotstuff_is_replaced_however_long_turns_are() {
    for interval in [1, 2, 4, 100] {
        for leader in [0, 1] {
            let mut scenario = busy("chained-hotstuff", 1);
            scenario.config.set("benchmark.leader-rotate-interval", ConfigValue::Integer(interval));
            scenario.schedule.push(at(30, "fault.crash.affected-entities", &[leader]));
            scenario.requests_a_client = 40;
            scenario.until_us = 300_000_000;
            let outcome = simulate(&scenario);
            assert_eq!(
                (&outcome.verdict, outcome.completed),
                (&Verdict::Pass, 320),
                "{interval}, {leader}: {outcome:?}"
            );
        }
    }
}

#[test]
fn f_plus_1_crashed_replicas_stop_progress_and_nothing_is_made_up() {
    let mut scenario = busy("pbft", 1);
    scenario.config.set(
        "fault.crash.affected-entities",
        ConfigValue::List(vec![ConfigValue::Integer(2), ConfigValue::Integer(3)]),
    );
    scenario.until_us = 3_000_000;
    let outcome = simulate(&scenario);
    assert_eq!((outcome.completed, outcome.verdict), (0, Verdict::NoProgress));
}

#[test]
fn wrong_votes_spoiled_authenticators_and_replays_of_one_replica_change_nothing() {
    for name in protocols() {
        for fault in ["wrong-votes", "corrupt-authenticator", "replay"] {
            let mut scenario = busy(name, 1);
            scenario.requests_a_client = 60;
            let mut change = at(10, &format!("fault.{fault}.affected-entities"), &[2]);
            change.set.push((format!("fault.{fault}.rate"), ConfigValue::Float(0.5)));
            scenario.schedule.push(change);
            let outcome = simulate(&scenario);
            assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 480), "{name}, {fault}: {outcome:?}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    for name in protocols() {
        let first = simulate(&unruly(name, 7));
        assert_eq!(first, simulate(&unruly(name, 7)), "{name}");
        assert_ne!(first.trace_hash, simulate(&unruly(name, 8)).trace_hash, "{name}");
    }
}
