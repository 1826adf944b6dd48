//! Reads the small things: names, numbers, words, lists; keeps what is wrong with them.

use crate::language::diagnostic::{Diagnostic, Place};
use crate::language::document::{Content, Node};
use crate::language::expression::Expression;
use crate::language::keys;
use crate::language::syntax::Placed;

/// Collects what is wrong while a file is read.
#[derive(Default)]
pub(super) struct Reader {
    /// What is wrong so far.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Reader {
    pub(super) fn error(&mut self, code: &str, place: Place, message: impl Into<String>, mend: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, place, message, mend));
    }

    pub(super) fn warning(&mut self, code: &str, place: Place, message: impl Into<String>, mend: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(code, place, message, mend));
    }

    /// Warns of keys that the language does not have under `path`.
    pub(super) fn known_keys(&mut self, node: &Node, path: &str) {
        let known: Vec<&str> = keys::children(path).collect();
        let Content::Mapping(entries) = &node.content else {
            if node.mapping().is_none() {
                let mend = format!("Use {}", known.join(", "));
                self.error("not-a-mapping", node.place, "keys are expected here", mend);
            }
            return;
        };
        for (key, place, _) in entries {
            if !known.contains(&key.as_str()) {
                let mend = format!("Known keys are {}", known.join(", "));
                self.warning("unknown-key", *place, format!("{key} means nothing here"), mend);
            }
        }
    }

    pub(super) fn required<'a>(&mut self, node: &'a Node, key: &str) -> Option<&'a Node> {
        let found = node.get(key);
        if found.is_none() {
            self.error("missing-key", node.place, format!("{key} is missing here"), format!("Add {key}:"));
        }
        found
    }

    pub(super) fn name(&mut self, node: &Node) -> Option<Placed<String>> {
        let text = node.scalar().unwrap_or_default();
        let good = !text.is_empty()
            && text.len() <= 64
            && text.chars().all(|each| each.is_ascii_alphanumeric() || "-_".contains(each));
        if !good {
            let shown: String = text.chars().take(64).collect();
            self.error("bad-name", node.place, format!("{shown:?} is not a name"), "Use letters, digits, - and _");
            return None;
        }
        Some(Placed { place: node.place, value: text.to_owned() })
    }

    pub(super) fn required_name(&mut self, node: &Node, key: &str) -> Option<Placed<String>> {
        let found = self.required(node, key)?;
        self.name(found)
    }

    pub(super) fn names(&mut self, node: Option<&Node>) -> Vec<Placed<String>> {
        self.items(node).iter().filter_map(|item| self.name(item)).collect()
    }

    pub(super) fn items<'a>(&mut self, node: Option<&'a Node>) -> &'a [Node] {
        match node {
            None => &[],
            Some(node) => node.sequence().unwrap_or_else(|| {
                self.error("not-a-list", node.place, "a list is expected here", "Begin each item with a dash");
                &[]
            }),
        }
    }

    pub(super) fn expression(&mut self, node: &Node) -> Option<Placed<Expression>> {
        match Expression::parse(node.scalar().unwrap_or_default()) {
            Ok(value) => Some(Placed { place: node.place, value }),
            Err(error) => {
                self.error("bad-expression", node.place, error.to_string(), "Write for example 2f + 1");
                None
            }
        }
    }

    /// A whole number from 1 to 1 000 000.
    pub(super) fn number(&mut self, node: Option<&Node>, key: &str) -> Option<u32> {
        let node = node?.get(key)?;
        match node.scalar().map(str::parse) {
            Some(Ok(number @ 1..=1_000_000)) => Some(number),
            _ => {
                let message = format!("{key} must be a whole number from 1 to 1000000");
                self.error("bad-number", node.place, message, "Use for example 1");
                None
            }
        }
    }

    /// `true` or `false`; false where the key is missing.
    pub(super) fn flag(&mut self, node: Option<&Node>, key: &str) -> bool {
        let Some(node) = node.and_then(|node| node.get(key)) else { return false };
        match node.scalar().map(str::to_ascii_lowercase).as_deref() {
            Some("true") => true,
            Some("false" | "") => false,
            _ => {
                self.error("bad-flag", node.place, format!("{key} must be true or false"), "Use true or false");
                false
            }
        }
    }

    /// One of a few words, in any case; `default` where the key is missing or empty.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, key: &str, code: &str, words: &[(&str, T)], default: T) -> T {
        let Some(node) = node.get(key) else { return default };
        let word = node.scalar().map(str::to_ascii_lowercase);
        let found = words.iter().find(|(name, _)| Some(*name) == word.as_deref());
        if let Some((_, value)) = found {
            return *value;
        }
        if word.as_deref() != Some("") {
            let known: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
            let message = match word {
                Some(word) => format!("{key} cannot be {:?}", word.chars().take(64).collect::<String>()),
                None => format!("{key} must be one word"),
            };
            self.error(code, node.place, message, format!("Use one of {}", known.join(", ")));
        }
        default
    }
}
