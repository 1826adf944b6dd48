//! Many random schedules of trouble, and the smallest form of those that fail.

use super::exit_code;
use super::plan::{self, Planned};
use crate::cli::SimulateArgs;
use crate::command::{print_json, say};
use crate::error::ServerError;
use protocol::simulator::shrink::{Failure, failure_of, shrink};
use protocol::simulator::{Trouble, Unruly};
use protocol::table::Table;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds that one thread takes at a time.
const PORTION: u64 = 16;
/// Failures that are shrunk and printed; the others are counted.
const SHOWN: usize = 20;

/// Runs them on all processors. What is printed does not depend on how many there are.
pub(super) fn run(args: &SimulateArgs, planned: &Planned, count: u64) -> Result<u8, ServerError> {
    if args.trace.is_some() {
        let reason = "--trace is for one run: replay a schedule with --schedules 1 --first-seed SEED".to_owned();
        return Err(ServerError::Simulation { reason });
    }
    let failed = failing(args, &planned.table, count);
    let shown: Vec<(Failure, Unruly)> = failed
        .iter()
        .take(SHOWN)
        .map(|(seed, failure)| (*failure, shrink(&planned.table, &plan::unruly(args, *seed), *failure)))
        .collect();
    if args.json {
        print_json(&json(args, planned, count, &failed, &shown))?;
    } else {
        print(args, planned, count, &failed, &shown)?;
    }
    let diverged = failed.iter().any(|(_, failure)| *failure == Failure::Diverged);
    let worst = failed.first().map(|_| if diverged { Failure::Diverged } else { Failure::NoProgress });
    Ok(exit_code(worst))
}

/// The seeds that fail, in order.
fn failing(args: &SimulateArgs, table: &Arc<Table>, count: u64) -> Vec<(u64, Failure)> {
    // As many seeds as there are from the first one on.
    let count = count.min(u64::MAX - args.first_seed);
    let next = AtomicU64::new(0);
    let work = || {
        let mut failed = Vec::new();
        loop {
            let begin = next.fetch_add(PORTION, Ordering::Relaxed);
            if begin >= count {
                return failed;
            }
            for offset in begin..count.min(begin.saturating_add(PORTION)) {
                let seed = args.first_seed + offset;
                failed.extend(failure_of(table, &plan::unruly(args, seed)).map(|failure| (seed, failure)));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut failed = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().flat_map(|worker| match worker.join() {
            Ok(failed) => failed,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        results.collect::<Vec<_>>()
    });
    failed.sort_by_key(|(seed, _)| *seed);
    failed
}

fn print(
    args: &SimulateArgs,
    planned: &Planned,
    count: u64,
    failed: &[(u64, Failure)],
    shown: &[(Failure, Unruly)],
) -> Result<(), ServerError> {
    for (failure, small) in shown {
        say(format!("seed {}: {}\n  {}", small.seed, label(*failure), command(args, planned, small)))?;
    }
    if failed.len() > shown.len() {
        say(format!("and {} more", failed.len() - shown.len()))?;
    }
    let last = args.first_seed.saturating_add(count - 1);
    say(format!("{}: {count} schedules, seeds {} to {last}, {} failed", planned.name, args.first_seed, failed.len()))
}

fn json(
    args: &SimulateArgs,
    planned: &Planned,
    count: u64,
    failed: &[(u64, Failure)],
    shown: &[(Failure, Unruly)],
) -> serde_json::Value {
    let failures: Vec<serde_json::Value> = failed
        .iter()
        .map(|(seed, failure)| {
            let small = shown.iter().find(|(_, small)| small.seed == *seed);
            let replay = small.map(|(_, small)| command(args, planned, small));
            serde_json::json!({ "seed": seed, "verdict": label(*failure), "replay": replay })
        })
        .collect();
    serde_json::json!({
        "protocol": planned.name, "replicas": planned.table.n, "schedules": count, "first_seed": args.first_seed,
        "failed": failures,
    })
}

fn label(failure: Failure) -> &'static str {
    match failure {
        Failure::Diverged => "Diverged",
        Failure::NoProgress => "No progress",
    }
}

/// The command that runs this schedule alone.
fn command(args: &SimulateArgs, planned: &Planned, small: &Unruly) -> String {
    let mut command = format!("bftgym simulate {} --schedules 1 --first-seed {}", args.protocol, small.seed);
    if planned.table.f != 1 {
        command.push_str(&format!(" --f {}", planned.table.f));
    }
    if args.crashes {
        command.push_str(" --crashes");
    }
    let whole = Unruly::new(small.seed);
    if small.clients != whole.clients {
        command.push_str(&format!(" --clients {}", small.clients));
    }
    if small.requests != whole.requests {
        command.push_str(&format!(" --requests {}", small.requests));
    }
    if !small.without.is_empty() {
        let names: Vec<&str> = small.without.iter().map(|trouble| Trouble::name(*trouble)).collect();
        command.push_str(&format!(" --without {}", names.join(",")));
    }
    command
}
