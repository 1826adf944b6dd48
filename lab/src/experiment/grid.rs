//! Experiments over a grid of protocols and settings, read from a file. What the file says is a [`SweepPlan`], which the
//! page makes as well.
//!
//! ```yaml
//! name: block size
//! protocol: [pbft]
//! duration: 10s
//! warm-up: 2s
//! repetitions: 3
//! order: random
//! set:
//!   benchmark.block-size: [1, 10, 100]
//! faults:
//!   - at: 5s
//!     set: { fault.crash.affected-entities: [3] }
//! ```

use super::file::{self, FileProblem, problem};
use super::schedule::{self, Step};
use model::config::ConfigTree;
use model::schedule::ScheduledChange;
use model::sweep::{
    Axis, MAX_REPETITIONS, SweepOrder, SweepPlace, SweepPlan, SweepPoint, SweepProblem, SweepProtocol, points,
};
use model::testbed::TestbedName;
use model::validate::Change;
use protocol::language::diagnostic::Place;
use protocol::language::document::{Content, Node};
use std::time::Duration;

/// What a grid file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The sweep. Its protocols are names of shipped ones or paths.
    pub plan: SweepPlan,
    /// Its points in order.
    pub points: Vec<Point>,
}

/// One point with what changes while it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The point.
    pub at: SweepPoint,
    /// What changes in each run.
    pub schedule: Vec<Step>,
}

impl Grid {
    /// Reads a grid whose experiments start from this configuration.
    ///
    /// # Errors
    /// Everything that is wrong with it, each at its line.
    pub fn parse(text: &str, base: &ConfigTree) -> Result<Self, Vec<FileProblem>> {
        let node = file::read("a grid", text).map_err(|problem| vec![problem])?;
        if node.mapping().is_none() {
            return Err(vec![problem(node.place, "expected the keys of a grid, such as `protocol: [pbft]`")]);
        }
        let mut problems = Vec::new();
        let known = ["name", "protocol", "duration", "warm-up", "repetitions", "order", "set", "faults"];
        file::only(&node, &known, &mut problems);
        let mut plan = plan(&node, base, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let found = match points(&plan) {
            Ok(found) => found,
            Err(wrong) => {
                return Err(wrong.into_iter().map(|problem| placed(&node, &plan, problem)).collect());
            }
        };
        let duration = Duration::from_millis(plan.duration_ms);
        let mut all = Vec::with_capacity(found.len());
        for at in found {
            let schedule = match node.get("faults") {
                None => Vec::new(),
                Some(faults) => schedule::steps(faults, &at.config, duration)?,
            };
            all.push(Point { at, schedule });
        }
        // Keys are checked with the values of each point; what changes when is the same in all of them.
        plan.schedule = all.first().map(|point| point.schedule.iter().map(scheduled).collect()).unwrap_or_default();
        Ok(Self { plan, points: all })
    }
}

/// A step as a trial keeps it.
fn scheduled(step: &Step) -> ScheduledChange {
    ScheduledChange {
        at_ms: u64::try_from(step.at.as_millis()).unwrap_or(u64::MAX),
        changes: step.items.iter().map(|item| Change::to(&item.key, &item.tree_value())).collect(),
    }
}

/// What the file says but for its faults, with the usual values where it says nothing.
fn plan(node: &Node, base: &ConfigTree, problems: &mut Vec<FileProblem>) -> SweepPlan {
    let mut read = |key: &str, usual: u64| match file::duration(node, key) {
        Ok(found) => found.map_or(usual, |found| u64::try_from(found.as_millis()).unwrap_or(u64::MAX)),
        Err(problem) => {
            problems.push(problem);
            usual
        }
    };
    let (duration_ms, warmup_ms) = (read("duration", 10_000), read("warm-up", 2_000));
    let repetitions = repetitions(node).unwrap_or_else(|problem| {
        problems.push(problem);
        1
    });
    let order = order(node).unwrap_or_else(|problem| {
        problems.push(problem);
        SweepOrder::default()
    });
    SweepPlan {
        name: node.get("name").and_then(Node::scalar).unwrap_or("sweep").to_owned(),
        protocols: protocols(node, problems),
        axes: axes(node, problems),
        duration_ms,
        warmup_ms,
        repetitions,
        order,
        testbed: TestbedName::default(),
        config: base.clone(),
        schedule: Vec::new(),
    }
}

fn repetitions(node: &Node) -> Result<u32, FileProblem> {
    let Some(value) = node.get("repetitions") else { return Ok(1) };
    match value.scalar().and_then(|text| text.parse().ok()) {
        Some(count @ 1..=MAX_REPETITIONS) => Ok(count),
        _ => Err(problem(value.place, format!("repetitions is a whole number from 1 to {MAX_REPETITIONS}"))),
    }
}

fn order(node: &Node) -> Result<SweepOrder, FileProblem> {
    let Some(value) = node.get("order") else { return Ok(SweepOrder::default()) };
    let known = [SweepOrder::AsWritten, SweepOrder::Random];
    let found = known.into_iter().find(|order| value.scalar() == Some(order.word()));
    found.ok_or_else(|| problem(value.place, "order is as-written or random"))
}

fn protocols(node: &Node, problems: &mut Vec<FileProblem>) -> Vec<SweepProtocol> {
    let Some(value) = node.get("protocol") else { return vec![SweepProtocol::named("pbft")] };
    let names: Vec<_> = values(value).iter().filter_map(Node::scalar).map(SweepProtocol::named).collect();
    if names.is_empty() {
        problems.push(problem(value.place, "protocol lists names of protocols or paths of protocol files"));
    }
    names
}

fn axes(node: &Node, problems: &mut Vec<FileProblem>) -> Vec<Axis> {
    let Some(set) = node.get("set") else { return Vec::new() };
    let Some(entries) = set.mapping() else {
        problems.push(problem(set.place, "set has keys of the configuration with lists of values"));
        return Vec::new();
    };
    entries
        .iter()
        .map(|(key, _, value)| Axis { key: key.clone(), values: values(value).iter().map(file::typed).collect() })
        .collect()
}

/// The values at a key of the grid: those of a list, or the one that is no list.
fn values(node: &Node) -> &[Node] {
    match &node.content {
        Content::Sequence(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// A problem of the plan at its line.
fn placed(node: &Node, plan: &SweepPlan, wrong: SweepProblem) -> FileProblem {
    let SweepProblem { place, message } = wrong;
    let at = |key: &str| node.get(key).map_or(node.place, |value| value.place);
    let axis = |index: usize| node.get("set").and_then(Node::mapping).and_then(|entries| entries.get(index));
    let found: Place = match place {
        SweepPlace::Axis(index) => axis(index).map_or(node.place, |entry| entry.1),
        SweepPlace::Value(index, value) => {
            let entry = axis(index);
            entry.and_then(|entry| values(&entry.2).get(value)).map_or(node.place, |value| value.place)
        }
        place => at(&plan.problem_key(place)),
    };
    let message = match place {
        SweepPlace::Axis(_) | SweepPlace::Value(..) => format!("{}: {message}", plan.problem_key(place)),
        _ => message,
    };
    problem(found, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::schema::default_tree;

    fn parse(text: &str) -> Result<Grid, String> {
        Grid::parse(text, &default_tree()).map_err(|problems| problems[0].to_string())
    }

    #[test]
    fn a_grid_is_every_combination_in_order() {
        let grid = parse(
            "name: blocks\nprotocol: [pbft, my/own.yaml]\nduration: 4s\nwarm-up: 500ms\nrepetitions: 2\n\
             set:\n  benchmark.block-size: [1, 10]\n  workload.distribution: [[1, 0, 0, 0], [0, 0, 0, 1]]\n  general.f: 2\n\
             faults:\n  - at: 1s\n    set: {fault.slow-proposal.timer: 40}\n",
        )
        .unwrap();
        assert_eq!((grid.points.len(), grid.plan.run_count(), grid.plan.warmup_ms), (8, 16, 500));
        assert_eq!(grid.points[0].at.label(), "pbft, block-size=1, distribution=1,0,0,0, f=2");
        assert_eq!(grid.points[6].at.label(), "my/own.yaml, block-size=10, distribution=1,0,0,0, f=2");
        let last = &grid.points[7];
        assert_eq!(last.at.config.numbers("workload.distribution")[3], 1.0);
        assert_eq!(last.schedule[0].change, "fault.slow-proposal.timer = 40");
        assert_eq!((grid.plan.schedule[0].at_ms, grid.plan.order), (1_000, SweepOrder::AsWritten));
    }

    #[test]
    fn what_is_left_out_has_a_usual_value() {
        let grid = parse("set: {benchmark.seed: [5, 6]}").unwrap();
        assert_eq!((grid.plan.name.as_str(), grid.plan.repetitions, grid.plan.duration_ms), ("sweep", 1, 10_000));
        assert_eq!(grid.points[1].at.label(), "pbft, seed=6");
    }

    #[test]
    fn a_plan_that_was_written_as_a_grid_file_reads_back_as_the_same_plan() {
        let text = "name: a/b \"c\"\nprotocol: [pbft, zyzzyva]\nduration: 1500ms\nwarm-up: 1s\nrepetitions: 2\norder: random\n\
             set:\n  fault.crash.affected-entities: [[], [0, 1]]\n  benchmark.authentication: [none, mac]\n\
             \u{20} fault.slow-proposal.timer: [{advance: true, init: 0, fixed: {value: 40}}]\n\
             faults:\n  - at: 500ms\n    set: {fault.network.loss: 0.1, fault.crash.affected-entities: [2]}\n";
        let grid = parse(text).unwrap();
        let written = model::sweep::write_grid_file(&grid.plan);
        assert_eq!(parse(&written).map(|again| again.plan), Ok(grid.plan), "{written}");
    }

    #[test]
    fn everything_that_is_wrong_is_named_with_its_line() {
        for (text, wanted) in [
            ("- pbft", "line 1, column 1: expected the keys of a grid"),
            ("protocls: [pbft]", "line 1, column 1: \"protocls\" does not belong here"),
            ("protocol: []", "line 1, column 11: protocol lists names"),
            ("duration: soon", "line 1, column 11: "),
            ("repetitions: 0", "line 1, column 14: repetitions is"),
            ("duration: 1ms", "line 1, column 11: the measured time lies between"),
            ("order: backwards", "line 1, column 8: order is as-written or random"),
            ("set: {benchmark.block-size: [1, 1]}", "line 1, column 33: benchmark.block-size: 1 stands twice"),
            ("set:\n  benchmark.block-size: [1, x]", "line 2, column 29: benchmark.block-size: \"x\" is not"),
            ("set:\n  benchmark.block-size: []", "line 2, column 3: benchmark.block-size: has no values"),
            ("set:\n  benchmark.blocksize: [1]", "line 2, column 25: benchmark.blocksize: there is no such key"),
            ("set: 4", "line 1, column 6: set has keys"),
            ("faults: [{at: 20s, set: {fault.slow-proposal.timer: 1}}]", "line 1, column 15: the change comes when"),
            (
                "repetitions: 1000\nset: {general.f: [1,2,3,4], benchmark.seed: [1,2,3]}",
                "line 2, column 29: benchmark.seed: these are more than",
            ),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.starts_with(wanted), "{text:?}: {problem}");
        }
    }
}
