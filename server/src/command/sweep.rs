//! `bftgym sweep`: a grid of experiments, one after the other.

mod journal;
mod report;

use super::headless::{Planned, ProgressLine, file_problems, read_file, store_directory};
use super::signals::Signals;
use super::{config, data_dir, print_json};
use crate::cli::SweepArgs;
use crate::error::ServerError;
use crate::protocols::ChosenProtocol;
use app::state::format::duration_ms;
use journal::{Journal, Run};
use lab::experiment::Grid;
use model::sweep::{expected_run_ms, run_order};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// The exit status after Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;

/// Runs what has not been run yet, and prints what the runs came to.
pub(super) async fn run(args: SweepArgs) -> Result<u8, ServerError> {
    let base = config::load(args.config.as_deref())?;
    let grid =
        Grid::parse(&read_file("the grid", &args.grid)?, &base).map_err(|found| file_problems(&args.grid, found))?;
    let planned = plan(&grid)?;
    let directory = store_directory(args.no_store, args.data_dir.clone())?;
    let out = match args.out {
        Some(out) => out,
        None => data_dir::choose(args.data_dir)?.join("sweeps"),
    };
    let mut journal = Journal::open(&out, &grid, &planned)?;
    eprintln!(
        "{} runs, {} of them done; the journal is {}",
        planned.len(),
        journal.done().len(),
        journal.path().display()
    );

    let stop = Signals::token()?;
    let mut line = ProgressLine::new();
    let mut failures: BTreeMap<usize, usize> = BTreeMap::new();
    let mut spent = Vec::new();
    let missing: Vec<usize> =
        run_order(&grid.plan).into_iter().filter(|number| !journal.done().contains_key(number)).collect();
    let before = planned.len() - missing.len();
    for (place, number) in missing.iter().copied().enumerate() {
        let planned_run = &planned[number];
        let (point, repetition) = grid.plan.place_of_run(number);
        let left = remaining(&grid, missing.len() - place, &spent);
        let which = before + place + 1;
        line.note(&format!("Run {which} of {}: {}, {left} left", planned.len(), planned_run.name));
        line.set_prefix(format!("{which}/{}: ", planned.len()));
        let began = Instant::now();
        let performed = planned_run.perform(directory.as_deref(), false, &stop, &mut line).await?;
        match performed.result {
            Ok(outcome) if outcome.stopped_early => break,
            Ok(outcome) => {
                spent.push(began.elapsed());
                journal.append(Run::new(number, &grid.points[point].at, repetition, performed.trial, &outcome))?;
            }
            Err(error) => {
                line.note(&format!("Run {which} failed: {error}"));
                *failures.entry(point).or_default() += 1;
            }
        }
        if stop.is_cancelled() {
            break;
        }
    }
    let rows = report::rows(&grid, journal.done(), &failures);
    if args.json {
        print_json(&serde_json::json!({ "name": grid.plan.name, "journal": journal.path(), "points": rows }))?;
    } else if args.csv {
        report::csv(&grid, &rows).iter().for_each(|line| println!("{line}"));
    } else {
        report::lines(&rows).iter().for_each(|line| println!("{line}"));
    }
    Ok(if stop.is_cancelled() {
        eprintln!("Interrupted: the same command goes on with what is left.");
        INTERRUPTED
    } else {
        report::exit_code(&rows)
    })
}

/// Every run of the grid, checked before the first one starts.
fn plan(grid: &Grid) -> Result<Vec<Planned>, ServerError> {
    let mut protocols: BTreeMap<&str, ChosenProtocol> = BTreeMap::new();
    let mut planned = Vec::with_capacity(grid.plan.run_count());
    for point in &grid.points {
        let at = &point.at;
        if !protocols.contains_key(at.protocol.as_str()) {
            protocols.insert(&at.protocol, ChosenProtocol::named(&at.protocol)?);
        }
        let protocol = &protocols[at.protocol.as_str()];
        let size = protocol
            .size(&at.config)
            .map_err(|reason| ServerError::Protocol { reason: format!("{}: {reason}", at.label()) })?;
        for repetition in 0..grid.plan.repetitions {
            planned.push(Planned {
                name: at.trial_name(&grid.plan.name, repetition, grid.plan.repetitions),
                protocol: protocol.clone(),
                size,
                config: at.config_of(repetition),
                warmup: Duration::from_millis(grid.plan.warmup_ms),
                duration: Duration::from_millis(grid.plan.duration_ms),
                schedule: point.schedule.clone(),
            });
        }
    }
    Ok(planned)
}

/// How long the rest takes, in words, going by what the runs before took.
fn remaining(grid: &Grid, runs: usize, spent: &[Duration]) -> String {
    let each = match spent.len() {
        0 => Duration::from_millis(expected_run_ms(&grid.plan)),
        count => spent.iter().sum::<Duration>() / count as u32,
    };
    let all = i64::try_from(each.as_millis()).unwrap_or(i64::MAX).saturating_mul(runs as i64);
    format!("about {}", duration_ms(all))
}

/// Makes a directory that is to be written to.
fn make(directory: &Path) -> Result<(), ServerError> {
    std::fs::create_dir_all(directory).map_err(|source| ServerError::Unwritable { path: directory.to_owned(), source })
}
