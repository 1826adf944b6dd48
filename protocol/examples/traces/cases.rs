//! Simulated runs whose traces are compared between platforms.

use protocol::simulator::{Unruly, hunt, simulate_traced};
use std::fmt::Write;
use std::sync::Arc;

/// Random schedules of each protocol.
const SEEDS: [u64; 3] = [3, 14, 57];
/// Runs of each protocol: the schedules, and one with a liar.
const RUNS: usize = SEEDS.len() + 1;

/// The name of a case and its trace, a line for each event and one for the outcome; none when there is no such case.
pub(crate) fn trace(case: usize) -> Option<(String, String)> {
    let definition = protocol::definitions::ALL.get(case / RUNS)?;
    let table = Arc::new(protocol::language::compile(definition.text(), 1).ok()?);
    let (name, scenario) = match SEEDS.get(case % RUNS) {
        Some(seed) => (format!("{}, schedule {seed}", definition.name), Unruly::new(*seed).scenario(&table)),
        None => (format!("{}, one liar", definition.name), hunt::scenario(&table, 8, 1)),
    };
    let mut lines = String::new();
    // Writing to a string does not fail.
    let outcome = simulate_traced(&scenario, &mut |event| _ = writeln!(lines, "{event:?}"));
    let _ = writeln!(lines, "{outcome:?}");
    Some((name, lines))
}
