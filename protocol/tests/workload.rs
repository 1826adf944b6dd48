//! What the configuration asks for takes effect: values that change over time, and reads outside of the order.

mod common;

use common::*;
use model::config::{ConfigTree, ConfigValue};
use model::verdict::Verdict;
use protocol::simulator::{Network, Outcome, Scenario, TraceEvent, simulate, simulate_traced};

/// The configuration of `settings` with one more key, its value as YAML.
fn with(settings: &[(&str, i64)], key: &str, yaml: &str) -> ConfigTree {
    let mut tree = config(settings);
    let value = model::yaml::parse(&format!("value: {yaml}")).unwrap().get("value").unwrap().clone();
    tree.set(key, value);
    tree
}

/// The delays that replicas add to their messages under this course of `fault.delay.mean`: (sent, delay), both in ms. All
/// four replicas delay, without jitter, and the network adds 0.1 to 0.2 ms.
fn delays(course: &str) -> Vec<(u64, u64)> {
    let mut tree = with(&[("fault.delay.jitter", 0)], "fault.delay.mean", course);
    let all = (0..4).map(ConfigValue::Integer).collect();
    tree.set("fault.delay.affected-entities", ConfigValue::List(all));
    let mut scenario = scenario("pbft", 1, tree, Network::steady(100), 5);
    scenario.requests_a_client = 1_000_000;
    scenario.until_us = 4_000_000;
    let mut delays = Vec::new();
    simulate_traced(&scenario, &mut |event| {
        if let TraceEvent::Message { sent_us, at_us, .. } = event {
            delays.push((sent_us / 1_000, (at_us - sent_us) / 1_000));
        }
    });
    assert!(delays.len() > 200, "{} messages", delays.len());
    delays
}

/// The delays of what was sent within a span, ms. A value is taken over up to 10 ms after its time.
fn within(delays: &[(u64, u64)], from_ms: u64, to_ms: u64) -> Vec<u64> {
    let found: Vec<u64> = delays
        .iter()
        .filter(|(sent_ms, _)| (from_ms + 10..to_ms).contains(sent_ms))
        .map(|(_, delay_ms)| *delay_ms)
        .collect();
    assert!(found.len() > 50, "{} messages from {from_ms} to {to_ms} ms", found.len());
    found
}

#[test]
fn a_fixed_delay_follows_the_initial_one_at_its_time() {
    let delays = delays("{advance: true, init: 2, delay: 1500, fixed: {value: 20}}");
    assert!(within(&delays, 0, 1_500).iter().all(|delay| *delay == 2));
    assert!(within(&delays, 1_500, 4_000).iter().all(|delay| *delay == 20));
}

#[test]
fn a_scheduled_delay_takes_each_value_for_its_interval_and_the_last_one_for_good() {
    let delays =
        delays("{advance: true, init: 1, delay: 1000, schedule: {values: [15, 5, 9], intervals: [1000, 500]}}");
    for (from, to, expected) in [(0, 1_000, 1), (1_000, 2_000, 15), (2_000, 2_500, 5), (2_500, 4_000, 9)] {
        assert!(within(&delays, from, to).iter().all(|delay| *delay == expected), "from {from} to {to} ms");
    }
}

#[test]
fn a_uniform_delay_is_drawn_again_and_again_from_all_of_its_range() {
    let delays = delays("{advance: true, init: 1, uniform: {min: 10, max: 30}}");
    let drawn = within(&delays, 0, 4_000);
    assert!(drawn.iter().all(|delay| (10..=30).contains(delay)));
    assert!([10..15, 15..20, 20..25, 25..31].iter().all(|part| drawn.iter().any(|delay| part.contains(delay))));
}

#[test]
fn a_normal_delay_has_its_mean_and_spread() {
    let delays = delays("{advance: true, init: 1, normal: {mean: 25, deviation: 4}}");
    let drawn = within(&delays, 0, 4_000);
    let near = |spread: u64| drawn.iter().filter(|delay| delay.abs_diff(25) <= spread).count() * 100 / drawn.len();
    assert!((55..=85).contains(&near(4)) && near(12) >= 97, "{} % and {} %", near(4), near(12));
    assert!(drawn.iter().any(|delay| *delay < 25) && drawn.iter().any(|delay| *delay > 25));
}

fn reading(name: &str, ratio: &str) -> Scenario {
    let settings = [("benchmark.block-size", 4), ("benchmark.retransmit-interval-ms", 100), ("benchmark.window", 20)];
    let mut tree = with(&settings, "workload.read-only-ratio", ratio);
    tree.set("benchmark.checkpoint-interval", ConfigValue::Integer(10));
    tree.set("benchmark.aggregation-delay-ms", ConfigValue::Integer(5));
    let mut scenario = scenario(name, 1, tree, Network::steady(200), 3);
    scenario.requests_a_client = 100;
    scenario
}

fn executed(outcome: &Outcome) -> u64 {
    outcome.executed.iter().map(|place| place.0).max().unwrap()
}

#[test]
fn reads_outside_of_the_order_take_no_place_and_cost_one_round_trip() {
    let outcome = simulate(&reading("pbft", "1.0"));
    assert_eq!((outcome.completed, executed(&outcome)), (400, 0), "{outcome:?}");
    assert!(
        outcome.latency_us(1.0).unwrap() <= 800,
        "there and back in at most twice the least delay each: {outcome:?}"
    );
}

#[test]
fn a_protocol_without_such_reads_orders_them() {
    let outcome = simulate(&reading("hotstuff", "1.0"));
    assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 400), "{outcome:?}");
    assert!(executed(&outcome) >= 100, "{outcome:?}");
}

/// While all clients write one record, and one replica is silent, replicas seldom answer a read alike: the order decides.
#[test]
fn reads_and_writes_of_one_record_are_all_answered_whatever_replicas_fail() {
    for name in protocols() {
        let mut scenario = reading(name, "0.5");
        scenario.config.set("workload.contention-level", ConfigValue::Integer(1));
        scenario.schedule.push(at(20, "fault.non-responsive.affected-entities", &[1]));
        let outcome = simulate(&scenario);
        assert_eq!((&outcome.verdict, outcome.completed), (&Verdict::Pass, 400), "{name}: {outcome:?}");
    }
}

#[test]
fn the_share_of_reads_changes_at_its_time() {
    let course = "{advance: true, init: 0, delay: 200, fixed: {value: 1}}";
    let mut scenario = reading("pbft", course);
    scenario.requests_a_client = 100_000;
    scenario.until_us = 200_000;
    let before = simulate(&scenario);
    scenario.until_us = 400_000;
    let after = simulate(&scenario);
    assert!(after.completed > 2 * before.completed, "{before:?}\n{after:?}");
    assert!(executed(&after) <= executed(&before) + 10, "{before:?}\n{after:?}");
}
