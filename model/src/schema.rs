//! The table of all known configuration keys. The editor, the command line and the checks read nothing else; a test holds
//! `default.yaml` against it.

mod benign;
mod byzantine;
mod fault;
mod framework;
mod general;
mod workload;

use crate::config::ConfigTree;
use crate::descriptor::Descriptor;

/// Every known key, in the order of `default.yaml`.
pub static DESCRIPTORS: &[&[Descriptor]] = &[
    framework::NETWORK,
    general::GENERAL,
    general::BENCHMARK,
    workload::WORKLOAD,
    fault::FAULT,
    benign::BENIGN_FAULT,
    byzantine::BYZANTINE_FAULT,
    framework::SWITCHING,
    framework::DEMO,
];

/// All descriptors, in order.
pub fn descriptors() -> impl Iterator<Item = &'static Descriptor> {
    DESCRIPTORS.iter().flat_map(|part| part.iter())
}

/// The descriptor of a key, if it is known.
pub fn descriptor(key: &str) -> Option<&'static Descriptor> {
    descriptors().find(|descriptor| descriptor.key == key)
}

/// The default experiment, from the descriptors alone.
pub fn default_tree() -> ConfigTree {
    let mut tree = ConfigTree::new();
    for descriptor in descriptors() {
        tree.set(descriptor.key, descriptor.default_value());
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_of_its_own_type_and_in_range() {
        for descriptor in descriptors() {
            descriptor.kind.parse(descriptor.default).unwrap_or_else(|error| panic!("{}: {error}", descriptor.key));
            assert!(!descriptor.help.is_empty() && !descriptor.label.is_empty(), "{}", descriptor.key);
        }
    }

    #[test]
    fn every_live_number_and_switch_of_ours_may_change_over_time() {
        use crate::descriptor::{Kind, Readers};
        for descriptor in descriptors() {
            let number = matches!(descriptor.kind, Kind::Integer { .. } | Kind::Float { .. } | Kind::Boolean);
            // The public framework casts its own live keys to plain values.
            let wanted = number && descriptor.is_live() && descriptor.readers != Readers::Framework;
            assert_eq!(descriptor.advance, wanted, "{}", descriptor.key);
        }
    }

    #[test]
    fn keys_are_unique() {
        let mut keys: Vec<_> = descriptors().map(|descriptor| descriptor.key).collect();
        keys.sort_unstable();
        let count = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn default_yaml_holds_exactly_the_described_keys_and_defaults() {
        let file = crate::yaml::parse(include_str!("../../default.yaml")).unwrap();
        let described = default_tree();
        for (key, value) in described.flatten() {
            let found = file.get(&key).unwrap_or_else(|| panic!("default.yaml lacks {key}"));
            let kind = &descriptor(&key).unwrap().kind;
            assert_eq!(kind.wire_value(found), kind.wire_value(value), "{key}");
        }
        for (key, _) in file.flatten() {
            assert!(descriptor(&key).is_some(), "default.yaml has {key}, which no descriptor describes");
        }
    }
}
