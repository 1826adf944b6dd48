//! The configuration editor's logic: what a person has typed, what of it is a change, what is wrong with it, and what is
//! sent with Start and with Update.

use model::config::{ConfigTree, ConfigValue};
use model::descriptor::{Descriptor, Group, Kind, Readers};
use model::schema;
use model::validate::{Change, Problem, read_value};
use model::yaml;
use std::collections::BTreeMap;

/// What was typed, by key. A key that nobody touched is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    texts: BTreeMap<String, String>,
    /// What the host said of a key, with the text it said it of: it holds until the text is another one.
    refused: BTreeMap<String, (String, String)>,
}

/// What a draft differs from.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// The configuration in force: a running trial's, else the same as `base`.
    pub reference: &'a ConfigTree,
    /// The configuration that Start uses when nothing is changed.
    pub base: &'a ConfigTree,
}

/// Everything the form shows of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldState {
    /// The text in the input.
    pub text: String,
    /// Whether it differs from the configuration in force.
    pub changed: bool,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// Whether the value changes over time, which the form shows and does not edit.
    pub scheduled: bool,
}

impl Draft {
    /// Takes over what was typed. Text that is the same as what is in force, and as what Start uses when nothing is
    /// changed, is no change and is forgotten.
    pub fn set(&mut self, descriptor: &Descriptor, against: Against<'_>, text: String) {
        self.refused.remove(descriptor.key);
        if text == text_at(descriptor, against.reference) && text == text_at(descriptor, against.base) {
            self.texts.remove(descriptor.key);
        } else {
            self.texts.insert(descriptor.key.to_owned(), text);
        }
    }

    /// Goes back to the configuration in force.
    pub fn reset(&mut self, key: &str) {
        self.texts.remove(key);
        self.refused.remove(key);
    }

    /// Keeps what the host said is wrong, each at its key. Problems at other keys than the form's come back.
    pub fn refuse(&mut self, problems: Vec<Problem>, reference: &ConfigTree) -> Vec<Problem> {
        let mut others = Vec::new();
        for problem in problems {
            match schema::descriptor(&problem.key) {
                Some(descriptor) => {
                    let text = self.text(descriptor, reference);
                    self.refused.insert(problem.key, (text, problem.message));
                }
                None => others.push(problem),
            }
        }
        others
    }

    /// What the form shows of a key, against the configuration in force.
    pub fn field(&self, descriptor: &Descriptor, reference: &ConfigTree) -> FieldState {
        let in_force = text_at(descriptor, reference);
        let text = self.texts.get(descriptor.key).unwrap_or(&in_force).clone();
        let scheduled = descriptor.advance && text.trim_start().starts_with('{');
        let needed = text.trim().is_empty() && matches!(descriptor.kind, Kind::Integer { .. } | Kind::Float { .. });
        let parsed = match needed {
            true => Err(format!("a value is needed: {}", descriptor.kind.range_text())),
            false => read_value(descriptor, &text),
        };
        let changed = text != in_force
            && match (&parsed, read_value(descriptor, &in_force)) {
                (Ok(new), Ok(old)) => descriptor.kind.wire_value(new) != descriptor.kind.wire_value(&old),
                _ => true,
            };
        let problem = if changed { parsed.err() } else { None };
        let problem = problem.as_deref().or(self.refusal(descriptor.key, &text)).map(sentence);
        FieldState { problem, changed, scheduled, text }
    }

    /// What the host said is wrong with the values as they are, each at its key.
    pub fn refused(&self, reference: &ConfigTree) -> Vec<Problem> {
        let problem = |key: &String| {
            let text = self.text(schema::descriptor(key)?, reference);
            Some(Problem { key: key.clone(), message: self.refusal(key, &text)?.to_owned() })
        };
        self.refused.keys().filter_map(problem).collect()
    }

    /// What the host said of a key with this text.
    fn refusal(&self, key: &str, text: &str) -> Option<&str> {
        self.refused.get(key).filter(|(of, _)| of == text).map(|(_, message)| message.as_str())
    }

    /// What was typed at a key, else what is in force.
    fn text(&self, descriptor: &Descriptor, reference: &ConfigTree) -> String {
        self.typed(descriptor.key).map_or_else(|| text_at(descriptor, reference), str::to_owned)
    }

    /// What somebody typed at this key.
    pub fn typed(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// The changed keys that `wanted` lets through, with the text as typed.
    ///
    /// # Errors
    /// How many of them have a problem: nothing is to be sent then.
    pub fn changes(&self, reference: &ConfigTree, wanted: impl Fn(&Descriptor) -> bool) -> Result<Vec<Change>, usize> {
        let touched = self.texts.keys().filter_map(|key| schema::descriptor(key));
        let mut changes = Vec::new();
        let mut wrong = 0;
        for descriptor in touched.filter(|descriptor| wanted(descriptor)) {
            let field = self.field(descriptor, reference);
            if field.changed {
                wrong += usize::from(field.problem.is_some());
                changes.push(Change { key: descriptor.key.to_owned(), text: field.text });
            }
        }
        if wrong == 0 { Ok(changes) } else { Err(wrong) }
    }
}

/// The text of a key's value, the default where there is none. A boolean that a file spells `yes` reads `true`.
pub fn text_at(descriptor: &Descriptor, tree: &ConfigTree) -> String {
    match tree.get(descriptor.key) {
        Some(value @ ConfigValue::Tree(_)) => yaml::one_line(value),
        Some(value) => match descriptor.kind.parse(&value.to_string()) {
            Ok(value) => value.to_string(),
            Err(_) => value.to_string(),
        },
        None => descriptor.default_value().to_string(),
    }
}

/// With a capital and a full stop.
pub fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let rest = letters.as_str();
    format!("{first}{rest}{}", if rest.ends_with(['.', '?', '!']) { "" } else { "." })
}

/// The keys of a configuration that nothing is known of: they are passed on as they are.
pub fn unknown_keys(tree: &ConfigTree) -> Vec<(String, String)> {
    let known = |path: &str| {
        schema::descriptors().any(|descriptor| {
            path.strip_prefix(descriptor.key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    tree.flatten().into_iter().filter(|(path, _)| !known(path)).map(|(path, value)| (path, value.to_string())).collect()
}

/// The keys of a configuration whose values differ from the defaults: (label, key, value, default).
pub fn differences(tree: &ConfigTree) -> Vec<(&'static Descriptor, String, String)> {
    let differs = |descriptor: &'static Descriptor| {
        let value = tree.get(descriptor.key)?;
        let default = descriptor.default_value();
        (descriptor.kind.wire_value(value) != descriptor.kind.wire_value(&default))
            .then(|| (descriptor, text_at(descriptor, tree), default.to_string()))
    };
    schema::descriptors().filter_map(differs).collect()
}

/// Whether a key belongs to what a search asks for: every word is in its name, its key, its help or its group.
pub fn matches_search(descriptor: &Descriptor, search: &str) -> bool {
    let text = format!("{} {} {} {}", descriptor.label, descriptor.key, descriptor.help, descriptor.group.label());
    let text = text.to_lowercase();
    search.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// The groups that are open from the start; the others are behind "All settings".
pub fn is_main_group(group: Group) -> bool {
    matches!(group, Group::Fault | Group::Workload)
}

/// Whether only the public framework reads a key.
pub fn framework_only(descriptor: &Descriptor) -> bool {
    descriptor.readers == Readers::Framework
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMER: &str = "fault.slow-proposal.timer";

    fn start(base: &ConfigTree) -> Against<'_> {
        Against { reference: base, base }
    }

    fn descriptor(key: &str) -> &'static Descriptor {
        schema::descriptor(key).unwrap()
    }

    #[test]
    fn what_is_typed_is_a_change_until_it_is_what_was_there() {
        let reference = schema::default_tree();
        let mut draft = Draft::default();
        draft.set(descriptor(TIMER), start(&reference), "400".into());
        let field = draft.field(descriptor(TIMER), &reference);
        assert_eq!((field.text.as_str(), field.changed, field.problem), ("400", true, None));
        assert_eq!(draft.changes(&reference, |_| true).unwrap().len(), 1);
        draft.set(descriptor(TIMER), start(&reference), "00".into());
        assert!(!draft.field(descriptor(TIMER), &reference).changed, "00 is 0");
        draft.set(descriptor(TIMER), start(&reference), "0".into());
        assert_eq!(draft, Draft::default());
    }

    #[test]
    fn a_wrong_value_is_explained_and_keeps_everything_from_being_sent() {
        let reference = schema::default_tree();
        let mut draft = Draft::default();
        draft.set(descriptor(TIMER), start(&reference), "-4".into());
        let field = draft.field(descriptor(TIMER), &reference);
        assert_eq!(field.problem.as_deref(), Some("-4 is out of range: 0 to 60000."));
        assert_eq!(draft.changes(&reference, |_| true), Err(1));
        assert_eq!(draft.changes(&reference, |other| other.key != TIMER), Ok(Vec::new()));
        draft.reset(TIMER);
        assert_eq!(draft, Draft::default());
    }

    #[test]
    fn only_wanted_keys_are_sent_and_what_is_in_force_decides_what_is_a_change() {
        let reference = schema::default_tree();
        let mut draft = Draft::default();
        draft.set(descriptor(TIMER), start(&reference), "400".into());
        draft.set(descriptor("general.f"), start(&reference), "2".into());
        let live = draft.changes(&reference, Descriptor::is_live).unwrap();
        assert_eq!(live, [Change { key: TIMER.into(), text: "400".into() }]);
        let mut running = reference.clone();
        running.set(TIMER, ConfigValue::Integer(400));
        assert_eq!(draft.changes(&running, Descriptor::is_live).unwrap(), []);
        assert_eq!(draft.changes(&reference, |_| true).unwrap().len(), 2, "the next start takes both");
    }

    #[test]
    fn what_the_host_refused_stands_at_its_field_until_it_is_edited() {
        let reference = schema::default_tree();
        let mut draft = Draft::default();
        let key = "workload.contention-level";
        draft.set(descriptor(key), start(&reference), "200".into());
        let problem = |key: &str| Problem { key: key.into(), message: "too many records".into() };
        let others = draft.refuse(vec![problem(key), problem("name")], &reference);
        assert_eq!(others, [problem("name")]);
        assert_eq!(draft.field(descriptor(key), &reference).problem.as_deref(), Some("Too many records."));
        draft.set(descriptor(key), start(&reference), "90".into());
        assert_eq!(draft.field(descriptor(key), &reference).problem, None);
    }

    #[test]
    fn a_value_over_time_is_shown_and_not_edited() {
        let tree: ConfigTree = serde_json::from_str(
            r#"{"fault":{"slow-proposal":{"timer":{"advance":true,"init":5,"max":40}}},"mine":{"own":[1,2]}}"#,
        )
        .unwrap();
        let field = Draft::default().field(descriptor(TIMER), &tree);
        assert!(field.scheduled && !field.changed);
        assert_eq!(field.text, "{advance: true, init: 5, max: 40}");
        assert_eq!(unknown_keys(&tree), [("mine.own".to_owned(), "1, 2".to_owned())]);
    }

    #[test]
    fn every_word_of_a_search_has_to_be_found() {
        assert!(matches_search(descriptor(TIMER), "slow TIMER"));
        assert!(matches_search(descriptor(TIMER), "fault.slow-proposal"));
        assert!(!matches_search(descriptor(TIMER), "slow payload"));
    }

    #[test]
    fn differences_from_the_defaults_are_listed() {
        let mut tree = schema::default_tree();
        assert!(differences(&tree).is_empty());
        tree.set(TIMER, ConfigValue::Integer(7));
        let found = differences(&tree);
        assert_eq!((found[0].0.key, found[0].1.as_str(), found[0].2.as_str()), (TIMER, "7", "0"));
    }
}
