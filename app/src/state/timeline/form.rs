//! The form in which an entry of the timeline is written and edited.

use crate::state::faults::action::Action;
use crate::state::faults::{self, fault, list_text, suggestion};
use crate::state::timeline::Entry;
use model::schedule::LATEST_MS;
use model::schema;
use model::validate::Change;
use std::collections::{BTreeMap, BTreeSet};

/// What has been typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// When, in seconds.
    pub at: String,
    /// What: `begin:` or `end:` with a fault's name, `cut`, `heal`, `clear`, `key`, or `kept`.
    pub what: String,
    /// Which replicas, with commas between.
    pub replicas: String,
    /// Values of faults by key; what is not in it is as suggested.
    pub values: BTreeMap<String, String>,
    /// Which key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// What an entry does that came from a trial and that no other choice says.
    pub kept: Option<Action>,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            at: "20".to_owned(),
            what: format!("begin:{}", faults::CRASH),
            replicas: "0".to_owned(),
            values: BTreeMap::new(),
            key: "workload.read-only-ratio".to_owned(),
            value: String::new(),
            kept: None,
        }
    }
}

/// A field of the form with what is wrong there.
pub type Wrong = (&'static str, String);

impl Form {
    /// The form with an entry in it.
    pub fn of(entry: &Entry) -> Self {
        let at = format!("{}", entry.at_ms as f64 / 1_000.0);
        let form = Self { at, ..Self::default() };
        match &entry.action {
            Action::Begin { fault, replicas, values } => Self {
                what: format!("begin:{fault}"),
                replicas: list_text(replicas),
                values: values.iter().cloned().collect(),
                ..form
            },
            Action::End { fault, replicas } => {
                Self { what: format!("end:{fault}"), replicas: list_text(replicas), ..form }
            }
            Action::Cut { replicas } => Self { what: "cut".to_owned(), replicas: list_text(replicas), ..form },
            Action::Heal => Self { what: "heal".to_owned(), ..form },
            Action::Clear => Self { what: "clear".to_owned(), ..form },
            Action::Set { changes } => match changes.as_slice() {
                [Change { key, text }] => {
                    Self { what: "key".to_owned(), key: key.clone(), value: text.clone(), ..form }
                }
                _ => Self { what: "kept".to_owned(), kept: Some(entry.action.clone()), ..form },
            },
        }
    }

    /// The fault that begins or ends, and whether it begins.
    pub fn fault(&self) -> Option<(&'static faults::Fault, bool)> {
        let (deed, name) = self.what.split_once(':')?;
        Some((fault(name)?, deed == "begin"))
    }

    /// Whether replicas are to be named.
    pub fn needs_replicas(&self) -> bool {
        self.what == "cut" || self.fault().is_some()
    }

    /// The text of a fault's value.
    pub fn value_of(&self, key: &str) -> String {
        let suggested = || schema::descriptor(key).map(suggestion).unwrap_or_default().to_owned();
        self.values.get(key).cloned().unwrap_or_else(suggested)
    }

    /// The entry that is written here, for a cluster of so many replicas.
    ///
    /// # Errors
    /// Every field with what is wrong there.
    pub fn read(&self, count: u32) -> Result<Entry, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let at_ms = read_seconds(&self.at).map_err(|message| wrong.push(("at", message)));
        let replicas = match self.needs_replicas() {
            true => read_replicas(&self.replicas, count).map_err(|message| wrong.push(("replicas", message))),
            false => Ok(BTreeSet::new()),
        };
        let action = match (self.fault(), self.what.as_str()) {
            (Some((fault, true)), _) => {
                let mut values = Vec::new();
                for value in fault.values() {
                    let text = self.value_of(value.key);
                    match value.kind.parse(&text) {
                        Ok(_) => values.push((value.key.to_owned(), text)),
                        Err(message) => wrong.push(("values", message)),
                    }
                }
                Some(Action::Begin {
                    fault: fault.name.to_owned(),
                    replicas: replicas.clone().unwrap_or_default(),
                    values,
                })
            }
            (Some((fault, false)), _) => {
                Some(Action::End { fault: fault.name.to_owned(), replicas: replicas.clone().unwrap_or_default() })
            }
            (None, "cut") => Some(Action::Cut { replicas: replicas.clone().unwrap_or_default() }),
            (None, "heal") => Some(Action::Heal),
            (None, "clear") => Some(Action::Clear),
            (None, "kept") => self.kept.clone(),
            _ => self.read_key().map_err(|message| wrong.push(("value", message))).ok(),
        };
        match (at_ms, action) {
            (Ok(at_ms), Some(action)) if wrong.is_empty() => Ok(Entry { at_ms, action }),
            _ => Err(wrong),
        }
    }

    fn read_key(&self) -> Result<Action, String> {
        let descriptor = schema::descriptor(&self.key).ok_or_else(|| "choose a key".to_owned())?;
        if !self.value.trim_start().starts_with('{') {
            descriptor.kind.parse(&self.value)?;
        }
        Ok(Action::Set { changes: vec![Change { key: self.key.clone(), text: self.value.clone() }] })
    }
}

fn read_seconds(text: &str) -> Result<u64, String> {
    let seconds: f64 =
        text.trim().trim_end_matches('s').trim_end().parse().map_err(|_| "a number of seconds".to_owned())?;
    let latest = LATEST_MS as f64 / 1_000.0;
    if (0.0..=latest).contains(&seconds) {
        Ok((seconds * 1_000.0).round() as u64)
    } else {
        Err(format!("0 to {latest} s"))
    }
}

fn read_replicas(text: &str, count: u32) -> Result<BTreeSet<u32>, String> {
    let last = count.saturating_sub(1);
    let parts = text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let numbers: BTreeSet<u32> = parts
        .map(|part| part.parse().map_err(|_| format!("{part:?} is not a replica's number: 0 to {last}")))
        .collect::<Result<_, _>>()?;
    match numbers.last() {
        None => Err(format!("name at least one replica: 0 to {last}")),
        Some(number) if *number > last => Err(format!("there is no replica {number}: 0 to {last}")),
        Some(_) => Ok(numbers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_the_same_after_it_was_in_the_form() {
        let replicas = BTreeSet::from([0, 3]);
        let set = |changes: &[(&str, &str)]| Action::Set {
            changes: changes.iter().map(|(key, text)| Change { key: (*key).into(), text: (*text).into() }).collect(),
        };
        let timer = ("fault.slow-proposal.timer".to_owned(), "30".to_owned());
        for action in [
            Action::Begin { fault: "crash".into(), replicas: replicas.clone(), values: vec![] },
            Action::Begin { fault: "slow-proposal".into(), replicas: replicas.clone(), values: vec![timer] },
            Action::End { fault: "in-dark".into(), replicas: replicas.clone() },
            Action::Cut { replicas },
            Action::Heal,
            Action::Clear,
            set(&[("workload.read-only-ratio", "0.5")]),
            set(&[("fault.slow-proposal.timer", "3"), ("fault.timeout.generator", "9")]),
        ] {
            let entry = Entry { at_ms: 20_500, action };
            assert_eq!(Form::of(&entry).read(4), Ok(entry));
        }
    }

    #[test]
    fn each_wrong_field_says_what_would_be_right() {
        let wrong = |change: fn(&mut Form)| {
            let mut form = Form::default();
            change(&mut form);
            form.read(4).unwrap_err()
        };
        assert_eq!(wrong(|form| form.at = "soon".into()), [("at", "a number of seconds".to_owned())]);
        assert_eq!(wrong(|form| form.at = "-1".into()), [("at", "0 to 86400 s".to_owned())]);
        assert_eq!(wrong(|form| form.at = "NaN".into()), [("at", "0 to 86400 s".to_owned())]);
        let found = wrong(|form| form.replicas = "4".into());
        assert_eq!(found, [("replicas", "there is no replica 4: 0 to 3".to_owned())]);
        assert!(wrong(|form| form.replicas = " ".into())[0].1.starts_with("name at least one"));
        let found = wrong(|form| {
            form.what = "begin:replay".into();
            form.values.insert("fault.replay.rate".into(), "2".into());
        });
        assert_eq!(found[0].0, "values");
        assert_eq!(wrong(|form| form.what = "key".into())[0].0, "value");
    }

    #[test]
    fn without_a_word_the_leader_crashes_after_twenty_seconds() {
        let entry = Form::default().read(4).unwrap();
        assert_eq!(entry.at_ms, 20_000);
        assert_eq!(
            entry.action,
            Action::Begin { fault: "crash".into(), replicas: BTreeSet::from([0]), values: vec![] }
        );
    }
}
