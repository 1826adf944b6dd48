//! From a plan to its points: every protocol with every combination of values.

use super::plan::{SweepPlace, SweepPlan, SweepProblem};
use crate::config::{ConfigTree, ConfigValue};
use crate::descriptor::Kind;
use crate::schedule::check_schedule;
use crate::trial::MAX_NAME_CHARACTERS;
use crate::validate::{Change, Problem, check_change, check_tree};
use crate::yaml;

/// The key of the seed: each repetition draws other random numbers, unless the plan varies it.
const SEED: &str = "benchmark.seed";
/// Seeds stay below this.
const SEEDS: i64 = 1_000_000_001;

/// One protocol with one combination of values.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPoint {
    /// The protocol's name.
    pub protocol: String,
    /// (key, value as people read it) of every axis.
    pub settings: Vec<(String, String)>,
    /// The configuration to start with.
    pub config: ConfigTree,
}

impl SweepPoint {
    /// The configuration of one of its repetitions.
    pub fn config_of(&self, repetition: u32) -> ConfigTree {
        let mut config = self.config.clone();
        if self.settings.iter().all(|(key, _)| key != SEED) {
            let seed = config.integer(SEED, 1).saturating_add(i64::from(repetition)) % SEEDS;
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

    /// The name of a trial that says which run it is: `block size: pbft, block-size=10 (2 of 3)`.
    pub fn trial_name(&self, sweep: &str, repetition: u32, repetitions: u32) -> String {
        let which = if repetitions > 1 { format!(" ({} of {repetitions})", repetition + 1) } else { String::new() };
        let room = MAX_NAME_CHARACTERS - which.chars().count();
        let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
        format!("{sweep}: {}", self.label()).chars().map(plain).take(room).collect::<String>() + &which
    }
}

/// All points of a plan, in order: for each protocol, every combination; the last axis changes first.
///
/// # Errors
/// Everything that is wrong with the plan; each combination that does not fit together at the axis that says so.
pub fn points(plan: &SweepPlan) -> Result<Vec<SweepPoint>, Vec<SweepProblem>> {
    check_points(plan)?;
    Ok((0..plan.point_count()).map(|index| point(plan, index)).collect())
}

/// One point of a plan that has been checked, by its place among all points.
pub fn point(plan: &SweepPlan, index: usize) -> SweepPoint {
    let (protocol, places) = plan.coordinates(index);
    let (settings, config) = combination(plan, &places);
    let protocol = plan.protocols.get(protocol).map(|protocol| protocol.name.clone()).unwrap_or_default();
    SweepPoint { protocol, settings, config }
}

/// Checks a plan and all its combinations. Takes time in the order of the number of points.
///
/// # Errors
/// Everything that is wrong with the plan; each combination that does not fit together at the axis that says so.
pub fn check_points(plan: &SweepPlan) -> Result<(), Vec<SweepProblem>> {
    let mut problems = plan.problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    for index in 0..plan.axes.iter().map(|axis| axis.values.len()).product::<usize>() {
        let (_, places) = plan.coordinates(index);
        let (_, config) = combination(plan, &places);
        let wrong = check_tree(&config).into_iter().map(|problem| placed(plan, &places, problem));
        let scheduled = check_schedule(&config, &plan.schedule).err().unwrap_or_default().into_iter();
        let scheduled =
            scheduled.map(|problem| SweepProblem { place: SweepPlace::Schedule, message: problem.to_string() });
        for problem in wrong.chain(scheduled) {
            // What is wrong in many combinations is named once.
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The values of a combination in words, and in the configuration.
fn combination(plan: &SweepPlan, places: &[usize]) -> (Vec<(String, String)>, ConfigTree) {
    let mut config = plan.config.clone();
    let mut settings = Vec::with_capacity(places.len());
    for (axis, place) in plan.axes.iter().zip(places) {
        let Some(text) = axis.values.get(*place) else { continue };
        if let Ok((descriptor, value)) = check_change(&Change { key: axis.key.clone(), text: text.clone() }) {
            settings.push((axis.key.clone(), shown_value(&descriptor.kind, text)));
            config.set(&axis.key, value);
        }
    }
    (settings, config)
}

fn placed(plan: &SweepPlan, places: &[usize], problem: Problem) -> SweepProblem {
    match plan.axes.iter().position(|axis| axis.key == problem.key) {
        Some(axis) => SweepProblem { place: SweepPlace::Value(axis, places[axis]), message: problem.message },
        None => SweepProblem { place: SweepPlace::Config, message: problem.to_string() },
    }
}

/// A value as people read it in one line: lists without blanks, a value that varies without its braces.
pub fn shown_value(kind: &Kind, text: &str) -> String {
    if text.trim_start().starts_with('{')
        && let Ok(tree) = yaml::parse(text)
    {
        return shown(&ConfigValue::Tree(tree));
    }
    match kind {
        Kind::IntegerList { .. } | Kind::FloatList { .. } | Kind::TextList => match kind.parse(text) {
            Ok(value) => shown(&value),
            Err(_) => text.to_owned(),
        },
        _ => text.trim().to_owned(),
    }
}

fn shown(value: &ConfigValue) -> String {
    match value {
        ConfigValue::List(items) if items.is_empty() => "[]".to_owned(),
        ConfigValue::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        ConfigValue::Tree(tree) => {
            let entries = tree.entries().iter().filter(|(key, _)| key != "advance");
            entries.map(|(key, value)| format!("{key} {}", shown(value))).collect::<Vec<_>>().join(" ")
        }
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::plan;
    use super::*;
    use crate::schema;

    #[test]
    fn a_grid_is_every_combination_in_order() {
        let plan = plan(&[
            ("benchmark.block-size", &["1", "10"]),
            ("workload.distribution", &["1, 0, 0, 0", "0, 0, 0, 1"]),
            ("general.f", &["2"]),
        ]);
        let points = points(&plan).unwrap();
        assert_eq!(points.len(), 8);
        assert_eq!(points[0].label(), "pbft, block-size=1, distribution=1,0,0,0, f=2");
        assert_eq!(points[1].label(), "pbft, block-size=1, distribution=0,0,0,1, f=2");
        assert_eq!(points[6].label(), "zyzzyva, block-size=10, distribution=1,0,0,0, f=2");
        let last = &points[7];
        assert_eq!((last.config.integer("general.f", 0), last.config.numbers("workload.distribution")[3]), (2, 1.0));
        assert_eq!(last.config_of(0).integer(SEED, 0), 1);
        assert_eq!(last.config_of(1).integer(SEED, 0), 2);
        assert_eq!(last.trial_name("b", 1, 3), "b: zyzzyva, block-size=10, distribution=0,0,0,1, f=2 (2 of 3)");
    }

    #[test]
    fn a_grid_over_seeds_keeps_them_in_every_repetition() {
        let points = points(&plan(&[(SEED, &["5", "6"])])).unwrap();
        assert_eq!(points[1].config_of(4).integer(SEED, 0), 6);
    }

    #[test]
    fn values_that_fit_only_together_are_judged_together() {
        // More records are drawn from than the default data set has: right where the data set is larger.
        let large = plan(&[("workload.contention-level", &["200"]), ("workload.dataset-size", &["200", "400"])]);
        assert!(points(&large).is_ok());
        let small = plan(&[("workload.contention-level", &["50", "200"]), ("workload.dataset-size", &["100", "200"])]);
        let problems = points(&small).unwrap_err();
        assert_eq!((problems.len(), problems[0].place), (1, SweepPlace::Value(0, 1)), "{problems:?}");
    }

    #[test]
    fn values_that_vary_and_empty_lists_have_words() {
        let kind = schema::descriptor("fault.crash.affected-entities").unwrap().kind;
        assert_eq!(shown_value(&kind, ""), "[]");
        let kind = schema::descriptor("fault.slow-proposal.timer").unwrap().kind;
        assert_eq!(shown_value(&kind, "{advance: true, init: 0, fixed: {value: 40}}"), "init 0 fixed value 40");
    }
}
