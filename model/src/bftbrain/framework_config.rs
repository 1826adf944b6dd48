//! The configuration as the framework's loader reads it. That loader is no full YAML reader, and a Python one may read the
//! text before: block style only, lists indented below their keys, numbers and truth values in the one spelling that both
//! understand.

use super::capability::capability;
use super::protocol_name::FrameworkProtocol;
use crate::config::{ConfigTree, ConfigValue};
use crate::descriptor::{Kind, Readers};
use crate::{schema, yaml};

/// The pool without which no process of the framework starts: it takes everybody's roles from this protocol.
const ROLES: &str = "cheapbft";
const POOL: &str = "switching.protocol-pool";

/// The text of `config.framework.yaml` for a trial with a protocol. An empty list is left out, which the framework takes
/// for one; what only our units read is left out, too; what nothing is known of is passed on.
pub fn framework_config(tree: &ConfigTree, protocol: &FrameworkProtocol) -> String {
    let mut out = ConfigTree::new();
    for descriptor in schema::descriptors().filter(|known| known.readers != Readers::Native) {
        let value = tree.get(descriptor.key).cloned().unwrap_or_else(|| descriptor.default_value());
        out.set(descriptor.key, spelled(&descriptor.kind, value));
    }
    for (name, value) in tree.entries() {
        pass_on(name, value, &mut out);
    }
    out.set(POOL, ConfigValue::List(framework_pool(tree, protocol).into_iter().map(ConfigValue::Text).collect()));
    out.set("general.learning", ConfigValue::Boolean(false));
    out.set("demo.enabled", ConfigValue::Boolean(true));
    let mut text = String::new();
    write(&out, 0, &mut text);
    text
}

/// The protocols that are loaded: those of the configuration, the one that runs, and the one that has the roles.
pub fn framework_pool(tree: &ConfigTree, protocol: &FrameworkProtocol) -> Vec<String> {
    let named = match tree.get(POOL) {
        Some(ConfigValue::List(items)) => items.iter().filter_map(ConfigValue::as_text).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let mut pool: Vec<String> = Vec::new();
    for name in named.into_iter().chain([ROLES.to_owned(), protocol.to_string()]) {
        if !pool.contains(&name) && FrameworkProtocol::try_from(name.clone()).is_ok() {
            pool.push(name);
        }
    }
    pool
}

/// Keys that nothing is known of. Sections of protocol files would hide the protocols' own.
fn pass_on(path: &str, value: &ConfigValue, out: &mut ConfigTree) {
    if matches!(path, "plugins" | "protocol") || schema::descriptor(path).is_some() {
        return;
    }
    match value {
        ConfigValue::Tree(level) if !level.entries().is_empty() => {
            for (name, value) in level.entries() {
                pass_on(&format!("{path}.{name}"), value, out);
            }
        }
        value if capability(path).without_effect().is_none() => out.set(path, value.clone()),
        _ => {}
    }
}

/// A value in the spelling of the framework: a switch that varies has truth values, where ours may have numbers.
fn spelled(kind: &Kind, value: ConfigValue) -> ConfigValue {
    let ConfigValue::Tree(tree) = value else { return value };
    let mut spelled = tree.clone();
    if tree.get("delay").is_none() {
        spelled.set("delay", ConfigValue::Integer(0));
    }
    if *kind == Kind::Boolean {
        for path in ["init", "fixed.value", "schedule.values"] {
            if let Some(value) = tree.get(path) {
                spelled.set(path, switch(value));
            }
        }
    }
    ConfigValue::Tree(spelled)
}

fn switch(value: &ConfigValue) -> ConfigValue {
    match value {
        ConfigValue::List(items) => ConfigValue::List(items.iter().map(switch).collect()),
        value => value.as_f64().map_or_else(|| value.clone(), |number| ConfigValue::Boolean(number > 0.0)),
    }
}

fn write(tree: &ConfigTree, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for (key, value) in tree.entries() {
        match value {
            ConfigValue::Null(()) => {}
            ConfigValue::List(items) if items.is_empty() => {}
            ConfigValue::Tree(level) if level.entries().is_empty() => {}
            ConfigValue::Tree(level) => {
                out.push_str(&format!("{indent}{}:\n", yaml::scalar_text(key)));
                write(level, depth + 1, out);
            }
            ConfigValue::List(items) => {
                out.push_str(&format!("{indent}{}:\n", yaml::scalar_text(key)));
                for item in items {
                    out.push_str(&format!("{indent}  - {}\n", scalar(item)));
                }
            }
            value => out.push_str(&format!("{indent}{}: {}\n", yaml::scalar_text(key), scalar(value))),
        }
    }
}

fn scalar(value: &ConfigValue) -> String {
    match value {
        // Without an exponent, which Java's and Python's readers do not agree on.
        ConfigValue::Float(number) if number.is_finite() => number.to_string(),
        ConfigValue::Text(text) if is_address(text) => text.clone(),
        value => yaml::one_line(value),
    }
}

/// `127.0.0.1:9020`, `8999/w/4f…`: text to every reader, although it begins with a digit.
fn is_address(text: &str) -> bool {
    let known = |each: char| each.is_ascii_alphanumeric() || matches!(each, '.' | ':' | '/' | '-');
    text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(known)
        && (text.contains("/w/") || text.matches('.').count() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pbft() -> FrameworkProtocol {
        FrameworkProtocol::own("pbft").unwrap()
    }

    #[test]
    fn the_default_experiment_is_written_in_block_style_with_what_the_framework_reads_and_nothing_else() {
        let mut tree = schema::default_tree();
        tree.set("demo.update_port", ConfigValue::Text("8999/w/0a1b".into()));
        tree.set("switching.debug-sequence", ConfigValue::List(vec![ConfigValue::Text("pbft".into())]));
        tree.set("protocol.general.leader", ConfigValue::Text("stable".into()));
        let text = framework_config(&tree, &pbft());
        assert!(text.starts_with("network:\n  server: 127.0.0.1:9020\n  units:\n    - 127.0.0.1:9021\n"), "{text}");
        assert!(text.contains("  update_port: 8999/w/0a1b\n"), "{text}");
        assert!(text.contains("  distribution:\n    - 1\n    - 0\n    - 0\n    - 0\n"), "{text}");
        assert!(text.contains("  debug-sequence:\n    - pbft\n"), "{text}");
        assert!(text.contains("  attacking: true\n"), "{text}");
        assert!(!text.contains(['[', '{', '"', '#', '\t']), "{text}");
        assert!(!text.contains("crash") && !text.contains("window") && !text.contains("leader: stable"), "{text}");
        assert_eq!(yaml::parse(&text).unwrap().integer("benchmark.block-size", 0), 10);
    }

    #[test]
    fn the_pool_has_the_protocol_that_runs_and_the_one_that_has_the_roles() {
        let mut tree = schema::default_tree();
        let names =
            |names: &[&str]| ConfigValue::List(names.iter().map(|name| ConfigValue::Text((*name).into())).collect());
        tree.set(POOL, names(&["sbft", "../secret"]));
        let mine = FrameworkProtocol::written_out("mine");
        assert_eq!(framework_pool(&tree, &mine), ["sbft", "cheapbft", "mine"]);
        assert!(framework_config(&tree, &mine).contains("  protocol-pool:\n    - sbft\n    - cheapbft\n    - mine\n"));
    }

    #[test]
    fn values_over_time_switches_small_numbers_and_empty_lists_are_spelled_as_it_reads_them() {
        let mut tree = schema::default_tree();
        let over_time = |text: &str| yaml::parse(&format!("v: {text}")).unwrap().get("v").unwrap().clone();
        tree.set(
            "fault.in-dark.generator",
            over_time("{advance: true, init: 0, schedule: {values: [0, 1], intervals: [500]}}"),
        );
        tree.set("fault.slow-proposal.timer", over_time("{advance: true, init: 0, delay: 5, fixed: {value: 40}}"));
        tree.set("fault.timeout.affected-entities", ConfigValue::List(vec![]));
        tree.set("workload.read-only-ratio", ConfigValue::Float(1e-7));
        let text = framework_config(&tree, &pbft());
        let generator = "    generator:\n      advance: true\n      init: false\n      schedule:\n        values:\n          \
                         - false\n          - true\n        intervals:\n          - 500\n      delay: 0\n";
        assert!(text.contains(generator), "{text}");
        assert!(text.contains("      delay: 5\n      fixed:\n        value: 40\n"), "{text}");
        assert!(text.contains("  timeout:\n    generator: 0\n"), "{text}");
        assert!(text.contains("  read-only-ratio: 0.0000001\n"), "{text}");
    }

    #[test]
    fn text_that_a_reader_could_take_for_something_else_is_quoted() {
        let mut tree = schema::default_tree();
        tree.set("mine.own", ConfigValue::Text("no".into()));
        tree.set("mine.time", ConfigValue::Text("12:30:00".into()));
        let text = framework_config(&tree, &pbft());
        assert!(text.contains("mine:\n  own: \"no\"\n  time: \"12:30:00\"\n"), "{text}");
    }
}
