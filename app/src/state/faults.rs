//! The faults that a replica can have, read off the descriptors: a list of replicas, and the values that say how bad it is.
//! What of it is in force follows from a configuration and the time; what is to be changed for a person's wish is in
//! [`action`].

pub mod action;
mod words;

use model::advance::{Advanced, REDRAW_US, draws};
use model::config::{ConfigTree, ConfigValue};
use model::descriptor::{Descriptor, Group, Kind, Readers};
use model::schema;
use std::collections::BTreeSet;
use std::sync::LazyLock;
pub use words::Words;

/// The key of the partition.
pub const PARTITION: &str = "fault.partition.groups";
/// The fault whose replicas' processes are killed.
pub const CRASH: &str = "crash";

const LIST: &str = ".affected-entities";

/// A fault that replicas are named for.
#[derive(Debug)]
pub struct Fault {
    /// What stands between `fault.` and the list in its key: "slow-proposal".
    pub name: &'static str,
    /// The list of replicas.
    pub list: &'static Descriptor,
    /// Its switch and its values.
    pub parameters: Vec<&'static Descriptor>,
    /// How the page speaks of it.
    pub words: Words,
}

/// All faults, in the order of the page: what stops a replica first, then what slows it, then lies.
pub fn all() -> &'static [Fault] {
    static ALL: LazyLock<Vec<Fault>> = LazyLock::new(|| {
        let mut faults: Vec<Fault> = schema::descriptors().filter_map(Fault::of_list).collect();
        faults.sort_by_key(|fault| fault.words.place);
        faults
    });
    &ALL
}

/// The fault of this name.
pub fn fault(name: &str) -> Option<&'static Fault> {
    all().iter().find(|fault| fault.name == name)
}

// There is one of each name.
impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Fault {
    fn of_list(list: &'static Descriptor) -> Option<Self> {
        let name = list.key.strip_prefix("fault.")?.strip_suffix(LIST)?;
        let belongs = move |descriptor: &&Descriptor| {
            let rest = descriptor.key.strip_prefix("fault.").and_then(|rest| rest.strip_prefix(name));
            rest.is_some_and(|rest| rest.starts_with('.')) && descriptor.key != list.key
        };
        let parameters = schema::descriptors().filter(belongs).collect();
        Some(Self { name, list, parameters, words: Words::of(name, list.label) })
    }

    /// The parameters that are numbers.
    pub fn values(&self) -> impl Iterator<Item = &'static Descriptor> + '_ {
        self.parameters.iter().copied().filter(|parameter| parameter.kind != Kind::Boolean)
    }

    /// The parameter that switches it on and off, if there is one.
    pub fn switch(&self) -> Option<&'static Descriptor> {
        self.parameters.iter().copied().find(|parameter| parameter.kind == Kind::Boolean)
    }

    /// Whether its list may be emptied while a trial runs. That of a fault which the public framework reads may not.
    fn can_be_empty(&self) -> bool {
        self.list.readers == Readers::Native
    }

    /// Whether it does anything to the replicas of its list: its switch is on, and one of its values is above 0.
    pub fn is_effective(&self, config: &ConfigTree, elapsed_ms: u64) -> bool {
        let on = |parameter: &Descriptor| value_at(config, parameter.key, elapsed_ms) > 0.0;
        let mut values = self.values().peekable();
        self.switch().is_none_or(on) && (values.peek().is_none() || values.any(on))
    }

    /// The replicas of its list.
    pub fn listed(&self, config: &ConfigTree) -> BTreeSet<u32> {
        let numbers = match config.get(self.list.key) {
            Some(_) => config.numbers(self.list.key),
            None => match self.list.default_value() {
                ConfigValue::List(items) => items.iter().filter_map(ConfigValue::as_f64).collect(),
                _ => Vec::new(),
            },
        };
        numbers.into_iter().filter(|number| (0.0..1e6).contains(number)).map(|number| number as u32).collect()
    }

    /// The replicas that have it at a time.
    pub fn affected(&self, config: &ConfigTree, elapsed_ms: u64) -> BTreeSet<u32> {
        if self.is_effective(config, elapsed_ms) { self.listed(config) } else { BTreeSet::new() }
    }
}

/// The number at a key at a time after the start; a switch that is on is 1.
pub fn value_at(config: &ConfigTree, key: &str, elapsed_ms: u64) -> f64 {
    Advanced::of(config, key).value_at(elapsed_ms, &mut draws(0, elapsed_ms * 1_000 / REDRAW_US))
}

/// The text of a parameter's value at a time, as it would be typed.
pub fn value_text(config: &ConfigTree, parameter: &Descriptor, elapsed_ms: u64) -> String {
    let value = value_at(config, parameter.key, elapsed_ms);
    match parameter.kind {
        Kind::Integer { .. } => format!("{value:.0}"),
        // A share has as many digits as somebody would type.
        _ => format!("{}", (value * 1e4).round() / 1e4),
    }
}

/// What stands in the input of a value that is 0 until somebody switches its fault on.
pub fn suggestion(parameter: &Descriptor) -> &'static str {
    match parameter.key {
        "fault.slow-proposal.timer" => "400",
        "fault.delay.jitter" => "0",
        key => match schema::descriptor(key).map(|known| known.kind) {
            Some(Kind::Float { .. }) => "0.5",
            _ => "100",
        },
    }
}

/// The replicas that misbehave: those that stopped answering or say what they should not. More than f of them are more
/// than a protocol promises to stand. A slow replica, or one that others leave out, is a correct one.
pub fn faulty(config: &ConfigTree, elapsed_ms: u64) -> BTreeSet<u32> {
    all().iter().filter(|fault| fault.words.faulty).flat_map(|fault| fault.affected(config, elapsed_ms)).collect()
}

/// The groups of the partition, those that no group names as one more; none without a partition.
pub fn groups(config: &ConfigTree, replicas: u32) -> Vec<BTreeSet<u32>> {
    let named = model::validate::partition_groups(&config.text(PARTITION, "")).unwrap_or_default();
    let mut groups: Vec<BTreeSet<u32>> = named
        .into_iter()
        .map(|group| group.into_iter().filter(|replica| *replica < replicas).collect::<BTreeSet<u32>>())
        .filter(|group| !group.is_empty())
        .collect();
    let rest: BTreeSet<u32> =
        (0..replicas).filter(|replica| groups.iter().all(|group| !group.contains(replica))).collect();
    if !rest.is_empty() {
        groups.push(rest);
    }
    if groups.len() > 1 { groups } else { Vec::new() }
}

/// Whether a key belongs to the faults of the page.
pub fn is_fault(descriptor: &Descriptor) -> bool {
    descriptor.group == Group::Fault
}

/// Replicas with commas between.
pub fn list_text<'a>(replicas: impl IntoIterator<Item = &'a u32>) -> String {
    replicas.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(json: &str) -> ConfigTree {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_list_of_replicas_among_the_fault_keys_is_a_fault_with_words_of_its_own() {
        let lists = schema::descriptors().filter(|known| is_fault(known) && known.key.ends_with(LIST)).count();
        assert_eq!(all().len(), lists);
        for fault in all() {
            assert!(Words::is_known(fault.name), "{} has no words in words.rs", fault.name);
        }
        let slow = fault("slow-proposal").unwrap();
        assert_eq!(slow.switch().unwrap().key, "fault.slow-proposal.attacking");
        assert_eq!(slow.values().map(|value| value.key).collect::<Vec<_>>(), ["fault.slow-proposal.timer"]);
    }

    #[test]
    fn the_default_experiment_has_no_fault() {
        let config = schema::default_tree();
        assert!(all().iter().all(|fault| fault.affected(&config, 0).is_empty()));
        assert!(faulty(&config, 0).is_empty());
        assert!(groups(&config, 4).is_empty());
    }

    #[test]
    fn a_fault_counts_from_the_moment_its_value_rises_above_nought() {
        let config = tree(
            r#"{"fault":{"slow-proposal":{"affected-entities":[0,2],
                "timer":{"advance":true,"init":0,"delay":5000,"fixed":{"value":40}}}}}"#,
        );
        let slow = fault("slow-proposal").unwrap();
        assert!(slow.affected(&config, 4_999).is_empty());
        assert_eq!(slow.affected(&config, 5_000), BTreeSet::from([0, 2]));
        assert_eq!(value_text(&config, schema::descriptor("fault.slow-proposal.timer").unwrap(), 6_000), "40");
        assert!(faulty(&config, 6_000).is_empty(), "slow is not faulty");
    }

    #[test]
    fn those_in_no_group_are_one_more_group_and_a_group_alone_is_no_partition() {
        let mut config = schema::default_tree();
        config.set(PARTITION, ConfigValue::Text("3".into()));
        assert_eq!(groups(&config, 4), [BTreeSet::from([3]), BTreeSet::from([0, 1, 2])]);
        config.set(PARTITION, ConfigValue::Text("0,1,2,3".into()));
        assert!(groups(&config, 4).is_empty());
        config.set(PARTITION, ConfigValue::Text("0,1|2,3,9".into()));
        assert_eq!(groups(&config, 4), [BTreeSet::from([0, 1]), BTreeSet::from([2, 3])]);
    }
}
