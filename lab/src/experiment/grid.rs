//! Experiments over a grid of protocols and settings.
//!
//! ```yaml
//! name: block size
//! protocol: [pbft]
//! duration: 10s
//! warm-up: 2s
//! repetitions: 3
//! set:
//!   benchmark.block-size: [1, 10, 100]
//! faults:
//!   - at: 5s
//!     set: { fault.crash.affected-entities: [3] }
//! ```

use super::file::{self, FileProblem, problem};
use super::schedule::{self, Step};
use model::config::{ConfigTree, ConfigValue};
use protocol::language::document::{Content, Node};
use std::time::Duration;

/// The most runs of one grid.
const MAX_RUNS: usize = 10_000;
/// The most repetitions of a point.
const MAX_REPETITIONS: usize = 1_000;

/// All points of a grid, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// What people call it.
    pub name: String,
    /// Measured in each run.
    pub duration: Duration,
    /// Left out of each run's figures.
    pub warmup: Duration,
    /// How often each point is run.
    pub repetitions: usize,
    /// The points: for each protocol, every combination of settings; the last setting changes first.
    pub points: Vec<Point>,
}

/// One protocol with one combination of settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// A shipped protocol's name, or the path of a protocol file.
    pub protocol: String,
    /// (key, value as typed) of what the grid varies.
    pub settings: Vec<(String, String)>,
    /// The configuration to start with.
    pub config: ConfigTree,
    /// What changes in each run.
    pub schedule: Vec<Step>,
}

impl Grid {
    /// Reads a grid whose experiments start from this configuration.
    ///
    /// # Errors
    /// Everything that is wrong with it, each at its line.
    pub fn parse(text: &str, base: &ConfigTree) -> Result<Self, Vec<FileProblem>> {
        let node = file::read(text).map_err(|problem| vec![problem])?;
        let mut problems = Vec::new();
        if node.mapping().is_none() {
            return Err(vec![problem(node.place, "expected the keys of a grid, such as `protocol: [pbft]`")]);
        }
        let known = ["name", "protocol", "duration", "warm-up", "repetitions", "set", "faults"];
        file::only(&node, &known, &mut problems);
        let mut noted = |result: Result<Option<Duration>, FileProblem>, usual: Duration| {
            let found = result.unwrap_or_else(|problem| {
                problems.push(problem);
                None
            });
            found.unwrap_or(usual)
        };
        let duration = noted(file::duration(&node, "duration"), Duration::from_secs(10));
        let warmup = noted(file::duration(&node, "warm-up"), Duration::from_secs(2));
        let name = node.get("name").map_or("sweep", |name| name.scalar().unwrap_or("sweep")).to_owned();
        let repetitions = match repetitions(&node) {
            Ok(repetitions) => repetitions,
            Err(problem) => {
                problems.push(problem);
                1
            }
        };
        let protocols = protocols(&node, &mut problems);
        let points = points(&node, base, duration, repetitions, &protocols, &mut problems);
        if problems.is_empty() { Ok(Self { name, duration, warmup, repetitions, points }) } else { Err(problems) }
    }

    /// How many runs there are in all.
    pub fn runs(&self) -> usize {
        self.points.len() * self.repetitions
    }
}

impl Point {
    /// The configuration of one of its repetitions: each draws other random numbers, unless the grid varies the seed.
    pub fn config_of(&self, repetition: usize) -> ConfigTree {
        const SEED: &str = "benchmark.seed";
        let mut config = self.config.clone();
        if self.settings.iter().all(|(key, _)| key != SEED) {
            let seed = config.integer(SEED, 1).saturating_add(repetition as i64) % 1_000_000_001;
            config.set(SEED, ConfigValue::Integer(seed));
        }
        config
    }

    /// The point in a few words: `pbft, block-size=10`. Keys go by their last part where that is enough.
    pub fn label(&self) -> String {
        let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
        let mut parts = vec![self.protocol.clone()];
        for (key, value) in &self.settings {
            let is_alone = self.settings.iter().filter(|(other, _)| last(other) == last(key)).count() == 1;
            parts.push(format!("{}={value}", if is_alone { last(key) } else { key.clone() }));
        }
        parts.join(", ")
    }
}

fn repetitions(node: &Node) -> Result<usize, FileProblem> {
    let Some(value) = node.get("repetitions") else { return Ok(1) };
    match value.scalar().and_then(|text| text.parse().ok()) {
        Some(count @ 1..=MAX_REPETITIONS) => Ok(count),
        _ => Err(problem(value.place, format!("repetitions is a whole number from 1 to {MAX_REPETITIONS}"))),
    }
}

fn protocols(node: &Node, problems: &mut Vec<FileProblem>) -> Vec<String> {
    let Some(value) = node.get("protocol") else { return vec!["pbft".to_owned()] };
    let names: Vec<String> = values(value).iter().filter_map(|node| node.scalar().map(str::to_owned)).collect();
    if names.is_empty() {
        problems.push(problem(value.place, "protocol lists names of protocols or paths of protocol files"));
    }
    names
}

/// The values at a key of the grid: those of a list, or the one that is no list.
fn values(node: &Node) -> &[Node] {
    match &node.content {
        Content::Sequence(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// A combination of settings in the making.
struct Combination {
    settings: Vec<(String, String)>,
    config: ConfigTree,
}

fn points(
    node: &Node,
    base: &ConfigTree,
    duration: Duration,
    repetitions: usize,
    protocols: &[String],
    problems: &mut Vec<FileProblem>,
) -> Vec<Point> {
    let mut combinations = vec![Combination { settings: vec![], config: base.clone() }];
    let set = node.get("set");
    if let Some(set) = set.filter(|set| set.mapping().is_none()) {
        problems.push(problem(set.place, "set has keys of the configuration with lists of values"));
    }
    for (key, place, value) in set.and_then(Node::mapping).unwrap_or_default() {
        let values = values(value);
        let count = combinations.len() * values.len().max(1) * protocols.len().max(1) * repetitions;
        if values.is_empty() || count > MAX_RUNS {
            let message = match values.len() {
                0 => format!("{key} has no values"),
                _ => format!("these are more than {MAX_RUNS} runs: {count}"),
            };
            problems.push(problem(*place, message));
            return Vec::new();
        }
        let mut next = Vec::new();
        for combination in &combinations {
            for value in values {
                let mut config = combination.config.clone();
                match file::set(&mut config, key, value.place, value) {
                    Ok(()) => {}
                    // A wrong value is wrong in every combination, and named once.
                    Err(found) if problems.contains(&found) => continue,
                    Err(found) => {
                        problems.push(found);
                        continue;
                    }
                }
                let mut settings = combination.settings.clone();
                settings.push((key.clone(), file::shown(value)));
                next.push(Combination { settings, config });
            }
        }
        if !problems.is_empty() {
            return Vec::new();
        }
        combinations = next;
    }
    let mut points = Vec::new();
    for protocol in protocols {
        for Combination { settings, config } in &combinations {
            let schedule = match node.get("faults") {
                None => Ok(Vec::new()),
                Some(faults) => schedule::steps(faults, config, duration),
            };
            match schedule {
                Ok(schedule) => {
                    let (protocol, settings, config) = (protocol.clone(), settings.clone(), config.clone());
                    points.push(Point { protocol, settings, config, schedule });
                }
                Err(found) => {
                    problems.extend(found);
                    return Vec::new();
                }
            }
        }
    }
    points
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
        assert_eq!((grid.points.len(), grid.runs(), grid.warmup), (8, 16, Duration::from_millis(500)));
        assert_eq!(grid.points[0].label(), "pbft, block-size=1, distribution=1,0,0,0, f=2");
        assert_eq!(grid.points[1].label(), "pbft, block-size=1, distribution=0,0,0,1, f=2");
        assert_eq!(grid.points[6].label(), "my/own.yaml, block-size=10, distribution=1,0,0,0, f=2");
        let last = &grid.points[7];
        assert_eq!((last.config.integer("general.f", 0), last.config.numbers("workload.distribution")[3]), (2, 1.0));
        assert_eq!(last.schedule[0].change, "fault.slow-proposal.timer = 40");
        assert_eq!(last.config_of(0).integer("benchmark.seed", 0), 1);
        assert_eq!(last.config_of(1).integer("benchmark.seed", 0), 2);
    }

    #[test]
    fn what_is_left_out_has_a_usual_value() {
        let grid = parse("set: {benchmark.seed: [5, 6]}").unwrap();
        assert_eq!((grid.name.as_str(), grid.repetitions, grid.duration.as_secs()), ("sweep", 1, 10));
        assert_eq!(
            (grid.points[1].protocol.as_str(), grid.points[1].config_of(4).integer("benchmark.seed", 0)),
            ("pbft", 6)
        );
    }

    #[test]
    fn everything_that_is_wrong_is_named_with_its_line() {
        for (text, wanted) in [
            ("- pbft", "line 1, column 1: expected the keys of a grid"),
            ("protocls: [pbft]", "line 1, column 1: \"protocls\" does not belong here"),
            ("protocol: []", "line 1, column 11: protocol lists names"),
            ("duration: soon", "line 1, column 11: "),
            ("repetitions: 0", "line 1, column 14: repetitions is"),
            ("set:\n  benchmark.block-size: [1, x]", "line 2, column 29: benchmark.block-size: \"x\" is not"),
            ("set:\n  benchmark.block-size: []", "line 2, column 3: benchmark.block-size has no values"),
            ("set:\n  benchmark.blocksize: [1]", "line 2, column 25: benchmark.blocksize: there is no such key"),
            ("set: 4", "line 1, column 6: set has keys"),
            ("faults: [{at: 20s, set: {fault.slow-proposal.timer: 1}}]", "line 1, column 15: the change comes when"),
            (
                "repetitions: 1000\nset: {general.f: [1,1,1,1], benchmark.seed: [1,2,3]}",
                "line 2, column 29: these are more than",
            ),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.starts_with(wanted), "{text:?}: {problem}");
        }
    }
}
