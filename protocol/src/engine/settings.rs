//! The numbers a replica runs with, read from the configuration once at the start.

use super::authentication::Mode;
use model::config::ConfigTree;
use model::ids::ReplicaId;

/// A replica's settings. All replicas of a trial must have the same ones, but for `me`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which replica this is.
    pub me: ReplicaId,
    /// Requests in a full block.
    pub block_size: usize,
    /// How long a request may wait for its block to fill, µs.
    pub batch_timeout_us: u64,
    /// How many blocks may be in agreement beyond the last executed one.
    pub window: u64,
    /// Blocks between checkpoints.
    pub checkpoint_interval: u64,
    /// How long to wait for progress before asking, µs.
    pub retransmit_us: u64,
    /// Blocks between leaders, for rotating protocols.
    pub rotate_interval: u64,
    /// Records in the replicated table.
    pub dataset_size: u32,
    /// The base of protocol timers, µs: a state timer lasts 3 times, a sequence timer 7 times as long.
    pub timer_base_us: u64,
    /// How often a leader that aggregates orders what is ready, µs.
    pub aggregation_us: u64,
    /// How messages are authenticated.
    pub mode: Mode,
}

impl Settings {
    /// Reads the settings of replica `me` from a checked configuration.
    pub fn from_config(tree: &ConfigTree, me: ReplicaId) -> Self {
        let positive = |key: &str, default: i64| tree.integer(key, default).clamp(1, 1_000_000_000) as u64;
        Self {
            me,
            block_size: positive("benchmark.block-size", 10) as usize,
            batch_timeout_us: positive("benchmark.batch-timeout-ms", 5) * 1_000,
            window: positive("benchmark.window", 200),
            checkpoint_interval: positive("benchmark.checkpoint-interval", 100),
            retransmit_us: positive("benchmark.retransmit-interval-ms", 500) * 1_000,
            rotate_interval: positive("benchmark.leader-rotate-interval", 100),
            dataset_size: positive("workload.dataset-size", 100) as u32,
            timer_base_us: positive("benchmark.timeout-trigger-interval-ms", 50) * 1_000,
            aggregation_us: positive("benchmark.aggregation-delay-ms", 200) * 1_000,
            mode: Mode::from_config(tree),
        }
    }

    /// How many places the log holds beyond the stable checkpoint.
    pub fn log_capacity(&self) -> u64 {
        self.window + 2 * self.checkpoint_interval
    }

    /// How many answers are remembered for each client; a client has at most half as many requests outstanding.
    pub fn remembered_replies(&self) -> usize {
        (2 * self.block_size).max(32)
    }

    /// A protocol timer's length, µs.
    pub fn timeout_us(&self, state_mode: bool, multiplier: u32) -> u64 {
        let factor = if state_mode { 3 } else { 7 };
        self.timer_base_us.saturating_mul(factor * u64::from(multiplier.max(1)))
    }
}
