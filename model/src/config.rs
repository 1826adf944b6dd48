//! The configuration tree: nested keys in file order, addressed by dotted paths such as `benchmark.block-size`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The most faulty replicas that a cluster is built to stand: it has 100 replicas for most protocols.
pub const MAX_TOLERATED_FAULTS: u32 = 33;

/// A value in the tree. The untagged form is what YAML and JSON write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ConfigValue {
    /// `true`, `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<ConfigValue>),
    /// Keys below this one.
    Tree(ConfigTree),
    /// A key without a value.
    Null(()),
}

impl ConfigValue {
    /// The number here, whole or not.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The whole number here.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(*value as i64),
            _ => None,
        }
    }

    /// The text here.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value here.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// What kind of value this is, in words for a message: "a whole number".
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number with a fraction",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Tree(_) => "a group of keys",
            Self::Null(()) => "empty",
        }
    }
}

impl fmt::Display for ConfigValue {
    /// The value as a person types it: lists with commas between.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(formatter),
            Self::Integer(value) => value.fmt(formatter),
            Self::Float(value) => value.fmt(formatter),
            Self::Text(text) => formatter.write_str(text),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(", ")?;
                    }
                    item.fmt(formatter)?;
                }
                Ok(())
            }
            Self::Tree(_) => formatter.write_str("{…}"),
            Self::Null(()) => Ok(()),
        }
    }
}

/// Keys and values in the order of the file. Lookups are linear: a level has a few dozen keys at most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfigTree {
    entries: Vec<(String, ConfigValue)>,
}

impl ConfigTree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The entries of this level, in order.
    pub fn entries(&self) -> &[(String, ConfigValue)] {
        &self.entries
    }

    /// Puts `value` at the single key `name` of this level.
    pub fn insert(&mut self, name: impl Into<String>, value: ConfigValue) {
        let name = name.into();
        match self.entries.iter_mut().find(|(key, _)| *key == name) {
            Some((_, slot)) => *slot = value,
            None => self.entries.push((name, value)),
        }
    }

    /// The value at a dotted path.
    pub fn get(&self, path: &str) -> Option<&ConfigValue> {
        let (head, rest) = split(path);
        let value = self.entries.iter().find(|(key, _)| key == head).map(|(_, value)| value)?;
        match (rest, value) {
            (None, value) => Some(value),
            (Some(rest), ConfigValue::Tree(tree)) => tree.get(rest),
            (Some(_), _) => None,
        }
    }

    /// Puts a value at a dotted path, making the levels on the way; a plain value in the way is replaced by a level.
    pub fn set(&mut self, path: &str, value: ConfigValue) {
        let (head, rest) = split(path);
        let Some(rest) = rest else {
            self.insert(head, value);
            return;
        };
        if !matches!(self.entries.iter().find(|(key, _)| key == head), Some((_, ConfigValue::Tree(_)))) {
            self.insert(head, ConfigValue::Tree(Self::new()));
        }
        if let Some((_, ConfigValue::Tree(tree))) = self.entries.iter_mut().find(|(key, _)| key == head) {
            tree.set(rest, value);
        }
    }

    /// Every value that is not a level, with its dotted path, in order.
    pub fn flatten(&self) -> Vec<(String, &ConfigValue)> {
        let mut flat = Vec::new();
        self.flatten_into("", &mut flat);
        flat
    }

    fn flatten_into<'a>(&'a self, prefix: &str, flat: &mut Vec<(String, &'a ConfigValue)>) {
        for (key, value) in &self.entries {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match value {
                ConfigValue::Tree(tree) if !tree.entries.is_empty() => tree.flatten_into(&path, flat),
                value => flat.push((path, value)),
            }
        }
    }

    /// The whole number at `path`, or `default` where there is none.
    pub fn integer(&self, path: &str, default: i64) -> i64 {
        self.get(path).and_then(ConfigValue::as_i64).unwrap_or(default)
    }

    /// How many faulty replicas the cluster of this configuration stands, within 1 to [`MAX_TOLERATED_FAULTS`].
    pub fn tolerated_faults(&self) -> u32 {
        self.integer("general.f", 1).clamp(1, i64::from(MAX_TOLERATED_FAULTS)) as u32
    }

    /// The number at `path`, or `default` where there is none.
    pub fn number(&self, path: &str, default: f64) -> f64 {
        self.get(path).and_then(ConfigValue::as_f64).unwrap_or(default)
    }

    /// The truth value at `path`, or `default` where there is none.
    pub fn boolean(&self, path: &str, default: bool) -> bool {
        self.get(path).and_then(ConfigValue::as_bool).unwrap_or(default)
    }

    /// The text at `path`, or `default` where there is none.
    pub fn text(&self, path: &str, default: &str) -> String {
        self.get(path).map_or_else(|| default.to_owned(), ToString::to_string)
    }

    /// The numbers of the list at `path`; a single number counts as a list of one.
    pub fn numbers(&self, path: &str) -> Vec<f64> {
        match self.get(path) {
            Some(ConfigValue::List(items)) => items.iter().filter_map(ConfigValue::as_f64).collect(),
            Some(value) => value.as_f64().into_iter().collect(),
            None => Vec::new(),
        }
    }
}

fn split(path: &str) -> (&str, Option<&str>) {
    match path.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (path, None),
    }
}

impl Serialize for ConfigTree {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de> Deserialize<'de> for ConfigTree {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Levels;
        impl<'de> serde::de::Visitor<'de> for Levels {
            type Value = ConfigTree;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a group of keys")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<ConfigTree, A::Error> {
                let mut tree = ConfigTree::new();
                while let Some((key, value)) = map.next_entry::<String, ConfigValue>()? {
                    tree.insert(key, value);
                }
                Ok(tree)
            }
        }
        deserializer.deserialize_map(Levels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_set_and_read_through_levels_that_did_not_exist() {
        let mut tree = ConfigTree::new();
        tree.set("fault.slow-proposal.timer", ConfigValue::Integer(20));
        tree.set("fault.slow-proposal.timer", ConfigValue::Integer(40));
        assert_eq!(tree.integer("fault.slow-proposal.timer", 0), 40);
        assert_eq!(tree.get("fault.slow-proposal.other"), None);
        assert_eq!(tree.get("fault.slow-proposal.timer.deeper"), None);
        assert_eq!(tree.flatten().len(), 1);
    }

    #[test]
    fn json_keeps_order_types_and_unknown_keys() {
        let text = r#"{"z":{"b":[1,2.5],"a":true},"custom-key":"kept","none":null}"#;
        let tree: ConfigTree = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&tree).unwrap(), text);
    }
}
