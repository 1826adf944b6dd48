//! A plan as the grid file that `bftgym sweep` reads.

use super::plan::{Axis, SweepOrder, SweepPlan};
use crate::config::{ConfigTree, ConfigValue};
use crate::validate::{Change, check_change};
use crate::{schema, yaml};

/// Writes a plan as a grid file. Keys of its configuration that differ from the built-in experiment are written as values
/// that do not vary; where it runs is left out, since a grid file runs on the machine of the one who calls.
pub fn write(plan: &SweepPlan) -> String {
    let text = |text: &str| ConfigValue::Text(text.to_owned());
    let mut tree = ConfigTree::new();
    tree.insert("name", text(&plan.name));
    tree.insert("protocol", ConfigValue::List(plan.protocols.iter().map(|protocol| text(&protocol.name)).collect()));
    tree.insert("duration", ConfigValue::Text(duration_text(plan.duration_ms)));
    tree.insert("warm-up", ConfigValue::Text(duration_text(plan.warmup_ms)));
    tree.insert("repetitions", ConfigValue::Integer(plan.repetitions.into()));
    if plan.order != SweepOrder::AsWritten {
        tree.insert("order", text(plan.order.word()));
    }
    let mut set = ConfigTree::new();
    for descriptor in schema::descriptors().filter(|known| plan.axes.iter().all(|axis| axis.key != known.key)) {
        if let Some(value) = plan.config.get(descriptor.key)
            && descriptor.kind.wire_value(value) != descriptor.kind.wire_value(&descriptor.default_value())
        {
            // A list of one, because a list by itself would be a list of values.
            set.insert(descriptor.key, ConfigValue::List(vec![value.clone()]));
        }
    }
    for Axis { key, values } in &plan.axes {
        let value = |text: &String| match check_change(&Change { key: key.clone(), text: text.clone() }) {
            Ok((_, value)) => value,
            Err(_) => ConfigValue::Text(text.clone()),
        };
        set.insert(key.as_str(), ConfigValue::List(values.iter().map(value).collect()));
    }
    if !set.entries().is_empty() {
        tree.insert("set", ConfigValue::Tree(set));
    }
    let mut file = yaml::write(&tree);
    if !plan.schedule.is_empty() {
        file.push_str("faults:\n");
    }
    for entry in &plan.schedule {
        let mut set = ConfigTree::new();
        for change in &entry.changes {
            let value = check_change(change).map_or_else(|_| text(&change.text), |(_, value)| value);
            set.insert(change.key.as_str(), value);
        }
        let set = yaml::one_line(&ConfigValue::Tree(set));
        file.push_str(&format!("  - at: {}\n    set: {set}\n", duration_text(entry.at_ms)));
    }
    file
}

fn duration_text(milliseconds: u64) -> String {
    match milliseconds {
        milliseconds if milliseconds.is_multiple_of(1_000) => format!("{}s", milliseconds / 1_000),
        milliseconds => format!("{milliseconds}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::plan;
    use super::*;
    use crate::schedule::ScheduledChange;

    #[test]
    fn a_plan_becomes_a_file_that_says_all_of_it() {
        let mut plan = plan(&[("benchmark.block-size", &["1", "10"]), ("workload.distribution", &["0, 0, 0, 1"])]);
        plan.order = SweepOrder::Random;
        plan.config.set("general.f", ConfigValue::Integer(2));
        let change = Change { key: "fault.crash.affected-entities".into(), text: "0, 3".into() };
        plan.schedule.push(ScheduledChange { at_ms: 1_500, changes: vec![change] });
        assert_eq!(
            write(&plan),
            "name: blocks\nprotocol: [pbft, zyzzyva]\nduration: \"2s\"\nwarm-up: \"500ms\"\nrepetitions: 3\norder: random\n\
             set:\n  general.f: [2]\n  benchmark.block-size: [1, 10]\n  workload.distribution: [[0, 0, 0, 1]]\n\
             faults:\n  - at: 1500ms\n    set: {fault.crash.affected-entities: [0, 3]}\n"
        );
    }
}
