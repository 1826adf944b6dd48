//! What a sweep is to run.

use crate::config::ConfigTree;
use crate::schedule::ScheduledChange;
use crate::testbed::TestbedName;
use crate::trial::check_name;
use crate::validate::{Change, Problem, check_change};
use serde::{Deserialize, Serialize};

/// The most runs of one sweep.
pub const MAX_RUNS: usize = 10_000;
/// The most repetitions of a point.
pub const MAX_REPETITIONS: u32 = 1_000;
/// The most keys that a sweep gives values to.
pub const MAX_AXES: usize = 16;
/// The shortest time that is measured, ms.
pub const SHORTEST_MS: u64 = 100;
/// The longest warm-up and the longest measured time, ms: one day.
pub const LONGEST_MS: u64 = 24 * 60 * 60 * 1_000;
/// What bringing a cluster up and down takes, about, before one has been measured, ms.
const OVERHEAD_MS: u64 = 1_500;

/// A protocol of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepProtocol {
    /// A shipped protocol's name; with a text, what people call it.
    pub name: String,
    /// The protocol file, where it is not a shipped one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl SweepProtocol {
    /// A shipped protocol, or one that is found by its path.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), text: None }
    }
}

/// A key with the values that it takes in turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// The dotted key.
    pub key: String,
    /// Each value as typed, see [`Change`].
    pub values: Vec<String>,
}

/// In which order the runs come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SweepOrder {
    /// Point by point, all repetitions of one before the next.
    #[default]
    AsWritten,
    /// In rounds: each round has every point once, in a random order of its own. What drifts while a sweep runs (a warm
    /// processor, a busy neighbour) then spreads over all points.
    Random,
}

impl SweepOrder {
    /// The word in a grid file.
    pub fn word(self) -> &'static str {
        match self {
            Self::AsWritten => "as-written",
            Self::Random => "random",
        }
    }
}

/// What a sweep is to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepPlan {
    /// What people call it.
    pub name: String,
    /// The protocols.
    pub protocols: Vec<SweepProtocol>,
    /// The keys that vary; the last one changes first.
    pub axes: Vec<Axis>,
    /// Measured in each run, ms.
    pub duration_ms: u64,
    /// Left out of each run's figures, ms.
    pub warmup_ms: u64,
    /// How often each point is run, each time with another seed.
    pub repetitions: u32,
    /// In which order.
    #[serde(default)]
    pub order: SweepOrder,
    /// Where.
    #[serde(default)]
    pub testbed: TestbedName,
    /// The configuration that every run starts from.
    pub config: ConfigTree,
    /// What changes by itself in each run; the times count from the end of the warm-up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<ScheduledChange>,
}

/// A part of a plan that something may be wrong with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SweepPlace {
    /// The name.
    Name,
    /// The protocols.
    Protocols,
    /// The measured time.
    Duration,
    /// The warm-up.
    WarmUp,
    /// The repetitions.
    Repetitions,
    /// All axes together.
    Axes,
    /// One axis, by its place.
    Axis(usize),
    /// One value of an axis, by their places.
    Value(usize, usize),
    /// What changes by itself.
    Schedule,
    /// The configuration that the runs start from.
    Config,
}

/// Something that is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepProblem {
    /// Where.
    pub place: SweepPlace,
    /// A sentence: what is wrong and what would be right.
    pub message: String,
}

impl SweepPlan {
    /// How many points there are.
    pub fn point_count(&self) -> usize {
        self.axes.iter().map(|axis| axis.values.len()).fold(self.protocols.len(), usize::saturating_mul)
    }

    /// How many runs there are.
    pub fn run_count(&self) -> usize {
        self.point_count().saturating_mul(self.repetitions as usize)
    }

    /// Which protocol and which value of each axis a point has, by their places.
    pub fn coordinates(&self, point: usize) -> (usize, Vec<usize>) {
        let mut rest = point;
        let mut places = vec![0; self.axes.len()];
        for (axis, place) in self.axes.iter().zip(&mut places).rev() {
            let count = axis.values.len().max(1);
            *place = rest % count;
            rest /= count;
        }
        (rest, places)
    }

    /// Which point a run belongs to, and which repetition of it it is, from 0.
    pub fn place_of_run(&self, run: usize) -> (usize, u32) {
        let repetitions = self.repetitions.max(1) as usize;
        (run / repetitions, (run % repetitions) as u32)
    }

    /// Everything that is wrong with the plan, but for combinations that do not fit together: [`super::points`] says that.
    /// Takes time in the order of the number of values, not of runs: it can be called with each key that is typed.
    pub fn problems(&self) -> Vec<SweepProblem> {
        let mut problems = Vec::new();
        let mut add = |place, message: String| problems.push(SweepProblem { place, message });
        if let Err(message) = check_name(&self.name) {
            add(SweepPlace::Name, message.replace("the trial", "the sweep"));
        }
        if self.protocols.is_empty() {
            add(SweepPlace::Protocols, "choose at least one protocol".to_owned());
        }
        for (index, protocol) in self.protocols.iter().enumerate() {
            if self.protocols[..index].iter().any(|other| other.name == protocol.name) {
                add(SweepPlace::Protocols, format!("{} stands twice", protocol.name));
            }
        }
        if !(SHORTEST_MS..=LONGEST_MS).contains(&self.duration_ms) {
            let message = format!("the measured time lies between {SHORTEST_MS} ms and {} h", LONGEST_MS / 3_600_000);
            add(SweepPlace::Duration, message);
        }
        if self.warmup_ms > LONGEST_MS {
            add(SweepPlace::WarmUp, format!("the warm-up takes {} h at most", LONGEST_MS / 3_600_000));
        }
        if !(1..=MAX_REPETITIONS).contains(&self.repetitions) {
            add(
                SweepPlace::Repetitions,
                format!("repetitions is a whole number from 1 to {MAX_REPETITIONS}, found {}", self.repetitions),
            );
        }
        if self.axes.len() > MAX_AXES {
            add(SweepPlace::Axes, format!("{} keys are given values; at most {MAX_AXES} fit", self.axes.len()));
        }
        let mut count = self.protocols.len().max(1).saturating_mul(self.repetitions as usize);
        for (index, axis) in self.axes.iter().enumerate() {
            if self.axes[..index].iter().any(|other| other.key == axis.key) {
                add(SweepPlace::Axis(index), "this key is given values twice: keep one of them".to_owned());
            }
            for (place, message) in axis.problems() {
                add(place.map_or(SweepPlace::Axis(index), |value| SweepPlace::Value(index, value)), message);
            }
            let before = count;
            count = count.saturating_mul(axis.values.len().max(1));
            if count > MAX_RUNS && before <= MAX_RUNS {
                add(SweepPlace::Axis(index), format!("these are more than {MAX_RUNS} runs: {count}"));
            }
        }
        if self.axes.is_empty() && count > MAX_RUNS {
            add(SweepPlace::Repetitions, format!("these are more than {MAX_RUNS} runs: {count}"));
        }
        for entry in self.schedule.iter().filter(|entry| entry.at_ms >= self.duration_ms) {
            let (at, end) = (entry.at_ms as f64 / 1_000.0, self.duration_ms as f64 / 1_000.0);
            add(SweepPlace::Schedule, format!("the change at {at} s comes when the run has ended, after {end} s"));
        }
        problems
    }

    /// Where a problem is, as the key that a form or a caller knows it by: `name`, `protocol`, `duration`, `warm-up`,
    /// `repetitions`, `set`, `faults`, `config`, or the dotted key of an axis.
    pub fn problem_key(&self, place: SweepPlace) -> String {
        match place {
            SweepPlace::Name => "name".to_owned(),
            SweepPlace::Protocols => "protocol".to_owned(),
            SweepPlace::Duration => "duration".to_owned(),
            SweepPlace::WarmUp => "warm-up".to_owned(),
            SweepPlace::Repetitions => "repetitions".to_owned(),
            SweepPlace::Axes => "set".to_owned(),
            SweepPlace::Schedule => "faults".to_owned(),
            SweepPlace::Config => "config".to_owned(),
            SweepPlace::Axis(axis) | SweepPlace::Value(axis, _) => {
                self.axes.get(axis).map_or_else(|| "set".to_owned(), |axis| axis.key.clone())
            }
        }
    }

    /// A problem as forms and callers get it.
    pub fn keyed(&self, problem: SweepProblem) -> Problem {
        Problem { key: self.problem_key(problem.place), message: problem.message }
    }
}

impl Axis {
    /// What is wrong, each at a value or (none) at the whole axis.
    fn problems(&self) -> Vec<(Option<usize>, String)> {
        if self.values.is_empty() {
            return vec![(None, "has no values: give it at least one".to_owned())];
        }
        let mut problems = Vec::new();
        for (index, text) in self.values.iter().enumerate() {
            if self.values[..index].contains(text) {
                problems.push((Some(index), format!("{text} stands twice")));
            }
            match check_change(&Change { key: self.key.clone(), text: text.clone() }) {
                Ok(_) => {}
                // An unknown key is unknown with every value.
                Err(problem) if problems.iter().any(|(_, known)| *known == problem.message) => {}
                Err(problem) => problems.push((Some(index), problem.message)),
            }
        }
        problems
    }
}

/// What one run of a plan takes before any has been measured, ms.
pub fn expected_run_ms(plan: &SweepPlan) -> u64 {
    plan.duration_ms.saturating_add(plan.warmup_ms).saturating_add(OVERHEAD_MS)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::schema::default_tree;

    pub(crate) fn plan(axes: &[(&str, &[&str])]) -> SweepPlan {
        let axis = |(key, values): &(&str, &[&str])| Axis {
            key: (*key).to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        SweepPlan {
            name: "blocks".into(),
            protocols: vec![SweepProtocol::named("pbft"), SweepProtocol::named("zyzzyva")],
            axes: axes.iter().map(axis).collect(),
            duration_ms: 2_000,
            warmup_ms: 500,
            repetitions: 3,
            order: SweepOrder::AsWritten,
            testbed: TestbedName::default(),
            config: default_tree(),
            schedule: vec![],
        }
    }

    #[test]
    fn a_runs_place_and_a_points_coordinates_follow_from_its_number() {
        let plan = plan(&[("benchmark.block-size", &["1", "10", "100"]), ("general.f", &["1", "2"])]);
        assert_eq!((plan.point_count(), plan.run_count()), (12, 36));
        assert_eq!(plan.place_of_run(35), (11, 2));
        assert_eq!(plan.coordinates(11), (1, vec![2, 1]));
        assert_eq!(plan.coordinates(1), (0, vec![0, 1]));
        assert!(plan.problems().is_empty());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_its_place() {
        let check = |change: fn(&mut SweepPlan)| {
            let mut plan = plan(&[("benchmark.block-size", &["1", "10"])]);
            change(&mut plan);
            let found = plan.problems();
            assert_eq!(found.len(), 1, "{found:?}");
            (plan.problem_key(found[0].place), found[0].message.clone(), found[0].place)
        };
        let (key, message, _) = check(|plan| plan.name = " ".into());
        assert_eq!((key.as_str(), message.as_str()), ("name", "the sweep needs a name"));
        assert_eq!(check(|plan| plan.protocols.clear()).0, "protocol");
        assert!(check(|plan| plan.protocols[1].name = "pbft".into()).1.contains("pbft stands twice"));
        assert_eq!(check(|plan| plan.duration_ms = 1).0, "duration");
        assert_eq!(check(|plan| plan.warmup_ms = LONGEST_MS + 1).0, "warm-up");
        assert_eq!(check(|plan| plan.repetitions = 0).0, "repetitions");
        let (key, message, place) = check(|plan| plan.axes[0].values[1] = "many".into());
        assert_eq!((key.as_str(), place), ("benchmark.block-size", SweepPlace::Value(0, 1)));
        assert!(message.contains("\"many\" is not a whole number"), "{message}");
        assert_eq!(check(|plan| plan.axes[0].values.clear()).2, SweepPlace::Axis(0));
        assert!(check(|plan| plan.axes[0].values[1] = "1".into()).1.contains("1 stands twice"));
        assert!(check(|plan| plan.axes[0].key = "benchmark.blocksize".into()).1.contains("there is no such key"));
        assert!(check(|plan| plan.axes.push(plan.axes[0].clone())).1.contains("values twice"));
        let (_, message, place) = check(|plan| {
            plan.axes[0].values = (1..=1_000).map(|value| value.to_string()).collect();
            plan.repetitions = 6;
        });
        assert_eq!((message.as_str(), place), ("these are more than 10000 runs: 12000", SweepPlace::Axis(0)));
        let late = ScheduledChange { at_ms: 2_000, changes: vec![] };
        let mut plan = plan(&[]);
        plan.schedule.push(late);
        assert_eq!(plan.problem_key(plan.problems()[0].place), "faults");
    }

    #[test]
    fn a_plan_is_the_same_after_it_was_stored() {
        let mut plan = plan(&[("workload.distribution", &["1, 0, 0, 0", "0, 0, 0, 1"])]);
        plan.order = SweepOrder::Random;
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<SweepPlan>(&text).unwrap(), plan);
        assert!(text.contains("\"random\""));
    }
}
