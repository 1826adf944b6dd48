//! What a person wants done to replicas, and the changes of keys that do it: what the panel sends at once, what the draft
//! takes for the next start, and what a timeline's entry means when its time has come.

use super::{Fault, all, fault, groups, is_fault, list_text, suggestion, value_at};
use model::config::ConfigTree;
use model::descriptor::{Descriptor, Kind, Readers};
use model::schema;
use model::validate::{Change, check_changes};
use std::collections::BTreeSet;

/// Something done to replicas, or to keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A fault begins at these replicas.
    Begin {
        /// The fault's name.
        fault: String,
        /// The replicas.
        replicas: BTreeSet<u32>,
        /// Values by key, as typed; all replicas with the fault share them.
        values: Vec<(String, String)>,
    },
    /// A fault ends at these replicas.
    End {
        /// The fault's name.
        fault: String,
        /// The replicas.
        replicas: BTreeSet<u32>,
    },
    /// These replicas are cut off from the others, and stay together.
    Cut {
        /// The replicas.
        replicas: BTreeSet<u32>,
    },
    /// The partition ends.
    Heal,
    /// All faults end.
    Clear,
    /// Keys get these values.
    Set {
        /// The keys with their values as typed.
        changes: Vec<Change>,
    },
}

/// The changes that carry out an action on a configuration, in order; none where nothing is to be done.
pub fn changes(config: &ConfigTree, action: &Action, elapsed_ms: u64) -> Vec<Change> {
    let wanted = match action {
        Action::Begin { fault: name, replicas, values } => {
            fault(name).map(|fault| begin(config, fault, replicas, values, elapsed_ms)).unwrap_or_default()
        }
        Action::End { fault: name, replicas } => {
            fault(name).map(|fault| end(config, fault, replicas, elapsed_ms)).unwrap_or_default()
        }
        Action::Cut { replicas } => cut(config, replicas),
        Action::Heal => vec![change(super::PARTITION, String::new())],
        Action::Clear => clear(),
        Action::Set { changes } => changes.clone(),
    };
    wanted.into_iter().filter(|change| differs(config, change)).collect()
}

fn begin(
    config: &ConfigTree,
    fault: &Fault,
    replicas: &BTreeSet<u32>,
    values: &[(String, String)],
    elapsed_ms: u64,
) -> Vec<Change> {
    // Who is on the list of a fault that is off is not meant.
    let mut listed = fault.affected(config, elapsed_ms);
    listed.extend(replicas);
    let mut changes = vec![change(fault.list.key, list_text(&listed))];
    changes.extend(values.iter().map(|(key, text)| change(key, text.clone())));
    let given = |parameter: &Descriptor| values.iter().any(|(key, _)| key == parameter.key);
    if let Some(switch) = fault.switch().filter(|switch| value_at(config, switch.key, elapsed_ms) <= 0.0) {
        changes.push(change(switch.key, "true".to_owned()));
    }
    let above_nought = |parameter: &Descriptor| value_at(config, parameter.key, elapsed_ms) > 0.0;
    if !fault.values().any(|value| given(value) || above_nought(value))
        && let Some(first) = fault.values().next()
    {
        changes.push(change(first.key, suggestion(first).to_owned()));
    }
    changes
}

fn end(config: &ConfigTree, fault: &Fault, replicas: &BTreeSet<u32>, elapsed_ms: u64) -> Vec<Change> {
    let affected = fault.affected(config, elapsed_ms);
    let left: BTreeSet<u32> = affected.difference(replicas).copied().collect();
    match (left.len() == affected.len(), left.is_empty() && !fault.can_be_empty()) {
        (true, _) => Vec::new(),
        (false, false) => vec![change(fault.list.key, list_text(&left))],
        (false, true) => switch_off(fault),
    }
}

/// By its values where it has some: the switch stays as it is for the form, where a value then is all that is needed.
fn switch_off(fault: &Fault) -> Vec<Change> {
    let values: Vec<_> = fault.values().map(|value| change(value.key, "0".to_owned())).collect();
    match (values.is_empty(), fault.switch()) {
        (true, Some(switch)) => vec![change(switch.key, "false".to_owned())],
        _ => values,
    }
}

fn cut(config: &ConfigTree, replicas: &BTreeSet<u32>) -> Vec<Change> {
    let named = model::validate::partition_groups(&config.text(super::PARTITION, "")).unwrap_or_default();
    let others = named.into_iter().map(|group| group.into_iter().filter(|one| !replicas.contains(one)).collect());
    let mut groups: Vec<BTreeSet<u32>> = others.filter(|group: &BTreeSet<u32>| !group.is_empty()).collect();
    groups.push(replicas.clone());
    let texts: Vec<_> = groups.iter().map(list_text).collect();
    vec![change(super::PARTITION, texts.join("|"))]
}

/// Every fault's default is that there is none; a list that may not be empty has no effect then.
fn clear() -> Vec<Change> {
    let may_stay = |descriptor: &Descriptor| {
        all().iter().any(|fault| fault.list.key == descriptor.key) && descriptor.readers != Readers::Native
    };
    let faults = schema::descriptors().filter(|descriptor| is_fault(descriptor) && !may_stay(descriptor));
    faults.map(|descriptor| change(descriptor.key, descriptor.default.to_owned())).collect()
}

/// Whether a selection can be cut off: it is not everybody.
pub fn can_cut(config: &ConfigTree, selected: &BTreeSet<u32>, replicas: u32) -> bool {
    let inside = selected.iter().filter(|replica| **replica < replicas).count();
    inside > 0 && inside < replicas as usize && groups(config, replicas).iter().all(|group| group != selected)
}

/// Puts changes into a configuration; one that cannot be read is left out.
pub fn put(config: &mut ConfigTree, changes: &[Change]) {
    match check_changes(config, changes) {
        Ok(items) => items.iter().for_each(|item| config.set(&item.key, item.tree_value())),
        Err(_) => {
            for change in changes {
                if let Some(Ok(value)) = schema::descriptor(&change.key).map(|known| known.kind.parse(&change.text)) {
                    config.set(&change.key, value);
                }
            }
        }
    }
}

fn change(key: &str, text: String) -> Change {
    Change { key: key.to_owned(), text }
}

/// Whether a change changes anything. One that cannot be read does: whoever checks it says what is wrong.
fn differs(config: &ConfigTree, change: &Change) -> bool {
    let Some(descriptor) = schema::descriptor(&change.key) else { return true };
    let Ok(new) = descriptor.kind.parse(&change.text) else { return true };
    let old = config.get(&change.key).cloned().unwrap_or_else(|| descriptor.default_value());
    // A file may name a single replica without the brackets of a list.
    let old = match (&descriptor.kind, old.as_i64()) {
        (Kind::IntegerList { .. }, Some(_)) => descriptor.kind.parse(&old.to_string()).unwrap_or(old),
        _ => old,
    };
    descriptor.kind.wire_value(&new) != descriptor.kind.wire_value(&old)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::validate::apply_changes;

    fn replicas(numbers: &[u32]) -> BTreeSet<u32> {
        numbers.iter().copied().collect()
    }

    fn begin(fault: &str, numbers: &[u32]) -> Action {
        Action::Begin { fault: fault.into(), replicas: replicas(numbers), values: Vec::new() }
    }

    fn end(fault: &str, numbers: &[u32]) -> Action {
        Action::End { fault: fault.into(), replicas: replicas(numbers) }
    }

    fn texts(changes: &[Change]) -> Vec<String> {
        changes.iter().map(|change| format!("{}={}", change.key.trim_start_matches("fault."), change.text)).collect()
    }

    /// Carries an action out, as an Update would.
    fn after(config: &ConfigTree, action: &Action) -> ConfigTree {
        let changes = changes(config, action, 0);
        assert!(check_changes(config, &changes).is_ok(), "{:?}", check_changes(config, &changes));
        let mut after = config.clone();
        apply_changes(&mut after, &changes).unwrap();
        after
    }

    #[test]
    fn every_fault_begins_at_a_second_replica_and_ends_at_one_after_the_other() {
        for fault in all() {
            let config = schema::default_tree();
            let one = after(&config, &begin(fault.name, &[2]));
            assert_eq!(fault.affected(&one, 0), replicas(&[2]), "{}", fault.name);
            let two = after(&one, &begin(fault.name, &[0]));
            assert_eq!(fault.affected(&two, 0), replicas(&[0, 2]), "{}", fault.name);
            let rest = after(&two, &end(fault.name, &[2]));
            assert_eq!(fault.affected(&rest, 0), replicas(&[0]), "{}", fault.name);
            let none = after(&rest, &end(fault.name, &[0]));
            assert!(fault.affected(&none, 0).is_empty(), "{}", fault.name);
            assert_eq!(changes(&none, &end(fault.name, &[0]), 0), [], "{}", fault.name);
        }
    }

    #[test]
    fn the_replicas_of_a_list_whose_fault_is_off_do_not_get_it_when_another_one_does() {
        let config = schema::default_tree();
        let found = changes(&config, &begin("in-dark", &[3]), 0);
        assert_eq!(texts(&found), ["in-dark.affected-entities=3", "in-dark.generator=true"]);
    }

    #[test]
    fn a_value_that_is_given_is_taken_and_one_that_stands_is_kept() {
        let mut config = schema::default_tree();
        let values = vec![("fault.slow-proposal.timer".to_owned(), "30".to_owned())];
        let action = Action::Begin { fault: "slow-proposal".into(), replicas: replicas(&[0]), values };
        config = after(&config, &action);
        assert_eq!(config.integer("fault.slow-proposal.timer", 0), 30);
        let found = changes(&config, &begin("slow-proposal", &[1]), 0);
        assert_eq!(texts(&found), ["slow-proposal.affected-entities=0,1"]);
    }

    #[test]
    fn cutting_off_twice_makes_three_groups_and_healing_makes_one() {
        let config = schema::default_tree();
        let once = after(&config, &Action::Cut { replicas: replicas(&[3]) });
        assert_eq!(once.text(super::super::PARTITION, ""), "3");
        let twice = after(&once, &Action::Cut { replicas: replicas(&[1, 2]) });
        assert_eq!(twice.text(super::super::PARTITION, ""), "3|1,2");
        let moved = after(&twice, &Action::Cut { replicas: replicas(&[2, 3]) });
        assert_eq!(moved.text(super::super::PARTITION, ""), "1|2,3");
        assert!(!can_cut(&moved, &replicas(&[2, 3]), 4), "they are one group already");
        assert!(!can_cut(&config, &replicas(&[0, 1, 2, 3]), 4) && !can_cut(&config, &replicas(&[]), 4));
        let healed = after(&moved, &Action::Heal);
        assert_eq!(changes(&healed, &Action::Heal, 0), []);
    }

    #[test]
    fn clearing_ends_everything_at_once_and_touches_nothing_else() {
        let mut config = schema::default_tree();
        for fault in all() {
            config = after(&config, &begin(fault.name, &[1, 2]));
        }
        config = after(&config, &Action::Cut { replicas: replicas(&[0]) });
        config.set("fault.network.loss", model::config::ConfigValue::Float(0.1));
        let cleared = after(&config, &Action::Clear);
        assert!(all().iter().all(|fault| fault.affected(&cleared, 0).is_empty()));
        assert!(groups(&cleared, 4).is_empty());
        assert_eq!(cleared.number("fault.network.loss", 1.0), 0.0);
        assert_eq!(changes(&schema::default_tree(), &Action::Clear, 0), []);
    }
}
