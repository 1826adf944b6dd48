//! What holds of every shipped protocol, on the simulator.

mod common;

use common::*;
use model::verdict::Verdict;
use protocol::simulator::{Network, Scenario, Unruly, simulate};
use std::sync::Mutex;

#[test]
fn without_faults_every_request_is_answered() {
    for name in protocols() {
        for f in [1, 2] {
            let settings = [("general.f", i64::from(f)), ("benchmark.aggregation-delay-ms", 5)];
            let outcome = simulate(&scenario(name, f, config(&settings), Network::steady(300), 3));
            assert_eq!(
                (&outcome.verdict, outcome.completed, outcome.view),
                (&Verdict::Pass, 40, 0),
                "{name}: {outcome:?}"
            );
        }
    }
}

#[test]
fn a_crashed_leader_is_replaced_and_every_request_is_answered() {
    for name in protocols() {
        let settings = [("benchmark.retransmit-interval-ms", 100), ("benchmark.aggregation-delay-ms", 5)];
        let mut scenario = scenario(name, 1, config(&settings), Network::steady(300), 3);
        scenario.requests_a_client = 400;
        scenario.schedule.push(at(50, "fault.crash.affected-entities", &[0]));
        let outcome = simulate(&scenario);
        assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 1_600), "{name}: {outcome:?}");
        assert!(outcome.view > 0, "{name}: {outcome:?}");
    }
}

/// Schedules for each protocol.
const SCHEDULES: u64 = 1_000;
/// The same, of those in which a replica may crash and restart.
const SCHEDULES_WITH_CRASHES: u64 = 400;

#[test]
fn under_loss_delay_reordering_duplicates_and_partitions_replicas_agree_and_progress_follows() {
    assert_pass(protocols(), SCHEDULES, |name, seed| Unruly::without_crashes(seed).scenario(&table(name)));
}

#[test]
fn under_a_crash_and_a_restart_besides_replicas_agree_and_progress_follows() {
    assert_pass(protocols(), SCHEDULES_WITH_CRASHES, |name, seed| Unruly::new(seed).scenario(&table(name)));
}

/// Runs schedules of each protocol, on both processors of a small machine, and names all that fail.
fn assert_pass(names: Vec<&'static str>, schedules: u64, scenario: impl Fn(&str, u64) -> Scenario + Sync) {
    let names = Mutex::new(names);
    let failed = Mutex::new(Vec::new());
    let work = || {
        while let Some(name) = { names.lock().unwrap().pop() } {
            for seed in 0..schedules {
                let outcome = simulate(&scenario(name, seed));
                if (&outcome.verdict, outcome.completed) != (&Verdict::Pass, 40) {
                    let text = format!("{name}, seed {seed}: {} of 40, {:?}", outcome.completed, outcome.verdict);
                    failed.lock().unwrap().push(text);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
