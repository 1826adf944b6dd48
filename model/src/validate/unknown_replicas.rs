//! Replicas that a configuration names and a cluster does not have.

use super::{Problem, latency_matrix, partition_groups};
use crate::config::ConfigTree;
use crate::schema;

/// What names replicas beyond the `count` that there are, each at its key. Whether a text can be read at all is checked
/// elsewhere.
pub fn unknown_replicas(config: &ConfigTree, count: u32) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut tell = |key: &str, named: Option<u32>| {
        if let Some(replica) = named {
            let message = match count.saturating_sub(1) {
                0 => format!("there is no replica {replica}: replica 0 is the only one"),
                last => format!("there is no replica {replica}: there are replicas 0 to {last}"),
            };
            problems.push(Problem { key: key.to_owned(), message });
        }
    };
    let beyond = |replica: &u32| *replica >= count;
    for descriptor in schema::descriptors().filter(|descriptor| descriptor.key.ends_with(".affected-entities")) {
        let numbers = config.numbers(descriptor.key);
        tell(descriptor.key, numbers.iter().map(|number| *number as u32).find(beyond));
    }
    let text = |key: &str| config.get(key).map(ToString::to_string).unwrap_or_default();
    if let Ok(groups) = partition_groups(&text("fault.partition.groups")) {
        tell("fault.partition.groups", groups.into_iter().flatten().find(beyond));
    }
    if let Ok(matrix) = latency_matrix(&text("fault.network.latencies")) {
        tell("fault.network.latencies", matrix.into_keys().flat_map(|(from, to)| [from, to]).find(beyond));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigValue;

    #[test]
    fn replicas_that_are_not_there_are_told_at_their_keys() {
        let mut config = schema::default_tree();
        assert_eq!(unknown_replicas(&config, 4), []);
        let four = ConfigValue::List(vec![ConfigValue::Integer(0), ConfigValue::Integer(4)]);
        config.set("fault.crash.affected-entities", four);
        config.set("fault.partition.groups", ConfigValue::Text("0,1|2,9".into()));
        config.set("fault.network.latencies", ConfigValue::Text("0-7: 40".into()));
        let problems = unknown_replicas(&config, 4);
        let told: Vec<_> = problems.iter().map(|problem| (problem.key.as_str(), problem.message.as_str())).collect();
        assert_eq!(told[0], ("fault.crash.affected-entities", "there is no replica 4: there are replicas 0 to 3"));
        assert_eq!((told[1].0, told[2].0, told.len()), ("fault.partition.groups", "fault.network.latencies", 3));
        assert_eq!(unknown_replicas(&config, 10), []);
    }
}
