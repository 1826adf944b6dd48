//! What changes while an experiment runs, and when.
//!
//! ```yaml
//! - at: 20s
//!   set: { fault.crash.affected-entities: [0] }
//! - at: 40s
//!   set: { fault.crash.affected-entities: [] }
//! ```

use super::file::{self, FileProblem, problem};
use model::config::ConfigTree;
use model::patch::PatchItem;
use protocol::language::document::Node;
use std::time::Duration;

/// One change at its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Since the end of the warm-up.
    pub at: Duration,
    /// The changed keys.
    pub items: Vec<PatchItem>,
    /// What changes, for people: `fault.crash.affected-entities = 0`.
    pub change: String,
}

/// Reads a schedule for an experiment of this duration that starts with this configuration.
///
/// # Errors
/// Everything that is wrong with it, each at its line.
pub fn parse_schedule(text: &str, config: &ConfigTree, duration: Duration) -> Result<Vec<Step>, Vec<FileProblem>> {
    let node = file::read("a schedule", text).map_err(|problem| vec![problem])?;
    steps(&node, config, duration)
}

/// Reads the steps of a list.
pub(super) fn steps(node: &Node, config: &ConfigTree, duration: Duration) -> Result<Vec<Step>, Vec<FileProblem>> {
    let Some(items) = node.sequence() else {
        let example = "a schedule is a list of changes, such as `- at: 20s` followed by `  set: {fault.crash.affected-entities: [0]}`";
        return Err(vec![problem(node.place, example)]);
    };
    let (mut steps, mut problems) = (Vec::<Step>::new(), Vec::new());
    let mut config = config.clone();
    for item in items {
        match step(item, &mut config, duration, &mut problems) {
            Some(step) if steps.last().is_some_and(|before| step.at < before.at) => {
                let message = "this change comes before the one above it: write them in the order of their times";
                problems.push(problem(item.place, message));
            }
            Some(step) => steps.push(step),
            None => {}
        }
    }
    if problems.is_empty() { Ok(steps) } else { Err(problems) }
}

fn step(item: &Node, config: &mut ConfigTree, duration: Duration, problems: &mut Vec<FileProblem>) -> Option<Step> {
    if item.mapping().is_none() {
        problems.push(problem(item.place, "expected a change with the keys at and set"));
        return None;
    }
    file::only(item, &["at", "set"], problems);
    let at = match file::duration(item, "at") {
        Ok(Some(at)) if at >= duration => {
            let message =
                format!("the change comes when the experiment has ended, after {:.3} s", duration.as_secs_f64());
            problems.push(problem(item.get("at").map_or(item.place, |at| at.place), message));
            None
        }
        Ok(Some(at)) => Some(at),
        Ok(None) => {
            problems.push(problem(item.place, "the change has no time: add at, such as `at: 20s`"));
            None
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let set = item.get("set").and_then(Node::mapping).unwrap_or_default();
    if set.is_empty() {
        let message = "the change changes nothing: add set with live keys, such as `set: {fault.network.loss: 0.1}`";
        problems.push(problem(item.place, message));
        return None;
    }
    let (mut items, mut changes) = (Vec::new(), Vec::new());
    for (key, place, value) in set {
        match file::live_change(config, key, *place, value) {
            Ok(item) => {
                config.set(key, item.tree_value());
                items.push(item);
                changes.push(format!("{key} = {}", file::shown(value)));
            }
            Err(problem) => problems.push(problem),
        }
    }
    Some(Step { at: at?, items, change: changes.join("; ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::config::ConfigValue;
    use model::schema::default_tree;

    fn parse(text: &str) -> Result<Vec<Step>, Vec<String>> {
        let parsed = parse_schedule(text, &default_tree(), Duration::from_secs(30));
        parsed.map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn changes_are_read_with_their_times_and_keys() {
        let steps = parse(
            "- at: 500ms\n  set: {fault.in-dark.affected-entities: [1, 3], fault.in-dark.generator: true}\n\
             - at: 20s\n  set:\n    fault.slow-proposal.timer: {advance: true, init: 0, fixed: {value: 40}}\n",
        )
        .unwrap();
        assert_eq!((steps.len(), steps[0].at), (2, Duration::from_millis(500)));
        assert_eq!(steps[0].change, "fault.in-dark.affected-entities = 1,3; fault.in-dark.generator = true");
        assert_eq!(steps[0].items[0].value, ConfigValue::Text("1,3".into()));
        assert_eq!(steps[1].items[0].kind, "int");
        let over = parse("- at: 1s\n  set: {fault.crash.affected-entities: []}").unwrap();
        assert_eq!(over[0].change, "fault.crash.affected-entities = []");
        assert!(matches!(&steps[1].items[0].value, ConfigValue::Tree(tree) if tree.number("fixed.value", 0.0) == 40.0));
    }

    #[test]
    fn everything_that_is_wrong_is_named_with_its_line() {
        for (text, wanted) in [
            ("at: 20s", "line 1, column 1: a schedule is a list"),
            (
                "- at: 20s\n  set: {fault.slow-proposal.timr: 4}",
                "line 2, column 9: fault.slow-proposal.timr: there is no such key; did you mean",
            ),
            (
                "- at: 20s\n  set: {general.f: 2}",
                "line 2, column 9: general.f: this key takes effect at the next start",
            ),
            (
                "- at: 20s\n  set: {fault.slow-proposal.timer: soon}",
                "line 2, column 9: fault.slow-proposal.timer: \"soon\" is not",
            ),
            ("- at: soon\n  set: {fault.slow-proposal.timer: 4}", "line 1, column 7: "),
            (
                "- at: 40s\n  set: {fault.slow-proposal.timer: 4}",
                "line 1, column 7: the change comes when the experiment has ended",
            ),
            ("- set: {fault.slow-proposal.timer: 4}", "line 1, column 3: the change has no time"),
            ("- at: 20s", "line 1, column 3: the change changes nothing"),
            ("- at: 20s\n  sets: {}", "line 2, column 3: \"sets\" does not belong here"),
            (
                "- at: 20s\n  set: {fault.slow-proposal.timer: 4}\n- at: 10s\n  set: {fault.slow-proposal.timer: 0}",
                "line 3, column 3: this change comes before",
            ),
            (
                "- at: 20s\n  set: {fault.slow-proposal.timer: {advance: true, init: 0}}",
                "line 2, column 9: fault.slow-proposal.timer: ",
            ),
            ("- [", "line "),
        ] {
            let problems = parse(text).unwrap_err();
            assert!(problems[0].starts_with(wanted), "{text:?}: {problems:?}");
        }
        let large = parse(&"#".repeat(2 << 20)).unwrap_err();
        assert!(large[0].contains("a schedule has at most 1048576"), "{large:?}");
    }
}
