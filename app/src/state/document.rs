//! The configuration's text: where each key stands in it, and another value at a key with everything else left as it
//! is. Only the bytes of that value are replaced, so that comments, order and unknown keys survive.

mod comments;
mod places;
#[cfg(test)]
mod tests;

use comments::only_comments;
use model::config::{ConfigTree, ConfigValue};
use model::yaml;
use places::{colon_after, deep_end, indent_of, is_block, line_end, line_start, offset_of};
use protocol::language::diagnostic::Place;
use protocol::language::document::{Content, Entry, Node, read as read_nodes};
use protocol::language::{Diagnostic, Severity};
use std::ops::Range;

/// What a text says.
///
/// # Errors
/// Where and why it cannot be read.
pub fn read(text: &str) -> Result<ConfigTree, Diagnostic> {
    read_nodes(text).map_err(in_words_of_configuration)?;
    yaml::parse(text).map_err(|error| match error {
        yaml::YamlError::TooLarge { .. } => broken(Place { line: 1, column: 1 }, error.to_string()),
        yaml::YamlError::Malformed { line, column, message } => {
            broken(Place { line: line.max(1), column: column.max(1) }, message)
        }
    })
}

fn broken(place: Place, message: String) -> Diagnostic {
    Diagnostic {
        code: "not-yaml".into(),
        severity: Severity::Error,
        place,
        message,
        mend: "Write keys with their values".into(),
    }
}

/// The reader is that of protocol files.
fn in_words_of_configuration(found: Diagnostic) -> Diagnostic {
    let mend = match found.code.as_str() {
        "empty-file" => "Write keys with their values, or press Reset all".to_owned(),
        "file-too-large" => format!("A configuration has at most {} bytes", yaml::MAX_CONFIG_BYTES),
        _ => found.mend,
    };
    Diagnostic { mend, ..found }
}

/// Where the value of a key stands, or the key itself where it has none; the nearest level above a key that is not there.
pub fn place_of(text: &str, key: &str) -> Place {
    let Ok(root) = read_nodes(text) else { return Place { line: 1, column: 1 } };
    let mut node = &root;
    let mut place = Place { line: 1, column: 1 };
    for part in key.split('.') {
        let Some((_, key_place, child)) = entry(node, part) else { break };
        place = *key_place;
        node = child;
    }
    // A collection of lines is best found by its key.
    match node.span.as_ref().is_some_and(|span| !span.is_empty()) {
        true => node.place,
        false => place,
    }
}

/// The text, which says `tree`, with this value at a key, which is added where it is missing; and what it says then.
///
/// # Errors
/// When the text cannot be read, or the key stands in a form that cannot be changed from outside; nothing is lost then.
pub fn put(text: &str, tree: &ConfigTree, key: &str, value: &ConfigValue) -> Result<(String, ConfigTree), String> {
    let listed = tree.get(key).cloned();
    let mut wanted = tree.clone();
    wanted.set(key, value.clone());
    let root = read_nodes(text).map_err(|found| found.message)?;
    let edited = Edit { text, listed }.at(&root, key, value);
    match yaml::parse(&edited) {
        Ok(tree) if same(&tree, &wanted) => Ok((edited, tree)),
        _ => Err(format!(
            "{key} is written in a way that only the YAML pane can change (line {})",
            place_of(text, key).line
        )),
    }
}

/// Whether two trees say the same; `.nan` is the same as `.nan` here.
fn same(one: &ConfigTree, other: &ConfigTree) -> bool {
    one == other || format!("{one:?}") == format!("{other:?}")
}

fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    match &node.content {
        Content::Mapping(entries) => entries.iter().find(|(name, _, _)| name == key),
        _ => None,
    }
}

struct Edit<'a> {
    text: &'a str,
    /// What stands at the key now.
    listed: Option<ConfigValue>,
}

impl Edit<'_> {
    fn at(&self, root: &Node, key: &str, value: &ConfigValue) -> String {
        let mut node = root;
        let mut above = None;
        let mut in_brackets = false;
        let mut rest = key;
        loop {
            in_brackets |= !is_block(node);
            let (part, below) = rest.split_once('.').map_or((rest, None), |(part, below)| (part, Some(below)));
            let Some((_, place, child)) = entry(node, part) else {
                return self.add(node, above, in_brackets, rest, value);
            };
            above = Some(*place);
            node = child;
            match below {
                Some(below) => rest = below,
                None => return self.replace(node, *place, value),
            }
        }
    }

    /// Adds `rest`, a path of keys that are not there, to a level; `above` is the place of the level's own key.
    fn add(&self, level: &Node, above: Option<Place>, in_brackets: bool, rest: &str, value: &ConfigValue) -> String {
        let mut nested = ConfigTree::new();
        nested.set(rest, value.clone());
        match (&level.content, &level.span, above) {
            (Content::Mapping(entries), Some(span), _) if !entries.is_empty() && span.is_empty() => {
                let end = line_end(self.text, deep_end(self.text, level));
                self.insert(end, &lines(&nested, &indent_of(self.text, span.start), self.newline()))
            }
            (Content::Mapping(_), Some(span), _) => {
                let inside = self.text[..span.end - 1].trim_end();
                let comma = if inside.ends_with(['{', ',']) { "" } else { ", " };
                self.insert(inside.len(), &format!("{comma}{}", without_brackets(nested)))
            }
            (_, None, Some(place)) if !in_brackets => {
                let colon = colon_after(self.text, place);
                let indent = format!("{}  ", indent_of(self.text, offset_of(self.text, place)));
                self.insert(line_end(self.text, colon), &lines(&nested, &indent, self.newline()))
            }
            (_, _, Some(place)) => self.replace(level, place, &ConfigValue::Tree(nested)),
            (_, _, None) => self.text.to_owned(),
        }
    }

    /// Puts a value in the place of a node, the value of the key at `place`.
    fn replace(&self, node: &Node, place: Place, value: &ConfigValue) -> String {
        let inline = match value {
            ConfigValue::Null(()) => "null".to_owned(),
            value => yaml::one_line(value),
        };
        let Some(span) = &node.span else {
            return self.insert(colon_after(self.text, place), &format!(" {inline}"));
        };
        if !span.is_empty() {
            return match self.block_header(place) {
                Some(header) => {
                    let (from, to) = (line_start(self.text, span.start), self.after_line(deep_end(self.text, node)));
                    let rest = &self.text[header.end..from.max(header.end)];
                    format!("{}{inline}{rest}{}", &self.text[..header.start], &self.text[to..])
                }
                None => {
                    let end = deep_end(self.text, node);
                    format!("{}{inline}{}", &self.text[..span.start], &self.text[end..])
                }
            };
        }
        match (&node.content, value) {
            (Content::Sequence(items), ConfigValue::List(new)) if !new.is_empty() && items.iter().all(in_a_line) => {
                self.items(items, new)
            }
            _ => {
                let colon = colon_after(self.text, place);
                let (from, to) = (line_start(self.text, span.start), self.after_line(deep_end(self.text, node)));
                if from < colon {
                    // Not a form that a person writes; whoever compares the trees says so.
                    return self.text.to_owned();
                }
                let comments = only_comments(self.text, from..to, &[node]);
                format!("{} {inline}{}{comments}{}", &self.text[..colon], &self.text[colon..from], &self.text[to..])
            }
        }
    }

    /// A list of lines: each item keeps its line, what is new gets lines, and of what goes the comments stay.
    fn items(&self, items: &[Node], new: &[ConfigValue]) -> String {
        let old = match &self.listed {
            Some(ConfigValue::List(old)) => old.as_slice(),
            _ => &[],
        };
        let spans = || items.iter().filter_map(|item| item.span.clone());
        let mut out = String::new();
        let mut done = 0;
        for (index, (span, value)) in spans().zip(new).enumerate() {
            out.push_str(&self.text[done..span.start]);
            out.push_str(&match old.get(index) == Some(value) {
                true => self.text[span.clone()].to_owned(),
                false => yaml::one_line(value),
            });
            done = span.end;
        }
        let last_line = self.after_line(done);
        if items.len() > new.len() {
            let gone = &items[new.len()..];
            let to = self.after_line(deep_end(self.text, &gone[gone.len() - 1]));
            out.push_str(&self.text[done..last_line]);
            let gone: Vec<&Node> = gone.iter().collect();
            out.push_str(&only_comments(self.text, last_line..to, &gone));
            out.push_str(&self.text[to..]);
            return out;
        }
        let end = line_end(self.text, done);
        out.push_str(&self.text[done..end]);
        let last = spans().next_back().map_or(0, |span| span.start);
        let dash = &self.text[line_start(self.text, last)..last];
        for value in &new[items.len()..] {
            out.push_str(self.newline());
            out.push_str(dash);
            out.push_str(&yaml::one_line(value));
        }
        out.push_str(&self.text[end..]);
        out
    }

    fn insert(&self, at: usize, what: &str) -> String {
        format!("{}{what}{}", &self.text[..at], &self.text[at..])
    }

    /// The sign that a block of text follows, where the value of the key at `place` is one.
    fn block_header(&self, place: Place) -> Option<Range<usize>> {
        let colon = colon_after(self.text, place);
        let rest = self.text[colon..].trim_start_matches([' ', '\t']);
        let start = self.text.len() - rest.len();
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest.starts_with(['|', '>']).then_some(start..start + length)
    }

    /// Where the line after this one begins.
    fn after_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |end| at + end + 1)
    }

    fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }
}

/// Whether a list's item stands in its own line as one piece.
fn in_a_line(item: &Node) -> bool {
    item.span.as_ref().is_some_and(|span| !span.is_empty())
}

/// Levels and a value as lines that follow a line.
fn lines(tree: &ConfigTree, indent: &str, newline: &str) -> String {
    let written = yaml::write(tree);
    written.lines().map(|line| format!("{newline}{indent}{line}")).collect()
}

/// A mapping in one line, without its brackets.
fn without_brackets(tree: ConfigTree) -> String {
    let inline = yaml::one_line(&ConfigValue::Tree(tree));
    inline.strip_prefix('{').and_then(|inline| inline.strip_suffix('}')).unwrap_or(&inline).to_owned()
}
