//! The form in which a sweep is defined: what has been typed, what is wrong with it, how many runs it makes and how long
//! they take, and the plan that it means.

use crate::state::protocols::own::{self, OwnProtocol};
use model::config::ConfigTree;
use model::descriptor::{Descriptor, Kind};
use model::duration::parse_duration;
use model::schedule::ScheduledChange;
use model::schema;
use model::sweep::{Axis, SweepOrder, SweepPlan, SweepProtocol, expected_run_ms, values};
use model::testbed::TestbedName;
use model::validate::Problem;

/// How many keys the form gives values to.
pub const MAX_FORM_AXES: usize = 4;

/// Which configuration every run starts from.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Base {
    /// The one that the server was started with.
    #[default]
    Server,
    /// What is in the playground.
    Playground,
    /// That of the sweep or file which the form was filled from.
    Kept(Box<ConfigTree>),
}

/// What changes by itself in each run.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Faults {
    /// Nothing.
    #[default]
    None,
    /// The playground's timeline.
    Playground,
    /// That of the sweep or file which the form was filled from.
    Kept(Vec<ScheduledChange>),
}

/// A key with the text of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxisText {
    /// The dotted key.
    pub key: String,
    /// Its values as typed.
    pub text: String,
}

/// What has been typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// What people call the sweep.
    pub name: String,
    /// The chosen protocols: a shipped one's name, or an own one's choice.
    pub protocols: Vec<String>,
    /// The keys that vary.
    pub axes: Vec<AxisText>,
    /// Measured in each run.
    pub duration: String,
    /// Left out of the figures.
    pub warmup: String,
    /// How often each point is run.
    pub repetitions: String,
    /// In which order.
    pub order: SweepOrder,
    /// Where.
    pub testbed: TestbedName,
    /// Which configuration the runs start from.
    pub base: Base,
    /// What changes by itself.
    pub faults: Faults,
    /// What the host said is wrong, with the form that it said it of.
    refused: Option<(Box<Form>, Vec<Problem>)>,
}

/// What the form is read against.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// The configuration that the server was started with.
    pub server: ConfigTree,
    /// The configuration of the playground's next start.
    pub playground: ConfigTree,
    /// The playground's timeline, for that configuration.
    pub timeline: Vec<ScheduledChange>,
    /// A person's own protocols.
    pub own: Vec<OwnProtocol>,
}

/// How much a form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Points.
    pub points: usize,
    /// Runs.
    pub runs: usize,
    /// How long they take, about, ms.
    pub expected_ms: u64,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            name: "Block size".to_owned(),
            protocols: vec!["pbft".to_owned()],
            axes: vec![AxisText { key: "benchmark.block-size".to_owned(), text: "1, 10, 100".to_owned() }],
            duration: "5 s".to_owned(),
            warmup: "1 s".to_owned(),
            repetitions: "3".to_owned(),
            order: SweepOrder::Random,
            testbed: TestbedName::default(),
            base: Base::Server,
            faults: Faults::None,
            refused: None,
        }
    }
}

impl Form {
    /// The form filled with a plan. `server` is the configuration that the server was started with.
    pub fn of(plan: &SweepPlan, server: &ConfigTree) -> Self {
        let choice = |protocol: &SweepProtocol| match protocol.text {
            None => protocol.name.clone(),
            Some(_) => OwnProtocol { name: protocol.name.clone(), text: String::new() }.choice(),
        };
        let text = |axis: &Axis| match schema::descriptor(&axis.key) {
            Some(known) => values::write(&known.kind, &axis.values),
            None => axis.values.join(", "),
        };
        Self {
            name: plan.name.clone(),
            protocols: plan.protocols.iter().map(choice).collect(),
            axes: plan.axes.iter().map(|axis| AxisText { key: axis.key.clone(), text: text(axis) }).collect(),
            duration: duration_text(plan.duration_ms),
            warmup: duration_text(plan.warmup_ms),
            repetitions: plan.repetitions.to_string(),
            order: plan.order,
            testbed: plan.testbed.clone(),
            base: if plan.config == *server { Base::Server } else { Base::Kept(Box::new(plan.config.clone())) },
            faults: if plan.schedule.is_empty() { Faults::None } else { Faults::Kept(plan.schedule.clone()) },
            refused: None,
        }
    }

    /// Adds a key with a first suggestion of values, where there is room and it is not there yet.
    pub fn add_axis(&mut self, descriptor: &Descriptor) {
        if self.has_room() && self.axes.iter().all(|axis| axis.key != descriptor.key) {
            self.axes.push(AxisText { key: descriptor.key.to_owned(), text: suggestion(descriptor) });
        }
    }

    /// Whether another key fits.
    pub fn has_room(&self) -> bool {
        self.axes.len() < MAX_FORM_AXES
    }

    /// Chooses a protocol, or takes it back.
    pub fn toggle_protocol(&mut self, choice: &str) {
        match self.protocols.iter().position(|chosen| chosen == choice) {
            Some(index) => {
                self.protocols.remove(index);
            }
            None => self.protocols.push(choice.to_owned()),
        }
    }

    /// Switches one of a key's few values on or off, keeping them in the order of `all`.
    pub fn toggle_value(&mut self, axis: usize, value: &str, all: &[&str]) {
        if let Some(axis) = self.axes.get_mut(axis) {
            let chosen: Vec<String> = axis.text.split(',').map(|each| each.trim().to_owned()).collect();
            let wanted = |each: &&&str| chosen.iter().any(|known| known == **each) != (**each == value);
            axis.text = all.iter().filter(wanted).copied().collect::<Vec<_>>().join(", ");
        }
    }

    /// Keeps what the host said is wrong; it holds until something else is typed.
    pub fn refuse(&mut self, problems: Vec<Problem>) {
        self.refused = None;
        self.refused = Some((Box::new(self.clone()), problems));
    }

    /// The plan, and everything that is wrong with it, each at the key that [`SweepPlan::problem_key`] gives.
    ///
    /// # Errors
    /// The problems, where there are any.
    pub fn read(&self, around: &Surroundings) -> Result<SweepPlan, Vec<Problem>> {
        let (plan, mut problems) = self.plan(around);
        let typed = problems.clone();
        let worse = plan.problems().into_iter().map(|problem| plan.keyed(problem));
        // What could not be read is not also out of bounds.
        problems.extend(worse.filter(|problem| typed.iter().all(|known| known.key != problem.key)));
        if let Some((of, refused)) = &self.refused
            && **of == (Self { refused: None, ..self.clone() })
        {
            problems.extend(refused.iter().cloned());
        }
        if problems.is_empty() { Ok(plan) } else { Err(problems) }
    }

    /// How much it asks for, as far as it can be read.
    pub fn size(&self, around: &Surroundings) -> Size {
        let (plan, _) = self.plan(around);
        let runs = plan.run_count();
        Size { points: plan.point_count(), runs, expected_ms: expected_run_ms(&plan).saturating_mul(runs as u64) }
    }

    /// The plan with what cannot be read left out, and why.
    fn plan(&self, around: &Surroundings) -> (SweepPlan, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut wrong = |key: &str, message: String| problems.push(Problem { key: key.to_owned(), message });
        let mut milliseconds = |key: &str, text: &str| match parse_duration(text) {
            Ok(duration) => u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            Err(message) => {
                wrong(key, message);
                0
            }
        };
        let (duration_ms, warmup_ms) =
            (milliseconds("duration", &self.duration), milliseconds("warm-up", &self.warmup));
        let repetitions = self.repetitions.trim().parse().unwrap_or_else(|_| {
            wrong("repetitions", format!("{:?} is not a whole number", self.repetitions.trim()));
            0
        });
        let mut protocols = Vec::new();
        for choice in &self.protocols {
            match (own::is_own(choice), own::chosen(&around.own, choice)) {
                (false, _) => protocols.push(SweepProtocol::named(choice.clone())),
                (true, Some(mine)) => {
                    protocols.push(SweepProtocol { name: mine.name.clone(), text: Some(mine.text.clone()) });
                }
                (true, None) => wrong(
                    "protocol",
                    format!(
                        "this browser does not keep {}: import it under Protocols, or take it out",
                        own_name(choice)
                    ),
                ),
            }
        }
        let mut axes = Vec::new();
        for axis in &self.axes {
            let read = match schema::descriptor(&axis.key) {
                Some(known) => values::parse(&known.kind, &axis.text),
                None => Err("there is no such key: take it out".to_owned()),
            };
            let values = read.unwrap_or_else(|message| {
                wrong(&axis.key, message);
                Vec::new()
            });
            axes.push(Axis { key: axis.key.clone(), values });
        }
        let config = match &self.base {
            Base::Server => &around.server,
            Base::Playground => &around.playground,
            Base::Kept(kept) => kept,
        };
        let schedule = match &self.faults {
            Faults::None => Vec::new(),
            Faults::Playground => around.timeline.clone(),
            Faults::Kept(kept) => kept.clone(),
        };
        let plan = SweepPlan {
            name: self.name.trim().to_owned(),
            protocols,
            axes,
            duration_ms,
            warmup_ms,
            repetitions,
            order: self.order,
            testbed: self.testbed.clone(),
            config: config.clone(),
            schedule,
        };
        (plan, problems)
    }
}

/// The name in an own protocol's choice.
pub fn own_name(choice: &str) -> &str {
    choice.split_once(':').map_or(choice, |(_, name)| name)
}

/// A first suggestion of values for a key.
fn suggestion(descriptor: &Descriptor) -> String {
    match descriptor.kind {
        Kind::Boolean => "false, true".to_owned(),
        Kind::Choice(words) => words.join(", "),
        Kind::Integer { max, .. } => {
            let usual = descriptor.default.trim().parse().unwrap_or(1_i64).max(1);
            let more = usual.saturating_mul(2).min(max);
            if more > usual { format!("{usual}, {more}") } else { usual.to_string() }
        }
        Kind::Float { min: 0.0, max: 1.0 } => "0, 0.5, 1".to_owned(),
        Kind::Float { .. } | Kind::Text | Kind::IntegerList { .. } | Kind::FloatList { .. } | Kind::TextList => {
            descriptor.default.to_owned()
        }
    }
}

/// The few values of a key that are chosen with a click; none for keys whose values are typed.
pub fn few_values(kind: &Kind) -> Option<Vec<&'static str>> {
    match kind {
        Kind::Boolean => Some(vec!["false", "true"]),
        Kind::Choice(words) => Some(words.to_vec()),
        _ => None,
    }
}

/// What may be typed for a key's values.
pub fn hint(kind: &Kind) -> &'static str {
    match kind {
        Kind::Integer { .. } | Kind::Float { .. } => {
            "Commas between. Ranges: 100..1000 step 100, 1..64 times 2, 1..1000 log 4."
        }
        Kind::IntegerList { .. } | Kind::FloatList { .. } | Kind::TextList => {
            "Each value is a list: commas within it, semicolons between two of them."
        }
        Kind::Boolean | Kind::Choice(_) => "Choose those to compare.",
        Kind::Text => "Commas between.",
    }
}

fn duration_text(milliseconds: u64) -> String {
    match milliseconds {
        milliseconds if milliseconds.is_multiple_of(1_000) => format!("{} s", milliseconds / 1_000),
        milliseconds => format!("{milliseconds} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around() -> Surroundings {
        let mut playground = schema::default_tree();
        playground.set("general.f", model::ConfigValue::Integer(2));
        Surroundings {
            server: schema::default_tree(),
            playground,
            timeline: vec![],
            own: vec![OwnProtocol { name: "mine".into(), text: "name: mine".into() }],
        }
    }

    fn descriptor(key: &str) -> &'static Descriptor {
        schema::descriptor(key).unwrap()
    }

    #[test]
    fn a_plan_is_the_same_after_it_was_in_the_form() {
        let mut form = Form { base: Base::Playground, ..Form::default() };
        form.toggle_protocol("own:mine");
        form.add_axis(descriptor("workload.distribution"));
        form.axes[1].text = "0,0,0,1; 1,0,0,0".into();
        form.add_axis(descriptor("benchmark.authentication"));
        form.axes[0].text = "1..100 log 3".into();
        let plan = form.read(&around()).unwrap();
        assert_eq!(plan.protocols[1].text.as_deref(), Some("name: mine"));
        assert_eq!(
            (plan.axes[0].values.as_slice(), plan.axes[1].values.len()),
            (&["1", "10", "100"].map(String::from)[..], 2)
        );
        assert_eq!(plan.config.integer("general.f", 0), 2);
        let again = Form::of(&plan, &around().server);
        assert_eq!(again.read(&around()), Ok(plan));
        assert!(matches!(again.base, Base::Kept(_)));
    }

    #[test]
    fn how_much_it_asks_for_is_known_before_the_start_and_while_something_is_wrong() {
        let mut form = Form::default();
        assert_eq!(form.size(&around()), Size { points: 3, runs: 9, expected_ms: 9 * 7_500 });
        form.name = String::new();
        form.repetitions = "10".into();
        assert_eq!(form.size(&around()).runs, 30);
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field_and_once() {
        let problems = |change: fn(&mut Form)| {
            let mut form = Form::default();
            change(&mut form);
            let found = form.read(&around()).unwrap_err();
            assert_eq!(found.len(), 1, "{found:?}");
            (found[0].key.clone(), found[0].message.clone())
        };
        assert_eq!(problems(|form| form.name = " ".into()).0, "name");
        assert_eq!(problems(|form| form.duration = "soon".into()).0, "duration");
        assert_eq!(problems(|form| form.repetitions = "x".into()).0, "repetitions");
        assert_eq!(problems(|form| form.protocols.clear()).0, "protocol");
        let (key, message) = problems(|form| form.protocols = vec!["pbft".into(), "own:gone".into()]);
        assert!(key == "protocol" && message.contains("does not keep gone"), "{message}");
        let (key, message) = problems(|form| form.axes[0].text = "1, many".into());
        assert!(key == "benchmark.block-size" && message.contains("\"many\""), "{message}");
        assert!(problems(|form| form.axes[0].text = "9..1".into()).1.contains("ends below"));
    }

    #[test]
    fn what_the_host_refused_is_shown_until_something_else_is_typed() {
        let mut form = Form::default();
        form.refuse(vec![Problem { key: "protocol".into(), message: "too few replicas".into() }]);
        assert_eq!(form.read(&around()).unwrap_err()[0].message, "too few replicas");
        form.name.push('!');
        assert!(form.read(&around()).is_ok());
    }

    #[test]
    fn four_keys_fit_each_once_with_values_to_begin_with() {
        let mut form = Form::default();
        for key in
            ["general.f", "general.f", "fault.network.loss", "fault.in-dark.generator", "workload.read-only-ratio"]
        {
            form.add_axis(descriptor(key));
        }
        let texts: Vec<_> = form.axes.iter().map(|axis| axis.text.as_str()).collect();
        assert_eq!(texts, ["1, 10, 100", "1, 2", "0, 0.5, 1", "false, true"]);
        assert!(!form.has_room());
        form.toggle_value(3, "false", &["false", "true"]);
        assert_eq!(form.axes[3].text, "true");
        form.toggle_value(3, "false", &["false", "true"]);
        assert_eq!(form.axes[3].text, "false, true");
        assert!(form.read(&around()).is_ok());
    }
}
