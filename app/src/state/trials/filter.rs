//! What is typed into the search of the list of trials: words, and conditions on settings such as `block-size>=10`.

use model::ids::TrialId;
use model::schema;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Where each trial's configuration differs from the defaults: (key, value as typed).
pub type Settings = HashMap<TrialId, Vec<(String, String)>>;

/// What a search asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// In small letters; each has to be somewhere.
    pub words: Vec<String>,
    /// Each has to hold.
    pub conditions: Vec<SettingFilter>,
}

/// How a setting is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparator {
    Equal,
    Different,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// The signs, longer ones first.
const SIGNS: [(&str, Comparator); 6] = [
    ("!=", Comparator::Different),
    (">=", Comparator::AtLeast),
    ("<=", Comparator::AtMost),
    ("=", Comparator::Equal),
    (">", Comparator::More),
    ("<", Comparator::Less),
];

/// A condition on one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingFilter {
    key: &'static str,
    comparator: Comparator,
    value: String,
}

/// Reads a search.
///
/// # Errors
/// A sentence, where a condition names no setting, or several.
pub fn read(search: &str) -> Result<Words, String> {
    let mut read = Words::default();
    for word in search.split_whitespace() {
        match condition(word) {
            None => read.words.push(word.to_lowercase()),
            Some((name, comparator, value)) => {
                let key = key_of(name)?;
                read.conditions.push(SettingFilter { key, comparator, value: tidy(value) });
            }
        }
    }
    Ok(read)
}

/// The parts of `block-size>=10`; none for a word.
fn condition(word: &str) -> Option<(&str, Comparator, &str)> {
    let place = word.find(['=', '<', '>', '!'])?;
    let (sign, comparator) = SIGNS.into_iter().find(|(sign, _)| word[place..].starts_with(sign))?;
    let name = &word[..place];
    let is_name = !name.is_empty() && name.chars().all(|each| each.is_ascii_alphanumeric() || "-_.".contains(each));
    is_name.then(|| (name, comparator, &word[place + sign.len()..]))
}

/// The setting of this name: its whole key, or the end of one.
fn key_of(name: &str) -> Result<&'static str, String> {
    let name = name.to_ascii_lowercase();
    let ending = format!(".{name}");
    let keys: Vec<&'static str> = schema::descriptors().map(|descriptor| descriptor.key).collect();
    if let Some(exact) = keys.iter().copied().find(|key| *key == name) {
        return Ok(exact);
    }
    let ends: Vec<_> = keys.into_iter().filter(|key| key.ends_with(&ending)).collect();
    match ends.as_slice() {
        [only] => Ok(*only),
        // Not settings: there are lists to choose them from.
        [] if matches!(name.as_str(), "protocol" | "verdict" | "state") => {
            Err(format!("{name} is no setting: choose it beside the search, or search for its name"))
        }
        [] if matches!(name.as_str(), "testbed" | "engine") => {
            Err(format!("{name} is no setting: search for its name"))
        }
        [] => Err(format!("No setting is called {name}: write a key such as benchmark.block-size=10")),
        several => Err(format!("{name} may be {}: write more of the key", several.join(" or "))),
    }
}

impl SettingFilter {
    /// Whether it holds for a trial with these settings beside the defaults.
    pub fn fits(&self, settings: Option<&Vec<(String, String)>>) -> bool {
        let own = settings.into_iter().flatten().find(|(key, _)| key == self.key).map(|(_, value)| value.as_str());
        let default = || schema::descriptor(self.key).map_or("", |descriptor| descriptor.default);
        let found = tidy(own.unwrap_or_else(default));
        let order = match (found.parse::<f64>(), self.value.parse::<f64>()) {
            (Ok(found), Ok(wanted)) => found.partial_cmp(&wanted),
            // Texts have no order that anybody would ask for.
            _ => (found == self.value).then_some(Ordering::Equal),
        };
        match self.comparator {
            Comparator::Equal => order == Some(Ordering::Equal),
            Comparator::Different => order != Some(Ordering::Equal),
            Comparator::Less => order == Some(Ordering::Less),
            Comparator::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Comparator::More => order == Some(Ordering::Greater),
            Comparator::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

/// A value without blanks, which a search cannot have, in small letters.
fn tidy(value: &str) -> String {
    value.chars().filter(|each| !each.is_whitespace()).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_conditions_are_told_apart() {
        let read = read("PBFT block-size>=10 === a/b=1").unwrap();
        assert_eq!(read.words, ["pbft", "===", "a/b=1"]);
        let wanted =
            SettingFilter { key: "benchmark.block-size", comparator: Comparator::AtLeast, value: "10".to_owned() };
        assert_eq!(read.conditions, [wanted]);
    }

    #[test]
    fn a_name_that_is_the_end_of_several_keys_is_not_guessed() {
        let several = read("affected-entities=1").unwrap_err();
        assert!(several.contains("fault.crash.affected-entities") && several.contains("more of the key"), "{several}");
        assert!(read("nonsense=1").unwrap_err().contains("nonsense"));
        assert!(read("testbed=lab").unwrap_err().contains("search for its name"));
        assert!(read("protocol=prime").unwrap_err().contains("beside the search"));
    }

    #[test]
    fn lists_and_switches_are_compared_as_they_are_typed() {
        let fits = |condition: &str, key: &str, value: &str| {
            let settings = vec![(key.to_owned(), value.to_owned())];
            read(condition).unwrap().conditions[0].fits(Some(&settings))
        };
        let crash = "fault.crash.affected-entities";
        assert!(fits("crash.affected-entities=0,2", crash, "0, 2"));
        assert!(fits("crash.affected-entities!=0", crash, "0, 2"));
        assert!(!fits("crash.affected-entities<3", crash, "0, 2"));
        assert!(fits("closed-loop.enable=FALSE", "benchmark.closed-loop.enable", "false"));
    }
}
