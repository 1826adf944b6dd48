//! Changes that come by themselves at their times: a trial's timeline.

use crate::config::ConfigTree;
use crate::patch::PatchItem;
use crate::validate::{Change, Problem, check_changes};
use serde::{Deserialize, Serialize};

/// The most entries a schedule has.
pub const MAX_ENTRIES: usize = 500;
/// The latest moment of an entry, milliseconds: one day.
pub const LATEST_MS: u64 = 24 * 60 * 60 * 1_000;

/// What changes at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledChange {
    /// Milliseconds after the clients began to send.
    pub at_ms: u64,
    /// The live keys that change, each with its value as typed.
    pub changes: Vec<Change>,
}

/// A moment with what units are told then.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduledPatch {
    /// Milliseconds after the clients began to send.
    pub at_ms: u64,
    /// The changed keys.
    pub items: Vec<PatchItem>,
}

/// Checks a schedule against the configuration that the trial starts with; each entry is checked with those before it
/// in force. Entries come back in the order of their times; those of one time keep theirs.
///
/// # Errors
/// All problems, each at its key; the message names the time of the entry.
pub fn check_schedule(config: &ConfigTree, schedule: &[ScheduledChange]) -> Result<Vec<ScheduledPatch>, Vec<Problem>> {
    let problem = |message: String| Problem { key: "schedule".to_owned(), message };
    if schedule.len() > MAX_ENTRIES {
        return Err(vec![problem(format!("the schedule has {} entries; at most {MAX_ENTRIES} fit", schedule.len()))]);
    }
    let mut entries: Vec<_> = schedule.iter().collect();
    entries.sort_by_key(|entry| entry.at_ms);
    let mut config = config.clone();
    let (mut patches, mut problems) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = entry.at_ms as f64 / 1_000.0;
        if entry.at_ms > LATEST_MS {
            problems.push(problem(format!("the entry at {at} s is later than the {} s that fit", LATEST_MS / 1_000)));
        }
        if entry.changes.is_empty() {
            problems.push(problem(format!("the entry at {at} s changes nothing: give it a key, or remove it")));
        }
        match check_changes(&config, &entry.changes) {
            Ok(items) => {
                items.iter().for_each(|item| config.set(&item.key, item.tree_value()));
                patches.push(ScheduledPatch { at_ms: entry.at_ms, items });
            }
            Err(found) => problems.extend(
                found.into_iter().map(|one| Problem { key: one.key, message: format!("at {at} s: {}", one.message) }),
            ),
        }
    }
    if problems.is_empty() { Ok(patches) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigValue;
    use crate::schema::default_tree;

    fn entry(at_ms: u64, key: &str, text: &str) -> ScheduledChange {
        ScheduledChange { at_ms, changes: vec![Change { key: key.into(), text: text.into() }] }
    }

    #[test]
    fn entries_come_back_in_the_order_of_their_times() {
        let schedule =
            [entry(9_000, "fault.crash.affected-entities", ""), entry(4_000, "fault.crash.affected-entities", "0, 2")];
        let patches = check_schedule(&default_tree(), &schedule).unwrap();
        assert_eq!(patches.iter().map(|patch| patch.at_ms).collect::<Vec<_>>(), [4_000, 9_000]);
        assert_eq!(patches[0].items[0].value, ConfigValue::Text("0,2".into()));
    }

    #[test]
    fn what_is_wrong_is_said_with_the_time_of_its_entry() {
        let problems = |schedule: &[ScheduledChange]| -> Vec<String> {
            check_schedule(&default_tree(), schedule).unwrap_err().iter().map(ToString::to_string).collect()
        };
        let found = problems(&[
            entry(500, "general.f", "2"),
            entry(1_000, "fault.slow-proposal.timer", "soon"),
            entry(LATEST_MS + 1, "fault.slow-proposal.timer", "1"),
            ScheduledChange { at_ms: 2_000, changes: vec![] },
        ]);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].starts_with("general.f: at 0.5 s: this key takes effect at the next start"), "{found:?}");
        assert!(found[1].contains("at 1 s: \"soon\" is not a whole number"), "{found:?}");
        assert!(
            problems(&vec![entry(1, "fault.slow-proposal.timer", "1"); MAX_ENTRIES + 1])[0].contains("at most 500")
        );
    }
}
