//! What the simulated scenarios of the tests share.
#![allow(dead_code)]

use model::config::{ConfigTree, ConfigValue};
use model::ids::ReplicaId;
use protocol::simulator::run::replicas_value;
use protocol::simulator::{Change, Costs, Network, Outcome, Scenario};
use std::sync::Arc;

/// Every shipped protocol.
pub fn protocols() -> Vec<&'static str> {
    protocol::definitions::ALL.iter().map(|definition| definition.name).collect()
}

pub fn config(settings: &[(&str, i64)]) -> ConfigTree {
    let mut tree = model::schema::default_tree();
    for (key, value) in settings {
        tree.set(key, ConfigValue::Integer(*value));
    }
    tree
}

pub fn scenario(name: &str, f: u32, config: ConfigTree, network: Network, seed: u64) -> Scenario {
    let definition = protocol::definitions::find(name).unwrap();
    let table =
        protocol::language::compile(definition.text, f).unwrap_or_else(|diagnostics| panic!("{name}: {diagnostics:?}"));
    Scenario {
        table: Arc::new(table),
        config,
        schedule: Vec::new(),
        network,
        costs: Costs::default(),
        seed,
        clients: 4,
        requests_a_client: 10,
        until_us: 120_000_000,
    }
}

/// A scenario with loss, delay, duplicates, reordering, and settings that differ with the seed. The network behaves from
/// 1.5 s on.
pub fn unruly(name: &str, seed: u64) -> Scenario {
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
        ("benchmark.timeout-trigger-interval-ms", 10 + (seed % 4 * 10) as i64),
        ("benchmark.aggregation-delay-ms", 5),
        ("benchmark.leader-rotate-interval", 1 + (seed % 6) as i64),
    ];
    scenario(name, 1, config(&settings), network, seed)
}

/// A change of one list of replicas.
pub fn at(at_ms: u64, key: &str, replicas: &[u32]) -> Change {
    Change { at_us: at_ms * 1_000, set: vec![(key.to_owned(), replicas_value(replicas))] }
}

pub fn count(outcome: &Outcome, name: &str) -> u64 {
    outcome.messages.iter().find(|(message, _)| message == name).map_or(0, |(_, count)| *count)
}

pub fn replica(index: u32) -> ReplicaId {
    ReplicaId(index)
}
