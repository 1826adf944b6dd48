//! Repetitions: trials of one setting, which differ in the seed of the workload at most.

use model::config::ConfigTree;
use model::trial::TrialDetail;

/// The key that repetitions may differ in.
const SEED: &str = "benchmark.seed";

/// The places of the trials that repeat each other, in the order of the first of each group.
pub fn groups(trials: &[&TrialDetail]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, trial) in trials.iter().enumerate() {
        match groups.iter_mut().find(|group| repeats(trials[group[0]], trial)) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
}

/// Whether two trials ran the same protocol with the same settings and the same timeline.
fn repeats(one: &TrialDetail, other: &TrialDetail) -> bool {
    let settings = |config: &ConfigTree| {
        let all = config.flatten().into_iter().filter(|(key, _)| key != SEED);
        let mut all: Vec<_> = all.map(|(key, value)| (key, value.to_string())).collect();
        all.sort();
        all
    };
    one.summary.protocol == other.summary.protocol
        && one.summary.replicas == other.summary.replicas
        && one.summary.testbed == other.summary.testbed
        && one.summary.engine == other.summary.engine
        && one.protocol_text == other.protocol_text
        && one.schedule == other.schedule
        && settings(&one.config) == settings(&other.config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::trial::tests::running;
    use model::config::ConfigValue;

    #[test]
    fn another_seed_is_a_repetition_and_another_setting_is_not() {
        let (first, mut again, mut other) = (running(), running(), running());
        again.config.set(SEED, ConfigValue::Integer(7));
        again.summary.name = "again".into();
        other.config.set("benchmark.block-size", ConfigValue::Integer(1));
        assert_eq!(groups(&[&first, &other, &again]), [vec![0, 2], vec![1]]);
    }
}
