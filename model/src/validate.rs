//! Checks of a whole configuration and of changes to a running one.

mod latency;
mod partition;
mod replica_number;
mod similar;
mod unknown_replicas;

pub use latency::{LatencyMatrix, latency_matrix};
pub use partition::partition_groups;
pub use similar::{closest_key, similar_key};
pub use unknown_replicas::unknown_replicas;

use crate::advance::Advanced;
use crate::config::{ConfigTree, ConfigValue};
use crate::descriptor::{Descriptor, Effect, Kind, Readers};
use crate::patch::PatchItem;
use crate::{schema, yaml};
use serde::{Deserialize, Serialize};

/// One thing that is wrong with a configuration, at a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The dotted key.
    pub key: String,
    /// A sentence: what is wrong and what would be right.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.key, self.message)
    }
}

/// A key changed by a person: the new value as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The dotted key.
    pub key: String,
    /// The value as typed; [`crate::descriptor::Kind::parse`] reads it. A value that varies is a mapping in one line:
    /// `{advance: true, init: 0, fixed: {value: 40}}`.
    pub text: String,
}

impl Change {
    /// The change that gives a key this value.
    pub fn to(key: impl Into<String>, value: &ConfigValue) -> Self {
        let text = match value {
            ConfigValue::Tree(_) => yaml::one_line(value),
            value => value.to_string(),
        };
        Self { key: key.into(), text }
    }
}

/// The longest text of a value, bytes.
const MAX_TEXT_BYTES: usize = 16 << 10;

/// Everything wrong with a configuration that is about to be started. Unknown keys are no problem: they are passed on.
pub fn check_tree(tree: &ConfigTree) -> Vec<Problem> {
    let mut problems: Vec<Problem> = schema::descriptors()
        .filter_map(|descriptor| {
            let value = tree.get(descriptor.key)?;
            let message = check_value(descriptor, value).err()?;
            Some(Problem { key: descriptor.key.to_owned(), message })
        })
        .collect();
    if problems.is_empty() {
        problems.extend(check_across_keys(tree));
    }
    problems
}

/// Checks one value against its descriptor, the `advance` form included.
///
/// # Errors
/// A sentence that names what is expected, and the place within an advanced value.
pub fn check_value(descriptor: &Descriptor, value: &ConfigValue) -> Result<(), String> {
    match value {
        ConfigValue::Tree(tree) if tree.boolean("advance", false) => {
            if !descriptor.advance {
                return Err("this key takes a plain value only".to_owned());
            }
            let advanced = Advanced::parse(value)?;
            let mut places = advanced.named_values().into_iter();
            places.try_for_each(|(place, number)| check_named(&descriptor.kind, place, number))
        }
        value => {
            descriptor.kind.check(value)?;
            check_syntax(descriptor.key, value)
        }
    }
}

/// Checks a value that an advanced one names. A switch is on above 0, so that any number will do. A whole number must be
/// one where it is taken as it is; the bounds of draws may lie between.
fn check_named(kind: &Kind, place: &str, number: f64) -> Result<(), String> {
    let taken = !place.starts_with("uniform.") && !place.starts_with("normal.");
    let checked = match *kind {
        Kind::Boolean => Ok(()),
        Kind::Integer { min, max } if !taken => {
            Kind::Float { min: min as f64, max: max as f64 }.check(&ConfigValue::Float(number))
        }
        kind => kind.check(&ConfigValue::Float(number)),
    };
    checked.map_err(|message| format!("{place}: {message}"))
}

/// Checks texts that have a form of their own.
fn check_syntax(key: &str, value: &ConfigValue) -> Result<(), String> {
    match key {
        "fault.partition.groups" => partition_groups(&value.to_string()).map(|_| ()),
        "fault.network.latencies" => latency_matrix(&value.to_string()).map(|_| ()),
        _ => Ok(()),
    }
}

fn check_across_keys(tree: &ConfigTree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |key: &str, message: String| problems.push(Problem { key: key.to_owned(), message });
    let contention = greatest_named(tree, "workload.contention-level");
    let dataset = tree.integer("workload.dataset-size", 100);
    if contention > dataset as f64 {
        add(
            "workload.contention-level",
            format!(
                "{contention} records are more than the data set has ({dataset}): lower it, or raise workload.dataset-size"
            ),
        );
    }
    let shares = tree.numbers("workload.distribution");
    if tree.get("workload.distribution").is_some() {
        let sum: f64 = shares.iter().sum();
        if shares.len() != 4 {
            add("workload.distribution", format!("expected four shares, found {}", shares.len()));
        } else if (sum - 1.0).abs() > 1e-6 {
            add("workload.distribution", format!("the four shares add up to {sum}, not to 1"));
        }
    }
    problems
}

/// The greatest value that is named at a key; draws of a normal distribution may go beyond.
fn greatest_named(tree: &ConfigTree, key: &str) -> f64 {
    Advanced::of(tree, key).named_values().into_iter().map(|(_, value)| value).fold(0.0, f64::max)
}

/// Turns changes into the items of a patch for a running trial.
///
/// # Errors
/// All problems, one a key: an unknown key, a value that does not fit, a key that cannot change while a trial runs.
/// Nothing is changed then.
pub fn check_changes(current: &ConfigTree, changes: &[Change]) -> Result<Vec<PatchItem>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut items = Vec::new();
    let mut after = current.clone();
    for change in changes {
        match check_change(change) {
            Ok((descriptor, value)) => {
                if let Effect::NextStart(reason) = descriptor.effect {
                    let message = format!("this key takes effect at the next start only: {reason}");
                    problems.push(Problem { key: change.key.clone(), message });
                    continue;
                }
                after.set(&change.key, value.clone());
                items.push(PatchItem {
                    kind: descriptor.kind.patch_type().to_owned(),
                    key: change.key.clone(),
                    value: descriptor.kind.wire_value(&value),
                });
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        problems = check_across_keys(&after);
    }
    // An empty list has no form that units of the public framework can read. Its text is an empty list to ours.
    for item in &items {
        let framework_reads = schema::descriptor(&item.key).is_none_or(|known| known.readers != Readers::Native);
        if framework_reads && item.kind.ends_with("_list") && item.value == ConfigValue::Text(String::new()) {
            let message =
                "an empty list cannot be sent to units: name at least one, or switch the fault off".to_owned();
            problems.push(Problem { key: item.key.clone(), message });
        }
    }
    if problems.is_empty() { Ok(items) } else { Err(problems) }
}

/// Puts changes into a configuration that has not been started yet.
///
/// # Errors
/// All problems, one a key; the tree is unchanged then.
pub fn apply_changes(tree: &mut ConfigTree, changes: &[Change]) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut after = tree.clone();
    for change in changes {
        match check_change(change) {
            Ok((_, value)) => after.set(&change.key, value),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        problems = check_tree(&after);
    }
    if problems.is_empty() {
        *tree = after;
        Ok(())
    } else {
        Err(problems)
    }
}

/// Reads one change and checks its value by itself, without a look at other keys.
///
/// # Errors
/// What is wrong, at its key: there is no such key, or the value does not fit it.
pub fn check_change(change: &Change) -> Result<(&'static Descriptor, ConfigValue), Problem> {
    let problem = |message: String| Problem { key: change.key.clone(), message };
    let descriptor = schema::descriptor(&change.key).ok_or_else(|| {
        problem(match similar_key(&change.key) {
            Some(known) => format!("there is no such key; did you mean {known}?"),
            None => "there is no such key, and none that is similar; default.yaml has them all".to_owned(),
        })
    })?;
    if change.text.len() > MAX_TEXT_BYTES {
        return Err(problem(format!("the value has {} bytes; at most {MAX_TEXT_BYTES} fit", change.text.len())));
    }
    let value = read_value(descriptor, &change.text).map_err(problem)?;
    Ok((descriptor, value))
}

/// Reads the value of a key as typed, also one that varies: a mapping in one line.
///
/// # Errors
/// A sentence that names what is expected.
pub fn read_value(descriptor: &Descriptor, text: &str) -> Result<ConfigValue, String> {
    let value = match text.trim_start().starts_with('{') && descriptor.advance {
        true => varying(text)?,
        false => descriptor.kind.parse(text)?,
    };
    check_value(descriptor, &value)?;
    Ok(value)
}

/// A value that varies, from a mapping in one line.
fn varying(text: &str) -> Result<ConfigValue, String> {
    match yaml::parse(text) {
        Ok(tree) if tree.boolean("advance", false) => Ok(ConfigValue::Tree(tree)),
        Ok(_) => Err("a value that varies begins with `advance: true`".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(key: &str, text: &str) -> Change {
        Change { key: key.into(), text: text.into() }
    }

    #[test]
    fn the_default_experiment_is_valid() {
        assert_eq!(check_tree(&schema::default_tree()), []);
    }

    #[test]
    fn a_wrong_type_an_unknown_key_and_a_range_each_get_their_own_sentence() {
        let tree = schema::default_tree();
        let problems = check_changes(
            &tree,
            &[
                change("fault.slow-proposal.timer", "soon"),
                change("fault.slow-proposal.timr", "4"),
                change("fault.slow-proposal.timer", "-4"),
                change("general.f", "2"),
                change("fault.in-dark.affected-entities", "1, x"),
            ],
        )
        .unwrap_err();
        let text: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(text[0].contains("\"soon\" is not a whole number"), "{text:?}");
        assert!(text[1].contains("did you mean fault.slow-proposal.timer?"), "{text:?}");
        assert!(text[2].contains("out of range: 0 to 60000"), "{text:?}");
        assert!(text[3].contains("next start only"), "{text:?}");
        assert!(text[4].contains("\"x\" does not belong in a list of whole numbers"), "{text:?}");
    }

    #[test]
    fn contention_beyond_the_data_set_is_refused_live_and_at_the_start() {
        let mut tree = schema::default_tree();
        assert!(check_changes(&tree, &[change("workload.contention-level", "200")]).is_err());
        assert!(apply_changes(&mut tree, &[change("workload.contention-level", "200")]).is_err());
        assert!(
            apply_changes(
                &mut tree,
                &[change("workload.contention-level", "200"), change("workload.dataset-size", "200")]
            )
            .is_ok()
        );
    }

    #[test]
    fn a_list_goes_over_the_wire_without_blanks() {
        let items =
            check_changes(&schema::default_tree(), &[change("fault.in-dark.affected-entities", "1, 3")]).unwrap();
        assert_eq!(items[0].value, ConfigValue::Text("1,3".into()));
        assert_eq!(items[0].kind, "int_list");
        assert!(check_changes(&schema::default_tree(), &[change("fault.in-dark.affected-entities", "")]).is_err());
    }

    #[test]
    fn an_empty_list_of_a_key_that_only_we_read_takes_everybody_out() {
        let mut tree = schema::default_tree();
        tree.set("fault.crash.affected-entities", ConfigValue::List(vec![ConfigValue::Integer(2)]));
        let items = check_changes(&tree, &[change("fault.crash.affected-entities", " ")]).unwrap();
        assert_eq!(items[0].value, ConfigValue::Text(String::new()));
        tree.set(&items[0].key, items[0].tree_value());
        assert_eq!(tree.get("fault.crash.affected-entities"), Some(&ConfigValue::List(Vec::new())));
        assert_eq!(check_tree(&tree), []);
    }

    #[test]
    fn the_groups_of_a_partition_are_checked_in_a_file_and_in_a_change() {
        let mut tree = schema::default_tree();
        assert!(check_changes(&tree, &[change("fault.partition.groups", "0,1|2,3")]).is_ok());
        assert!(check_changes(&tree, &[change("fault.partition.groups", "")]).is_ok());
        let problems = check_changes(&tree, &[change("fault.partition.groups", "0,1|1")]).unwrap_err();
        assert_eq!(
            problems[0].to_string(),
            "fault.partition.groups: replica 1 is named twice; each belongs to one group"
        );
        tree.set("fault.partition.groups", ConfigValue::Text("0 to 3".into()));
        assert!(check_tree(&tree)[0].message.contains("write groups like 0,1|2,3"));
    }

    #[test]
    fn a_latency_matrix_is_checked_in_a_file_and_in_a_change() {
        let mut tree = schema::default_tree();
        assert!(check_changes(&tree, &[change("fault.network.latencies", "0-1: 40, 2>3: 5.5")]).is_ok());
        assert!(check_changes(&tree, &[change("fault.network.latencies", "")]).is_ok());
        let problems = check_changes(&tree, &[change("fault.network.latencies", "0-0: 4")]).unwrap_err();
        assert_eq!(problems[0].to_string(), "fault.network.latencies: \"0-0: 4\": replica 0 has no link to itself");
        tree.set("fault.network.latencies", ConfigValue::Text("40 ms".into()));
        assert!(check_tree(&tree)[0].message.contains("write latencies in ms like 0-1: 40"));
    }

    #[test]
    fn an_advanced_value_is_checked_against_its_keys_type_and_range_with_its_place() {
        let problem = |key: &str, yaml: &str| {
            let mut tree = schema::default_tree();
            tree.set(key, crate::yaml::parse(&format!("value: {yaml}")).unwrap().get("value").unwrap().clone());
            check_tree(&tree).first().map(ToString::to_string).unwrap_or_default()
        };
        let timer = "fault.slow-proposal.timer";
        for (key, yaml, wanted) in [
            (timer, "{advance: true, init: 0, fixed: {value: 40}}", ""),
            (timer, "{advance: true, init: 0, normal: {mean: 2.5, deviation: 1}}", ""),
            ("fault.in-dark.generator", "{advance: true, init: false, uniform: {min: -1, max: 1}}", ""),
            ("fault.network.loss", "{advance: true, init: 0, schedule: {values: [0.1, 0], intervals: [500]}}", ""),
            (
                "fault.network.loss",
                "{advance: true, init: 0, uniform: {min: 0, max: 2}}",
                "uniform.max: 2 is out of range",
            ),
            (timer, "{advance: true, init: 0.5, fixed: {value: 40}}", "init: expected a whole number"),
            (
                timer,
                "{advance: true, init: 0, fixed: {value: 70000}}",
                "fixed.value: 70000 is out of range: 0 to 60000",
            ),
            (timer, "{advance: true, init: 0}", "needs one of fixed, uniform, normal, schedule"),
            (timer, "{init: 0}", "expected a whole number, found a group of keys"),
            ("general.f", "{advance: true, init: 1, fixed: {value: 2}}", "takes a plain value only"),
            (
                "workload.contention-level",
                "{advance: true, init: 1, schedule: {values: [50, 200], intervals: [1000]}}",
                "200 records are more than the data set has (100)",
            ),
        ] {
            let found = problem(key, yaml);
            match wanted {
                "" => assert_eq!(found, "", "{key}: {yaml}"),
                wanted => assert!(found.starts_with(&format!("{key}: ")) && found.contains(wanted), "{yaml}: {found}"),
            }
        }
    }

    #[test]
    fn shares_that_do_not_add_up_are_refused() {
        let problems =
            check_changes(&schema::default_tree(), &[change("workload.distribution", "0.5,0,0,0")]).unwrap_err();
        assert!(problems[0].message.contains("add up to 0.5"), "{problems:?}");
    }
}
