//! What changes of keys do to replicas, in words: "Replica 0 crashes", "Replicas 0, 2 return", "Block size = 10".

use crate::state::faults::action::put;
use crate::state::faults::{self, Fault, PARTITION, groups, value_text};
use model::config::ConfigTree;
use model::schedule::ScheduledChange;
use model::schema;
use model::validate::Change;
use std::collections::BTreeSet;

/// What each entry does, one after the other, from a configuration on.
pub fn tell_all(config: &ConfigTree, schedule: &[ScheduledChange], replicas: u32) -> Vec<String> {
    let mut config = config.clone();
    let of = |entry: &ScheduledChange| {
        let text = tell(&config, &entry.changes, replicas, entry.at_ms);
        put(&mut config, &entry.changes);
        text
    };
    schedule.iter().map(of).collect()
}

/// What changes do.
pub fn tell(before: &ConfigTree, changes: &[Change], replicas: u32, elapsed_ms: u64) -> String {
    let mut after = before.clone();
    put(&mut after, changes);
    let mut parts = Vec::new();
    let mut explained = BTreeSet::new();
    for fault in faults::all() {
        let (was, is) = (fault.affected(before, elapsed_ms), fault.affected(&after, elapsed_ms));
        let begins: BTreeSet<u32> = is.difference(&was).copied().collect();
        let ends: BTreeSet<u32> = was.difference(&is).copied().collect();
        if !begins.is_empty() {
            parts.push(format!("{}{}", does(&begins, fault.words.begins), values(fault, &after, elapsed_ms)));
        }
        if !ends.is_empty() {
            parts.push(does(&ends, fault.words.ends));
        }
        if was != is {
            explained.insert(fault.list.key);
            explained.extend(fault.parameters.iter().map(|parameter| parameter.key));
        }
    }
    let (was, is) = (groups(before, replicas), groups(&after, replicas));
    if was != is {
        explained.insert(PARTITION);
        parts.push(parting(&is));
    }
    for change in changes.iter().filter(|change| !explained.contains(change.key.as_str())) {
        parts.push(match schema::descriptor(&change.key) {
            Some(known) => {
                let unit =
                    if matches!(known.unit, "ms" | "bytes") { format!(" {}", known.unit) } else { String::new() };
                let text = if change.text.trim().is_empty() { "none" } else { &change.text };
                format!("{} = {text}{unit}", known.label)
            }
            None => format!("{} = {}", change.key, change.text),
        });
    }
    parts.join("; ")
}

fn parting(groups: &[BTreeSet<u32>]) -> String {
    let smallest = groups.iter().min_by_key(|group| group.len());
    match (groups.len(), smallest) {
        (0, _) => "The partition heals".to_owned(),
        (2, Some(group)) => does(group, "is cut off"),
        _ => {
            let texts: Vec<_> = groups.iter().map(faults::list_text).collect();
            format!("partition {}", texts.join(" | "))
        }
    }
}

fn values(fault: &Fault, config: &ConfigTree, elapsed_ms: u64) -> String {
    let texts: Vec<_> = fault
        .values()
        .map(|value| {
            let unit = if value.unit == "ms" { " ms" } else { "" };
            format!("{}{unit}", value_text(config, value, elapsed_ms))
        })
        .collect();
    if texts.is_empty() { String::new() } else { format!(" ({})", texts.join(", ")) }
}

/// "Replica 0 crashes", "Replicas 0, 2 crash".
fn does(replicas: &BTreeSet<u32>, singular: &str) -> String {
    let names = faults::list_text(replicas).replace(',', ", ");
    if replicas.len() == 1 {
        return format!("Replica {names} {singular}");
    }
    let (verb, rest) = singular.split_once(' ').map_or((singular, ""), |(verb, rest)| (verb, rest));
    let plural = match verb {
        "is" => "are",
        "crashes" => "crash",
        verb => verb.strip_suffix('s').unwrap_or(verb),
    };
    format!("Replicas {names} {plural} {rest}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(key: &str, text: &str) -> Change {
        Change { key: format!("fault.{key}"), text: text.into() }
    }

    #[test]
    fn changes_are_told_by_what_they_do_to_replicas() {
        let entry = |at_ms, changes: &[Change]| ScheduledChange { at_ms, changes: changes.to_vec() };
        let crash = "crash.affected-entities";
        let told = tell_all(
            &schema::default_tree(),
            &[
                entry(1, &[change(crash, "0")]),
                entry(2, &[change(crash, "0, 1, 2")]),
                entry(3, &[change(crash, "1,3")]),
                entry(4, &[change("slow-proposal.timer", "400")]),
                entry(5, &[change("slow-proposal.timer", "300")]),
                entry(6, &[change("partition.groups", "2")]),
                entry(7, &[change("partition.groups", "")]),
                entry(8, &[Change { key: "workload.read-only-ratio".into(), text: "0.5".into() }]),
            ],
            4,
        );
        assert_eq!(
            told,
            [
                "Replica 0 crashes",
                "Replicas 1, 2 crash",
                "Replica 3 crashes; Replicas 0, 2 return",
                "Replica 0 proposes slowly (400 ms)",
                "Slow-proposal timer = 300 ms",
                "Replica 2 is cut off",
                "The partition heals",
                "Read-only share = 0.5",
            ]
        );
    }
}
