//! What differs between two configurations, key by key.

use crate::state::draft::{text_at, unknown_keys};
use model::config::ConfigTree;
use model::descriptor::Descriptor;
use model::schema;
use std::collections::BTreeMap;

/// One key that differs.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The dotted key.
    pub key: String,
    /// What is known of it; nothing of a key of somebody's own.
    pub descriptor: Option<&'static Descriptor>,
    /// The value before, as it would be typed; none where the key was not there.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

impl Difference {
    /// Whether it can be sent to a running trial.
    pub fn is_live(&self) -> bool {
        self.descriptor.is_some_and(Descriptor::is_live)
    }

    /// The name that people read.
    pub fn label(&self) -> &str {
        self.descriptor.map_or(self.key.as_str(), |descriptor| descriptor.label)
    }
}

/// The known keys whose values differ, in their order, then unknown ones.
pub fn between(before: &ConfigTree, after: &ConfigTree) -> Vec<Difference> {
    let known = schema::descriptors().filter_map(|descriptor| {
        let (old, new) = (text_at(descriptor, before), text_at(descriptor, after));
        (old != new).then(|| Difference {
            key: descriptor.key.to_owned(),
            descriptor: Some(descriptor),
            before: Some(old),
            after: Some(new),
        })
    });
    let mut unknown: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
    for (key, value) in unknown_keys(before) {
        unknown.entry(key).or_default().0 = Some(value);
    }
    for (key, value) in unknown_keys(after) {
        unknown.entry(key).or_default().1 = Some(value);
    }
    let unknown = unknown.into_iter().filter(|(_, (old, new))| old != new);
    let own = unknown.map(|(key, (before, after))| Difference { key, descriptor: None, before, after });
    known.chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::config::ConfigValue;

    #[test]
    fn keys_that_differ_are_listed_with_both_values_and_unknown_ones_last() {
        let before = schema::default_tree();
        assert!(between(&before, &before).is_empty());
        let mut after = before.clone();
        after.set("mine.own", ConfigValue::Integer(3));
        after.set("general.f", ConfigValue::Integer(4));
        after.set("fault.crash.affected-entities", ConfigValue::List(vec![ConfigValue::Integer(2)]));
        let found = between(&before, &after);
        let told: Vec<_> =
            found.iter().map(|one| (one.key.as_str(), one.before.as_deref(), one.after.as_deref())).collect();
        assert_eq!(
            told,
            [
                ("general.f", Some("1"), Some("4")),
                ("fault.crash.affected-entities", Some(""), Some("2")),
                ("mine.own", None, Some("3")),
            ]
        );
        assert!(!found[0].is_live() && found[1].is_live() && !found[2].is_live());
        assert_eq!(found[2].label(), "mine.own");
    }

    #[test]
    fn another_spelling_is_no_difference_and_a_missing_key_has_its_default() {
        let before: ConfigTree = serde_json::from_str(r#"{"general":{"f":1,"learning":"no"}}"#).unwrap();
        assert!(between(&before, &ConfigTree::new()).is_empty());
    }
}
