//! Runs a scenario and writes its trace.

use crate::error::ServerError;
use protocol::simulator::{Outcome, Scenario, TraceEvent, simulate, simulate_traced};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Runs it; with a path, every event goes there as a line of JSON.
pub(super) fn run(scenario: &Scenario, trace: Option<&Path>) -> Result<Outcome, ServerError> {
    let Some(path) = trace else { return Ok(simulate(scenario)) };
    let failed = |source: std::io::Error| ServerError::Simulation {
        reason: format!("{} cannot be written: {source}; choose another file with --trace", path.display()),
    };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    // The first error counts; what comes after it is not written.
    let mut written = Ok(());
    let outcome = simulate_traced(scenario, &mut |event| {
        if written.is_ok() {
            written = write_line(&mut file, &event);
        }
    });
    written.and_then(|()| file.flush()).map_err(failed)?;
    Ok(outcome)
}

fn write_line(file: &mut impl Write, event: &TraceEvent) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, event)?;
    file.write_all(b"\n")
}
