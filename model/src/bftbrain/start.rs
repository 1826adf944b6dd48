//! Whether a configuration can be started with the framework.

use super::capability::{Capability, capability};
use crate::advance::Advanced;
use crate::config::{ConfigTree, ConfigValue};
use crate::descriptor::Descriptor;
use crate::schema;
use crate::validate::Problem;

/// What the framework cannot do of a configuration, each at its key.
pub fn check_start(tree: &ConfigTree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |key: &str, message: String| problems.push(Problem { key: key.to_owned(), message });
    for (descriptor, value) in with_values(tree) {
        let key = descriptor.key;
        match capability(key) {
            Capability::Ignored(reason) if key.starts_with("fault.") && differs(descriptor, value) => {
                add(key, format!("{reason}; take it out, or choose the engine of BFTGym"));
            }
            Capability::Live | Capability::AtStart(_) if is_drawn(value) => {
                add(
                    key,
                    "BFTBrain draws no values: write fixed or schedule in the place of uniform or normal".to_owned(),
                );
            }
            _ => {}
        }
    }
    if tree.boolean("general.learning", false) {
        add("general.learning", "BFTGym starts no learning agents: set it to false".to_owned());
    }
    problems
}

/// The keys that were changed from their defaults, and have no effect.
pub fn ignored_changes(tree: &ConfigTree) -> Vec<&'static str> {
    let ignored = |(descriptor, value): (&'static Descriptor, &ConfigValue)| {
        let ignored = matches!(capability(descriptor.key), Capability::Ignored(_)) && differs(descriptor, value);
        ignored.then_some(descriptor.key)
    };
    with_values(tree).filter_map(ignored).collect()
}

fn with_values(tree: &ConfigTree) -> impl Iterator<Item = (&'static Descriptor, &ConfigValue)> {
    schema::descriptors().filter_map(|descriptor| Some((descriptor, tree.get(descriptor.key)?)))
}

fn differs(descriptor: &Descriptor, value: &ConfigValue) -> bool {
    descriptor.kind.wire_value(value) != descriptor.kind.wire_value(&descriptor.default_value())
}

fn is_drawn(value: &ConfigValue) -> bool {
    matches!(value, ConfigValue::Tree(_)) && Advanced::parse(value).is_ok_and(|advanced| advanced.is_drawn())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_experiment_can_be_started() {
        assert_eq!(check_start(&schema::default_tree()), []);
        assert!(ignored_changes(&schema::default_tree()).is_empty());
    }

    #[test]
    fn faults_that_it_does_not_have_drawn_values_and_learning_are_refused_and_other_keys_are_named() {
        let mut tree = schema::default_tree();
        tree.set("fault.crash.affected-entities", ConfigValue::List(vec![ConfigValue::Integer(0)]));
        tree.set("general.learning", ConfigValue::Boolean(true));
        tree.set("benchmark.authentication", ConfigValue::Text("ed25519".into()));
        let drawn = crate::yaml::parse("timer: {advance: true, init: 0, uniform: {min: 1, max: 2}}").unwrap();
        tree.set("fault.slow-proposal.timer", drawn.get("timer").unwrap().clone());
        let keys: Vec<_> = check_start(&tree).into_iter().map(|problem| problem.key).collect();
        assert_eq!(keys, ["fault.slow-proposal.timer", "fault.crash.affected-entities", "general.learning"]);
        assert_eq!(ignored_changes(&tree), ["benchmark.authentication", "fault.crash.affected-entities"]);
    }
}
