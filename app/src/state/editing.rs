//! The configuration of the next start as it is edited: its text with all comments, and what the form says of each key.
//! Both are the same value. The form changes one value in the text; the text, where it can be read, changes the keys that
//! differ from what it said before. Keys that nobody touched follow the configuration in force.

#[cfg(test)]
mod tests;

use crate::state::document::{place_of, put, read};
use crate::state::draft::{Against, Draft, FieldState, sentence, text_at, unknown_keys};
use model::config::{ConfigTree, ConfigValue};
use model::descriptor::{Descriptor, Kind};
use model::schema;
use model::validate::{Change, Problem, check_tree, check_value, closest_key, read_value};
use model::yaml;
use protocol::language::{Diagnostic, Severity};

/// What is edited.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Editing {
    text: String,
    /// What the text said when it could last be read.
    tree: ConfigTree,
    /// Whether the text was changed since it was read.
    unread: bool,
    /// Why the text cannot be read.
    broken: Option<Diagnostic>,
    draft: Draft,
    /// What was chosen by name last.
    name: Option<String>,
    earlier: Option<Box<Earlier>>,
}

/// What was edited before something replaced much of it at once.
#[derive(Clone, Debug, PartialEq)]
struct Earlier {
    /// What replaced it: "BFTBrain static 1".
    what: String,
    /// Whether it was taken back already, so that going back does it again.
    undone: bool,
    text: String,
    draft: Draft,
    name: Option<String>,
}

impl Editing {
    /// Nothing changed yet: the text that Start uses, and what it says. A text that the page cannot read, because of
    /// aliases for example, is written anew.
    pub fn of(text: &str, tree: &ConfigTree) -> Self {
        let text = match read(text) {
            Ok(read) if read == *tree => text.to_owned(),
            _ => yaml::write(tree),
        };
        Self { text, tree: tree.clone(), ..Self::default() }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The form's own part.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// What the text said when it could last be read.
    pub fn read_tree(&self) -> &ConfigTree {
        &self.tree
    }

    /// Whether the text was changed since it was read.
    pub fn is_unread(&self) -> bool {
        self.unread
    }

    /// Why the text cannot be read; the form shows the last value that could be.
    pub fn broken(&self) -> Option<&Diagnostic> {
        self.broken.as_ref()
    }

    /// What was chosen by name last: a saved configuration or a preset.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Gives it another name, because it was saved or renamed.
    pub fn rename(&mut self, name: Option<String>) {
        self.name = name;
    }

    /// What can be taken back, or done again: in words, and whether it is the latter.
    pub fn undoable(&self) -> Option<(&str, bool)> {
        self.earlier.as_ref().map(|earlier| (earlier.what.as_str(), earlier.undone))
    }

    /// What the form shows of a key.
    pub fn field(&self, descriptor: &Descriptor, reference: &ConfigTree) -> FieldState {
        self.draft.field(descriptor, reference)
    }

    /// Gives a key the value that was typed.
    ///
    /// # Errors
    /// A sentence, when the text cannot be read: nothing is changed then.
    pub fn set(&mut self, descriptor: &Descriptor, against: Against<'_>, text: String) -> Result<(), String> {
        self.settle(against);
        if let Some(broken) = &self.broken {
            return Err(format!("The YAML cannot be read (line {}). Mend it first.", broken.place.line));
        }
        let value = as_typed(descriptor, &text);
        self.draft.set(descriptor, against, text);
        self.write(descriptor, value);
        Ok(())
    }

    /// Gives a key the value in force again.
    pub fn reset(&mut self, descriptor: &Descriptor, against: Against<'_>) {
        self.settle(against);
        self.draft.reset(descriptor.key);
        if self.broken.is_none() {
            self.write(descriptor, value_at(descriptor, against.reference));
        }
    }

    /// Takes over a text that was typed or pasted. It is read later, by [`Self::settle`].
    pub fn type_text(&mut self, text: String) {
        self.unread |= self.text != text;
        self.text = text;
    }

    /// Reads the text, if it was changed.
    pub fn settle(&mut self, against: Against<'_>) {
        if !std::mem::take(&mut self.unread) {
            return;
        }
        if let Some(before) = self.read() {
            for descriptor in schema::descriptors() {
                let now = text_at(descriptor, &self.tree);
                if text_at(descriptor, &before) != now {
                    self.draft.set(descriptor, against, now);
                }
            }
            self.follow(against);
        }
    }

    /// Reads the text; answers with what it said before, where it can be read.
    fn read(&mut self) -> Option<ConfigTree> {
        self.unread = false;
        match read(&self.text) {
            Ok(tree) => {
                self.broken = None;
                Some(std::mem::replace(&mut self.tree, tree))
            }
            Err(broken) => {
                self.broken = Some(broken);
                None
            }
        }
    }

    /// Keys that nobody touched get the value in force.
    pub fn follow(&mut self, against: Against<'_>) {
        if self.unread || self.broken.is_some() {
            return;
        }
        for descriptor in schema::descriptors() {
            if self.draft.typed(descriptor.key).is_none() {
                self.write(descriptor, value_at(descriptor, against.reference));
            }
        }
    }

    /// Everything is as Start uses it when nothing is changed, or as it is in force.
    pub fn reset_all(&mut self, base_text: &str, against: Against<'_>) {
        self.remember("Reset all");
        let fresh = Self::of(base_text, against.base);
        *self = Self { earlier: self.earlier.take(), ..fresh };
        self.follow(against);
    }

    /// Replaces the text by one with a name.
    pub fn load(&mut self, name: &str, text: String, against: Against<'_>) {
        // What is being typed is part of what can be brought back.
        self.settle(against);
        self.remember(name);
        self.name = Some(name.to_owned());
        self.text = text;
        if self.read().is_some() {
            self.draft = Draft::default();
            for descriptor in schema::descriptors() {
                self.draft.set(descriptor, against, text_at(descriptor, &self.tree));
            }
        }
    }

    /// Gives several keys their values under one name.
    ///
    /// # Errors
    /// A sentence, when the text cannot be read: nothing is changed then.
    pub fn apply(&mut self, name: &str, changes: &[Change], against: Against<'_>) -> Result<(), String> {
        self.settle(against);
        let before = self.clone();
        self.remember(name);
        self.name = Some(name.to_owned());
        for change in changes {
            if let Some(descriptor) = schema::descriptor(&change.key)
                && let Err(reason) = self.set(descriptor, against, change.text.clone())
            {
                *self = before;
                return Err(reason);
            }
        }
        Ok(())
    }

    /// Takes back what replaced much at once, or does it again.
    pub fn undo(&mut self, against: Against<'_>) {
        let Some(earlier) = self.earlier.take() else { return };
        let now = Earlier {
            what: earlier.what,
            undone: !earlier.undone,
            text: std::mem::replace(&mut self.text, earlier.text),
            draft: std::mem::replace(&mut self.draft, earlier.draft),
            name: std::mem::replace(&mut self.name, earlier.name),
        };
        self.earlier = Some(Box::new(now));
        self.read();
        self.follow(against);
    }

    fn remember(&mut self, what: &str) {
        self.earlier = Some(Box::new(Earlier {
            what: what.to_owned(),
            undone: false,
            text: self.text.clone(),
            draft: self.draft.clone(),
            name: self.name.clone(),
        }));
    }

    /// The configuration that Start sends. Keys that nobody touched are as in `base`, whatever runs now.
    pub fn start(&self, base: &ConfigTree) -> ConfigTree {
        let mut config = self.config();
        for descriptor in schema::descriptors() {
            let untouched = self.draft.typed(descriptor.key).is_none();
            if untouched && text_at(descriptor, &config) != text_at(descriptor, base) {
                config.set(descriptor.key, value_at(descriptor, base));
            }
        }
        config
    }

    /// What is edited: what the text says, with what the form says where the two differ in spelling.
    pub fn config(&self) -> ConfigTree {
        let mut config = self.tree.clone();
        for descriptor in schema::descriptors() {
            let typed = self.draft.typed(descriptor.key);
            let there = config.get(descriptor.key);
            let wrong = there.is_some_and(|value| check_value(descriptor, value).is_err());
            let text = match (typed, there) {
                (Some(text), _) => text.to_owned(),
                (None, Some(value)) if wrong => value.to_string(),
                _ => continue,
            };
            if let Ok(value) = read_value(descriptor, &text)
                && (wrong || text_at(descriptor, &config) != text)
            {
                config.set(descriptor.key, value);
            }
        }
        config
    }

    /// The changed keys that `wanted` lets through, with the text as typed.
    ///
    /// # Errors
    /// How many of them have a problem: nothing is to be sent then.
    pub fn changes(&self, reference: &ConfigTree, wanted: impl Fn(&Descriptor) -> bool) -> Result<Vec<Change>, usize> {
        self.draft.changes(reference, wanted)
    }

    /// Keeps what the host said is wrong, each at its key. Problems at other keys than the form's come back.
    pub fn refuse(&mut self, problems: Vec<Problem>, reference: &ConfigTree) -> Vec<Problem> {
        self.draft.refuse(problems, reference)
    }

    /// Everything that is to be said of the text, each at its place, with what the host refused of it.
    pub fn findings(&self, reference: &ConfigTree) -> Vec<Diagnostic> {
        if let Some(broken) = &self.broken {
            return vec![broken.clone()];
        }
        let at = |key: &str, severity, code: &str, message: String, mend: String| Diagnostic {
            code: code.to_owned(),
            severity,
            place: place_of(&self.text, key),
            message,
            mend,
        };
        let error = |code: &str, problem: &Problem, mend: &str| {
            let message = format!("{} ({})", problem.message, problem.key);
            at(&problem.key, Severity::Error, code, message, mend.to_owned())
        };
        let wrong = check_tree(&self.config());
        let mut findings: Vec<Diagnostic> = wrong
            .iter()
            .map(|problem| {
                let mend = schema::descriptor(&problem.key).map_or("Mend the value", |known| known.help);
                error("value", problem, mend)
            })
            .collect();
        let refused = self.draft.refused(reference).into_iter().filter(|problem| !wrong.contains(problem));
        findings.extend(refused.map(|problem| error("refused", &problem, "Give it another value, or reset it")));
        for (key, _) in unknown_keys(&self.tree) {
            let mend = format!("It is kept and passed on. Did you mean {}?", closest_key(&key));
            findings.push(at(&key, Severity::Warning, "unknown-key", format!("there is no known key {key}"), mend));
        }
        for descriptor in schema::descriptors() {
            let Some(typed) = self.draft.typed(descriptor.key) else { continue };
            let there = self.tree.get(descriptor.key).cloned().unwrap_or_else(|| descriptor.default_value());
            if !same(descriptor, &as_typed(descriptor, typed), &there) {
                let message = format!("the form says {typed} for {}, which Start uses", descriptor.key);
                let mend = "Only this pane can change a value that is written in this way".to_owned();
                findings.push(at(descriptor.key, Severity::Warning, "differs-from-form", message, mend));
            }
        }
        findings.sort_by_key(|found| (found.place.line, found.place.column));
        findings
    }

    /// One sentence for those who look at the form while the text cannot be read.
    pub fn broken_sentence(&self) -> Option<String> {
        self.broken.as_ref().map(|found| {
            format!(
                "The YAML cannot be read: line {}, column {}: {} The form shows what it said before.",
                found.place.line,
                found.place.column,
                sentence(&found.message)
            )
        })
    }

    /// Puts a value into the text, unless it says so already.
    fn write(&mut self, descriptor: &Descriptor, value: ConfigValue) {
        let there = self.tree.get(descriptor.key).cloned().unwrap_or_else(|| descriptor.default_value());
        if same(descriptor, &value, &there) {
            return;
        }
        // A value that cannot be put there is among the findings.
        if let Ok((text, tree)) = put(&self.text, &self.tree, descriptor.key, &value) {
            self.text = text;
            self.tree = tree;
        }
    }
}

/// Whether two values of a key are the same, however they are spelled.
fn same(descriptor: &Descriptor, one: &ConfigValue, other: &ConfigValue) -> bool {
    let plain = |value: &ConfigValue| match value {
        ConfigValue::Tree(_) => value.clone(),
        // `yes` for true, a number for a list of one.
        value => {
            descriptor.kind.wire_value(&descriptor.kind.parse(&value.to_string()).unwrap_or_else(|_| value.clone()))
        }
    };
    plain(one) == plain(other)
}

/// The value of a key in force.
fn value_at(descriptor: &Descriptor, tree: &ConfigTree) -> ConfigValue {
    tree.get(descriptor.key).cloned().unwrap_or_else(|| descriptor.default_value())
}

/// What was typed as the text holds it: the value, or the nearest thing to it where it is wrong.
fn as_typed(descriptor: &Descriptor, text: &str) -> ConfigValue {
    if let Ok(value) = read_value(descriptor, text) {
        return value;
    }
    let one = |text: &str| match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(number), _) => ConfigValue::Integer(number),
        (_, Ok(number)) if number.is_finite() => ConfigValue::Float(number),
        _ => ConfigValue::Text(text.to_owned()),
    };
    let trimmed = text.trim();
    match descriptor.kind {
        Kind::IntegerList { .. } | Kind::FloatList { .. } | Kind::TextList => {
            ConfigValue::List(trimmed.split(',').map(str::trim).filter(|part| !part.is_empty()).map(one).collect())
        }
        Kind::Text | Kind::Choice(_) => ConfigValue::Text(trimmed.to_owned()),
        _ => one(trimmed),
    }
}
