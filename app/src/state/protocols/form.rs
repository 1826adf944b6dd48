//! The simulator's form: what a person has typed, as a scenario.

use model::config::ConfigValue;
use model::schema;
use protocol::simulator::scenario::replicas_value;
use protocol::simulator::{Costs, Network, Scenario};
use protocol::table::Table;
use std::sync::Arc;

/// Bounds of what the browser runs.
const MOST_CLIENTS: u64 = 32;
const MOST_REQUESTS: u64 = 1_000;
const MOST_MS: u64 = 600_000;

/// The largest f of the form: 31 replicas of most protocols.
pub const MOST_FAULTY: u32 = 10;

/// The form as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatorForm {
    /// Decides everything that is left to chance.
    pub seed: String,
    /// Clients with one request outstanding each.
    pub clients: String,
    /// Requests of each.
    pub requests: String,
    /// When to give up, simulated ms.
    pub until_ms: String,
    /// Delay of a message, ms.
    pub delay_ms: String,
    /// Messages lost, percent.
    pub loss: String,
    /// Replicas that are crashed from the beginning.
    pub crashed: String,
    /// Replicas that say nothing.
    pub silent: String,
    /// Replicas that tell others different things.
    pub equivocators: String,
}

impl Default for SimulatorForm {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            seed: text("1"),
            clients: text("4"),
            requests: text("4"),
            until_ms: text("5000"),
            delay_ms: text("1"),
            loss: text("0"),
            crashed: String::new(),
            silent: String::new(),
            equivocators: String::new(),
        }
    }
}

impl SimulatorForm {
    /// The scenario of this form.
    ///
    /// # Errors
    /// A sentence that names the field.
    pub fn scenario(&self, table: &Arc<Table>) -> Result<Scenario, String> {
        let seed = number("Seed", &self.seed, 0, u64::MAX)?;
        let clients = number("Clients", &self.clients, 1, MOST_CLIENTS)? as u16;
        let requests_a_client = number("Requests each", &self.requests, 1, MOST_REQUESTS)?;
        let until_us = number("Until", &self.until_ms, 1, MOST_MS)? * 1_000;
        let delay_us = number("Delay", &self.delay_ms, 0, 10_000)? * 1_000;
        let loss_permille = number("Loss", &self.loss, 0, 100)? as u32 * 10;
        let mut config = schema::default_tree();
        for (key, value) in [
            ("general.f", i64::from(table.f)),
            ("benchmark.block-size", 2),
            ("benchmark.batch-timeout-ms", 1),
            ("benchmark.checkpoint-interval", 10),
            ("benchmark.window", 10),
            ("benchmark.aggregation-delay-ms", 5),
        ] {
            config.set(key, ConfigValue::Integer(value));
        }
        for (label, text, key) in [
            ("Crashed", &self.crashed, "fault.crash.affected-entities"),
            ("Silent", &self.silent, "fault.non-responsive.affected-entities"),
            ("Equivocating", &self.equivocators, "fault.equivocation.affected-entities"),
        ] {
            config.set(key, replicas_value(&replicas(label, text, table.n)?));
        }
        let stable_after_us = if loss_permille > 0 { u64::MAX } else { 0 };
        Ok(Scenario {
            table: Arc::clone(table),
            config,
            schedule: Vec::new(),
            network: Network { delay_us, jitter_us: delay_us, loss_permille, duplicate_permille: 0, stable_after_us },
            costs: Costs::default(),
            seed,
            clients,
            requests_a_client,
            until_us,
        })
    }
}

fn number(label: &str, text: &str, least: u64, most: u64) -> Result<u64, String> {
    match text.trim().parse::<u64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("{label}: {:?} is no whole number from {least} to {most}.", text.trim())),
    }
}

/// Reads replicas with commas between.
fn replicas(label: &str, text: &str, n: u32) -> Result<Vec<u32>, String> {
    let mut found = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        match entry.parse::<u32>() {
            Ok(replica) if replica < n => found.push(replica),
            _ => {
                return Err(format!(
                    "{label}: {entry:?} is no replica. Write numbers from 0 to {}, such as 0, 1.",
                    n - 1
                ));
            }
        }
    }
    Ok(found)
}

/// Which replicas a scenario makes liars: what they execute binds nobody.
pub fn liars(scenario: &Scenario) -> Vec<u32> {
    const KEY: &str = "fault.equivocation.affected-entities";
    let changed = scenario.schedule.iter().flat_map(|change| &change.set).filter(|(key, _)| key == KEY);
    let mut tree = scenario.config.clone();
    let mut liars = tree.numbers(KEY);
    for (key, value) in changed {
        tree.set(key, value.clone());
        liars.extend(tree.numbers(KEY));
    }
    let mut liars: Vec<u32> = liars.into_iter().map(|replica| replica as u32).collect();
    liars.sort_unstable();
    liars.dedup();
    liars
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::simulator::{hunt, simulate};

    fn pbft() -> Arc<Table> {
        Arc::new(protocol::language::compile(protocol::definitions::find("pbft").unwrap().text(), 1).unwrap())
    }

    #[test]
    fn the_form_as_it_opens_runs_every_shipped_protocol_to_its_end() {
        for definition in protocol::definitions::ALL {
            let table = Arc::new(protocol::language::compile(definition.text(), 1).unwrap());
            let outcome = simulate(&SimulatorForm::default().scenario(&table).unwrap());
            assert_eq!(outcome.completed, 16, "{}: {outcome:?}", definition.name);
        }
    }

    #[test]
    fn a_wrong_field_is_named() {
        let table = pbft();
        let form = SimulatorForm::default();
        let with = |change: fn(&mut SimulatorForm)| {
            let mut changed = form.clone();
            change(&mut changed);
            changed.scenario(&table).unwrap_err()
        };
        assert!(with(|form| form.seed = "x".into()).starts_with("Seed: \"x\""));
        assert!(with(|form| form.requests = "0".into()).contains("from 1 to 1000"));
        assert!(with(|form| form.crashed = "0, 4".into()).contains("\"4\" is no replica"));
    }

    #[test]
    fn liars_of_a_schedule_are_found() {
        let form = SimulatorForm { equivocators: "3".into(), ..SimulatorForm::default() };
        assert_eq!(liars(&form.scenario(&pbft()).unwrap()), [3]);
        assert_eq!(liars(&hunt::scenario(&pbft(), 4, 1)), [0]);
    }
}
