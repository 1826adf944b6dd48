//! The search for a run in which agreement breaks: liars, and random schedules of trouble, seed by seed.

use super::costs::Costs;
use super::network::Network;
use super::scenario::replicas_value;
use super::scenario::{Change, Scenario};
use crate::table::Table;
use model::config::{ConfigTree, ConfigValue};
use model::schema;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use std::sync::Arc;

/// A run of the search gives up here, µs of simulated time: all trouble is over long before.
const UNTIL_US: u64 = 3_000_000;
/// How long one replica is cut off: the others replace the leader meanwhile, more than once, µs.
const ALONE_US: u64 = 800_000;
/// Enough that several blocks are in agreement at once.
const CLIENTS: u16 = 6;
const REQUESTS: u64 = 4;

/// The run of the search with this number; `liars` replicas, the first leader among them, equivocate.
///
/// All others are correct and run all the time. In every other run the network first leaves one of them alone with the liars,
/// while blocks are in agreement, and then alone altogether, while the others go on: so it decides with the liars, who
/// then deny it. In the remaining runs nothing but the liars and the jitter gives trouble.
pub fn scenario(table: &Arc<Table>, seed: u64, liars: u32) -> Scenario {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut roll = |bound: u64| rng.next_u64() % bound.max(1);
    let delay_us = 200 + roll(4) * 200;
    let jitter_us = 2_000 + roll(4) * 2_000;
    let mut others: Vec<u32> = (1..table.n).collect();
    let mut chosen = vec![0];
    while (chosen.len() as u32) < liars && others.len() > 1 {
        chosen.push(others.swap_remove(roll(others.len() as u64) as usize));
    }
    chosen.truncate(liars as usize);
    chosen.sort_unstable();
    let alone = others[roll(others.len() as u64) as usize % others.len()];
    let mut schedule = vec![Change {
        at_us: 0,
        set: vec![("fault.equivocation.affected-entities".to_owned(), replicas_value(&chosen))],
    }];
    let partition = |at_us: u64, groups: String| Change {
        at_us,
        set: vec![("fault.partition.groups".to_owned(), ConfigValue::Text(groups))],
    };
    // Twins need blocks of two requests; the other kind of run has more blocks at once, and no twins.
    let with_partition = seed.is_multiple_of(2);
    if with_partition {
        let begin_us = 2 * delay_us + roll(4 * (delay_us + jitter_us));
        let company: Vec<String> = chosen.iter().chain([&alone]).map(ToString::to_string).collect();
        let lonely_us = begin_us + 4 * (delay_us + jitter_us);
        schedule.push(partition(begin_us, company.join(",")));
        schedule.push(partition(lonely_us, alone.to_string()));
        schedule.push(partition(lonely_us + ALONE_US, String::new()));
    }
    Scenario {
        table: Arc::clone(table),
        config: config(table.f, if with_partition { 1 } else { 3 }),
        schedule,
        network: Network {
            delay_us,
            jitter_us,
            loss_permille: 0,
            duplicate_permille: 0,
            stable_after_us: ALONE_US * 2,
        },
        costs: Costs::default(),
        seed,
        clients: CLIENTS,
        requests_a_client: REQUESTS,
        until_us: UNTIL_US,
    }
}

fn config(f: u32, block_size: i64) -> ConfigTree {
    let mut tree = schema::default_tree();
    for (key, value) in [
        ("general.f", i64::from(f)),
        ("benchmark.block-size", block_size),
        ("benchmark.checkpoint-interval", 10),
        ("benchmark.window", 10),
        ("benchmark.retransmit-interval-ms", 100),
        ("benchmark.batch-timeout-ms", 1),
        ("benchmark.timeout-trigger-interval-ms", 10),
        ("benchmark.aggregation-delay-ms", 5),
    ] {
        tree.set(key, ConfigValue::Integer(value));
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::simulate;
    use model::verdict::Verdict;

    fn breaking_seeds(text: &str, f: u32, liars: u32, seeds: u64) -> Vec<u64> {
        let table = Arc::new(crate::language::compile(text, f).unwrap());
        let breaks = |seed: &u64| matches!(simulate(&scenario(&table, *seed, liars)).verdict, Verdict::Diverged(_));
        (0..seeds).filter(breaks).collect()
    }

    #[test]
    fn one_liar_breaks_pbft_only_when_its_quorums_are_too_small() {
        let pbft = crate::definitions::find("pbft").unwrap().text();
        assert_eq!(breaking_seeds(pbft, 1, 1, 200), Vec::<u64>::new());
        for smaller in ["f + 1", "2f"] {
            let with = format!("message: commit, quorum: {smaller} }}");
            let weak = pbft.replace("message: commit, quorum: 2f + 1 }", &with);
            assert!(!breaking_seeds(&weak, 1, 1, 100).is_empty(), "commit with {smaller}");
        }
    }

    #[test]
    fn more_liars_than_the_bound_break_any_quorums() {
        let pbft = crate::definitions::find("pbft").unwrap().text();
        assert!(!breaking_seeds(pbft, 1, 2, 20).is_empty());
    }

    #[test]
    fn no_shipped_protocol_breaks_under_as_many_liars_as_it_tolerates() {
        for definition in crate::definitions::ALL {
            assert_eq!(breaking_seeds(definition.text(), 1, 1, 100), Vec::<u64>::new(), "{}", definition.name);
        }
    }
}
