//! What to simulate.

use super::costs::Costs;
use super::network::Network;
use crate::table::Table;
use model::config::{ConfigTree, ConfigValue};
use std::sync::Arc;

/// A change of the configuration while the simulation runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When, µs of simulated time.
    pub at_us: u64,
    /// Keys with their new values.
    pub set: Vec<(String, ConfigValue)>,
}

/// One simulated experiment.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The protocol.
    pub table: Arc<Table>,
    /// The experiment's configuration, its faults included.
    pub config: ConfigTree,
    /// Changes of it, in order of time.
    pub schedule: Vec<Change>,
    /// The network between all units.
    pub network: Network,
    /// What processors need.
    pub costs: Costs,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Logical clients, each with one request outstanding.
    pub clients: u16,
    /// Requests that each client sends.
    pub requests_a_client: u64,
    /// When to give up, µs.
    pub until_us: u64,
}

/// The value of a key that names replicas.
pub fn replicas_value(replicas: &[u32]) -> ConfigValue {
    ConfigValue::List(replicas.iter().map(|replica| ConfigValue::Integer(i64::from(*replica))).collect())
}
