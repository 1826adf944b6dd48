//! Reading the files that describe experiments, with the place of everything that is wrong in them.

use model::config::{ConfigTree, ConfigValue};
use model::descriptor::Effect;
use model::duration::parse_duration;
use model::patch::PatchItem;
use model::schema;
use model::validate::{Change, check_changes, check_value};
use protocol::language::diagnostic::Place;
use protocol::language::document::{self, Content, MAX_PROTOCOL_BYTES, Node};
use std::fmt;
use std::time::Duration;

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// A sentence: what is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for FileProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

/// A problem at a place.
pub(super) fn problem(place: Place, message: impl Into<String>) -> FileProblem {
    FileProblem { line: place.line, column: place.column, message: message.into() }
}

/// Reads a YAML file; `what` it is, such as `a schedule`.
pub(super) fn read(what: &str, text: &str) -> Result<Node, FileProblem> {
    // The reader is that of protocol files, and says so.
    if text.len() > MAX_PROTOCOL_BYTES {
        let message = format!("the file has {} bytes; {what} has at most {MAX_PROTOCOL_BYTES}", text.len());
        return Err(problem(Place { line: 1, column: 1 }, message));
    }
    document::read(text)
        .map_err(|diagnostic| problem(diagnostic.place, format!("{}. {}", diagnostic.message, diagnostic.mend)))
}

/// Refuses keys that do not belong here.
pub(super) fn only(node: &Node, known: &[&str], problems: &mut Vec<FileProblem>) {
    for (key, place, _) in node.mapping().unwrap_or_default() {
        if !known.contains(&key.as_str()) {
            problems.push(problem(*place, format!("{key:?} does not belong here; there are {}", known.join(", "))));
        }
    }
}

/// The duration at a key of a mapping.
pub(super) fn duration(node: &Node, key: &str) -> Result<Option<Duration>, FileProblem> {
    let Some(value) = node.get(key) else { return Ok(None) };
    let text = value.scalar().ok_or_else(|| problem(value.place, format!("{key} is a duration, such as 30s")))?;
    parse_duration(text).map(Some).map_err(|message| problem(value.place, message))
}

/// The change of a live key while an experiment runs.
pub(super) fn live_change(config: &ConfigTree, key: &str, place: Place, node: &Node) -> Result<PatchItem, FileProblem> {
    match text(node) {
        Some(text) => {
            let change = Change { key: key.to_owned(), text };
            let items = check_changes(config, std::slice::from_ref(&change));
            let first = |problems: Vec<model::validate::Problem>| problems.into_iter().next();
            match items.map(|items| items.into_iter().next()) {
                Ok(Some(item)) => Ok(item),
                Ok(None) => Err(problem(place, format!("{key} is not changed"))),
                Err(found) => Err(problem(place, first(found).map_or_else(String::new, |found| found.to_string()))),
            }
        }
        None => {
            let value = value(node);
            let descriptor = checked(key, place, &value)?;
            if let Effect::NextStart(reason) = descriptor.effect {
                return Err(problem(place, format!("{key}: this key takes effect at the next start only: {reason}")));
            }
            Ok(PatchItem { kind: descriptor.kind.patch_type().to_owned(), key: key.to_owned(), value })
        }
    }
}

/// A value in the form in which a person types it into the page: lists with commas between, what varies as a mapping in
/// one line.
pub(super) fn typed(node: &Node) -> String {
    match text(node) {
        Some(text) => text,
        None => Change::to("", &value(node)).text,
    }
}

/// A value as a person would type it in one line.
pub(super) fn shown(node: &Node) -> String {
    match &node.content {
        Content::Scalar(text) => text.clone(),
        Content::Sequence(items) if items.is_empty() => "[]".to_owned(),
        Content::Sequence(items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        Content::Mapping(entries) => {
            let entries = entries.iter().filter(|(key, ..)| key != "advance");
            let entries: Vec<String> = entries.map(|(key, _, value)| format!("{key} {}", shown(value))).collect();
            entries.join(" ")
        }
    }
}

fn checked(key: &str, place: Place, value: &ConfigValue) -> Result<&'static model::Descriptor, FileProblem> {
    let descriptor = schema::descriptor(key).ok_or_else(|| problem(place, format!("{key}: there is no such key")))?;
    check_value(descriptor, value).map_err(|message| problem(place, format!("{key}: {message}")))?;
    Ok(descriptor)
}

/// The text of a scalar, or of a list of scalars; none for a mapping.
fn text(node: &Node) -> Option<String> {
    match &node.content {
        Content::Scalar(text) => Some(text.clone()),
        Content::Sequence(items) => {
            items.iter().map(Node::scalar).collect::<Option<Vec<_>>>().map(|items| items.join(", "))
        }
        Content::Mapping(_) => None,
    }
}

fn value(node: &Node) -> ConfigValue {
    match &node.content {
        Content::Scalar(text) => match (text.as_str(), text.parse::<i64>(), text.parse::<f64>()) {
            ("true", ..) => ConfigValue::Boolean(true),
            ("false", ..) => ConfigValue::Boolean(false),
            (_, Ok(whole), _) => ConfigValue::Integer(whole),
            (_, _, Ok(number)) if number.is_finite() => ConfigValue::Float(number),
            _ => ConfigValue::Text(text.clone()),
        },
        Content::Sequence(items) => ConfigValue::List(items.iter().map(value).collect()),
        Content::Mapping(entries) => {
            let mut tree = ConfigTree::new();
            entries.iter().for_each(|(key, _, node)| tree.insert(key.clone(), value(node)));
            ConfigValue::Tree(tree)
        }
    }
}
