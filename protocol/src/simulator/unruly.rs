//! Random schedules of trouble: a seed decides the network, the settings, and which replica crashes or is cut off when. All
//! trouble is over after 1.5 s, so that every request has to be answered in the end.

use super::costs::Costs;
use super::network::Network;
use super::scenario::{Change, Scenario};
use crate::table::Table;
use model::config::{ConfigTree, ConfigValue};
use model::schema;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use std::fmt;
use std::sync::Arc;

/// From here on the network behaves and every replica runs, µs.
const CALM_AFTER_US: u64 = 1_500_000;
/// The schedule gives up here, µs.
const UNTIL_US: u64 = 120_000_000;
/// Keeps the draws of crashes and partitions apart from those of the network.
const SCHEDULE_STREAM: u64 = 0x5eed_0f5c_4ed0;

/// One kind of trouble that a schedule may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Messages are lost.
    Loss,
    /// Messages arrive twice.
    Duplicates,
    /// Messages overtake each other.
    Jitter,
    /// A replica crashes and starts again, empty-handed.
    Crash,
    /// One replica is cut off from the others for a while.
    Partition,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Crash, Self::Partition, Self::Loss, Self::Duplicates, Self::Jitter];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Duplicates => "duplicates",
            Self::Jitter => "jitter",
            Self::Crash => "crash",
            Self::Partition => "partition",
        }
    }

    /// The trouble of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.name() == name)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A random schedule, in the few words that bring it about again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unruly {
    /// Decides everything.
    pub seed: u64,
    /// Logical clients.
    pub clients: u16,
    /// Requests that each client sends.
    pub requests: u64,
    /// What is left out of the schedule.
    pub without: Vec<Trouble>,
}

impl Unruly {
    /// The whole schedule of a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, clients: 4, requests: 10, without: Vec::new() }
    }

    /// The schedule of a seed in which all replicas run.
    pub fn without_crashes(seed: u64) -> Self {
        Self { without: vec![Trouble::Crash], ..Self::new(seed) }
    }

    /// The schedule of a seed in which only the network gives trouble.
    pub fn of_network(seed: u64) -> Self {
        Self { without: vec![Trouble::Crash, Trouble::Partition], ..Self::new(seed) }
    }

    /// The scenario for a protocol.
    pub fn scenario(&self, table: &Arc<Table>) -> Scenario {
        Scenario {
            table: Arc::clone(table),
            config: config(self.seed, table.f),
            schedule: self.schedule(table.n),
            network: self.network(),
            costs: Costs::default(),
            seed: self.seed,
            clients: self.clients,
            requests_a_client: self.requests,
            until_us: UNTIL_US,
        }
    }

    fn has(&self, trouble: Trouble) -> bool {
        !self.without.contains(&trouble)
    }

    fn network(&self) -> Network {
        let seed = self.seed;
        let of = |trouble, value: u64| if self.has(trouble) { value } else { 0 };
        Network {
            delay_us: 100 + seed % 7 * 300,
            jitter_us: of(Trouble::Jitter, seed % 5 * 2_000),
            loss_permille: of(Trouble::Loss, seed % 11 * 30) as u32,
            duplicate_permille: of(Trouble::Duplicates, seed % 3 * 100) as u32,
            stable_after_us: CALM_AFTER_US,
        }
    }

    /// A crash with its restart and a partition with its end, each in every other schedule, and never at the same time:
    /// no more than one replica is away. What is drawn does not depend on what is left out.
    fn schedule(&self, n: u32) -> Vec<Change> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ SCHEDULE_STREAM);
        let mut roll = |bound: u64| rng.next_u64() % bound;
        let (crashes, parts, crash_is_first) = (roll(2) == 0, roll(2) == 0, roll(2) == 0);
        let (crashed, cut_off) = (roll(u64::from(n)), roll(u64::from(n)));
        // Early ones meet the first requests, late ones what retransmission and view changes have left.
        let mut span = |from_us: u64| {
            let begin_us = from_us + 1_000 + roll([20_000, 100_000, 300_000][(from_us % 3) as usize]);
            (begin_us, begin_us + 5_000 + roll(300_000))
        };
        let first = span(0);
        let second = span(first.1);
        let (crash, partition) = if crash_is_first { (first, second) } else { (second, first) };
        let mut schedule = Vec::new();
        if crashes && self.has(Trouble::Crash) {
            let list = |replicas: &[u64]| {
                ConfigValue::List(replicas.iter().map(|replica| ConfigValue::Integer(*replica as i64)).collect())
            };
            schedule.push(change(crash.0, "fault.crash.affected-entities", list(&[crashed])));
            schedule.push(change(crash.1, "fault.crash.affected-entities", list(&[])));
        }
        if parts && self.has(Trouble::Partition) {
            let text = |groups: &str| ConfigValue::Text(groups.to_owned());
            schedule.push(change(partition.0, "fault.partition.groups", text(&cut_off.to_string())));
            schedule.push(change(partition.1, "fault.partition.groups", text("")));
        }
        schedule.sort_by_key(|change| change.at_us);
        schedule
    }
}

fn change(at_us: u64, key: &str, value: ConfigValue) -> Change {
    Change { at_us, set: vec![(key.to_owned(), value)] }
}

fn config(seed: u64, f: u32) -> ConfigTree {
    let mut tree = schema::default_tree();
    for (key, value) in [
        ("general.f", i64::from(f)),
        ("benchmark.block-size", 1 + (seed % 4) as i64),
        ("benchmark.checkpoint-interval", 2 + (seed % 5) as i64),
        ("benchmark.window", 1 + (seed % 13) as i64),
        ("benchmark.retransmit-interval-ms", 100),
        ("benchmark.batch-timeout-ms", 1 + (seed % 3) as i64),
        ("benchmark.timeout-trigger-interval-ms", 10 + (seed % 4 * 10) as i64),
        ("benchmark.aggregation-delay-ms", 5),
        ("benchmark.leader-rotate-interval", 1 + (seed % 6) as i64),
    ] {
        tree.set(key, ConfigValue::Integer(value));
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_ends_before_the_calm_and_one_replica_is_away_at_most() {
        let (mut crashes, mut partitions) = (0, 0);
        for seed in 0..2_000 {
            let schedule = Unruly::new(seed).schedule(4);
            assert!(schedule.iter().all(|change| change.at_us < CALM_AFTER_US), "{schedule:?}");
            let is_end = |change: &Change| change.set[0].1.to_string().trim_matches(['[', ']', '"']).is_empty();
            for pair in schedule.chunks(2) {
                assert_eq!((pair[0].set[0].0.as_str(), is_end(&pair[0])), (pair[1].set[0].0.as_str(), false));
                assert!(is_end(&pair[1]), "{schedule:?}");
                crashes += u32::from(pair[0].set[0].0.contains("crash"));
                partitions += u32::from(pair[0].set[0].0.contains("partition"));
            }
            assert_eq!(Unruly::of_network(seed).schedule(4), []);
        }
        assert!(crashes > 900 && partitions > 900, "{crashes} {partitions}");
    }

    #[test]
    fn trouble_has_names() {
        for trouble in Trouble::ALL {
            assert_eq!(Trouble::named(trouble.name()), Some(trouble));
        }
    }
}
