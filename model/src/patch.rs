//! Changes to a running trial's configuration, in the form every unit understands.

use crate::config::{ConfigTree, ConfigValue};
use serde::{Deserialize, Serialize};

/// One key with its new value. `kind` is one of the words that units of the public framework know:
/// `string int double boolean int_list double_list string_list`; list values are text with commas and no blanks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatchItem {
    /// The type word.
    #[serde(rename = "type")]
    pub kind: String,
    /// The dotted key.
    pub key: String,
    /// The new value in its wire form.
    pub value: ConfigValue,
}

/// The changes of one Update: version 1 is the first after the starting configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// Counts up by one with each Update of a trial.
    pub version: u64,
    /// When the backend accepted it, milliseconds since the epoch.
    pub at_ms: i64,
    /// The changed keys.
    pub items: Vec<PatchItem>,
}

impl Patch {
    /// Puts the changes into a configuration.
    pub fn apply_to(&self, tree: &mut ConfigTree) {
        self.items.iter().for_each(|item| item.apply_to(tree));
    }
}

impl PatchItem {
    /// Puts the change into a configuration.
    pub fn apply_to(&self, tree: &mut ConfigTree) {
        tree.set(&self.key, self.tree_value());
    }

    /// The value as the configuration tree holds it: lists as lists again.
    pub fn tree_value(&self) -> ConfigValue {
        let ConfigValue::Text(text) = &self.value else { return self.value.clone() };
        let parts = || text.split(',').map(str::trim).filter(|part| !part.is_empty());
        match self.kind.as_str() {
            "int_list" => {
                ConfigValue::List(parts().filter_map(|part| part.parse().ok()).map(ConfigValue::Integer).collect())
            }
            "double_list" => {
                ConfigValue::List(parts().filter_map(|part| part.parse().ok()).map(ConfigValue::Float).collect())
            }
            "string_list" => ConfigValue::List(parts().map(|part| ConfigValue::Text(part.to_owned())).collect()),
            "int" => text.parse().map_or_else(|_| self.value.clone(), ConfigValue::Integer),
            "double" => text.parse().map_or_else(|_| self.value.clone(), ConfigValue::Float),
            "boolean" => ConfigValue::Boolean(matches!(text.as_str(), "true" | "True" | "TRUE" | "1")),
            _ => self.value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_patch_becomes_a_list_in_the_tree() {
        let item = PatchItem {
            kind: "int_list".into(),
            key: "fault.in-dark.affected-entities".into(),
            value: ConfigValue::Text("1,3".into()),
        };
        let mut tree = ConfigTree::new();
        Patch { version: 1, at_ms: 0, items: vec![item] }.apply_to(&mut tree);
        assert_eq!(tree.numbers("fault.in-dark.affected-entities"), [1.0, 3.0]);
    }
}
