//! `bftgym simulate`: a protocol on a simulated network and clock.

mod plan;
mod report;
mod schedules;
mod tracing_run;

use super::print_json;
use crate::cli::SimulateArgs;
use crate::error::ServerError;
use protocol::simulator::shrink::{Failure, failure};

/// Runs it; the exit status says what the histories say.
pub(super) fn run(args: &SimulateArgs) -> Result<u8, ServerError> {
    let planned = plan::plan(args)?;
    if let Some(count) = args.schedules.filter(|count| *count > 1) {
        return schedules::run(args, &planned, count);
    }
    let scenario = match args.schedules {
        Some(_) => plan::unruly(args, args.first_seed).scenario(&planned.table),
        None => plan::scenario(args, &planned)?,
    };
    let outcome = tracing_run::run(&scenario, args.trace.as_deref())?;
    if args.json {
        print_json(&report::json(&planned, &scenario, &outcome))?;
    } else {
        report::print(&planned, &scenario, &outcome)?;
    }
    Ok(exit_code(failure(&outcome, report::wanted(&scenario))))
}

/// As `run` has it.
fn exit_code(failure: Option<Failure>) -> u8 {
    match failure {
        None => 0,
        Some(Failure::Diverged) => 2,
        Some(Failure::NoProgress) => 3,
    }
}
