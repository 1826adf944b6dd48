//! What the simulated scenarios of the tests share.
#![allow(dead_code)]

use model::config::{ConfigTree, ConfigValue};
use model::ids::ReplicaId;
use protocol::simulator::scenario::replicas_value;
use protocol::simulator::{Change, Costs, Network, Outcome, Scenario, Unruly};
use protocol::table::Table;
use std::sync::Arc;

/// Every shipped protocol.
pub(crate) fn protocols() -> Vec<&'static str> {
    protocol::definitions::ALL.iter().map(|definition| definition.name).collect()
}

pub(crate) fn config(settings: &[(&str, i64)]) -> ConfigTree {
    let mut tree = model::schema::default_tree();
    for (key, value) in settings {
        tree.set(key, ConfigValue::Integer(*value));
    }
    tree
}

pub(crate) fn scenario(name: &str, f: u32, config: ConfigTree, network: Network, seed: u64) -> Scenario {
    let definition = protocol::definitions::find(name).unwrap();
    let table = protocol::language::compile(definition.text(), f)
        .unwrap_or_else(|diagnostics| panic!("{name}: {diagnostics:?}"));
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
pub(crate) fn unruly(name: &str, seed: u64) -> Scenario {
    Unruly::of_network(seed).scenario(&table(name))
}

/// The same with a crash and a partition in some of the schedules.
pub(crate) fn unruly_with_crashes(name: &str, seed: u64) -> Scenario {
    Unruly::new(seed).scenario(&table(name))
}

/// A shipped protocol for one faulty replica.
pub(crate) fn table(name: &str) -> Arc<Table> {
    let definition = protocol::definitions::find(name).unwrap();
    Arc::new(protocol::language::compile(definition.text(), 1).unwrap_or_else(|found| panic!("{name}: {found:?}")))
}

/// A change of one list of replicas.
pub(crate) fn at(at_ms: u64, key: &str, replicas: &[u32]) -> Change {
    Change { at_us: at_ms * 1_000, set: vec![(key.to_owned(), replicas_value(replicas))] }
}

pub(crate) fn count(outcome: &Outcome, name: &str) -> u64 {
    outcome.messages.iter().find(|(message, _)| message == name).map_or(0, |(_, count)| *count)
}

pub(crate) fn replica(index: u32) -> ReplicaId {
    ReplicaId(index)
}
