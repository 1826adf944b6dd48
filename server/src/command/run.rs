//! `bftgym run`: one experiment without the page.

use super::headless::{Planned, ProgressLine, exit_code, file_problems, print_summary, read_file, store_directory};
use super::signals::Signals;
use super::{config, payload_note, print_json};
use crate::cli::RunArgs;
use crate::error::ServerError;
use crate::protocols::ChosenProtocol;
use app::state::format::duration_ms;
use lab::experiment::parse_schedule;
use model::trial::check_name;
use std::path::PathBuf;

/// Runs it; the exit status says what the histories say.
pub(super) async fn run(args: RunArgs) -> Result<u8, ServerError> {
    let planned = plan(&args)?;
    // A schedule may give payloads to requests later on.
    let mut changed = planned.schedule.iter().flat_map(|step| &step.items);
    if !changed.any(|item| item.key == payload_note::DISTRIBUTION)
        && let Some(note) = payload_note::note(&planned.config, &args.settings)
    {
        eprintln!("{note}");
    }
    let directory = store_directory(args.no_store, args.data_dir)?;
    let stop = Signals::token()?;
    let mut line = ProgressLine::new();
    let performed = planned.perform(directory.as_deref(), true, &stop, &mut line).await?;
    let kept = performed.trial.map(|trial| format!("trial {trial}, {:?}", planned.name));
    let outcome = match performed.result {
        Ok(outcome) => outcome,
        Err(error) => {
            if let Some(kept) = kept {
                eprintln!("The failed run is kept as {kept}.");
            }
            return Err(error.into());
        }
    };
    if args.json {
        let mut object = outcome.to_json();
        object["name"] = serde_json::json!(planned.name);
        object["trial"] = serde_json::json!(performed.trial);
        print_json(&object)?;
    } else {
        print_summary(&outcome);
        if let Some(kept) = kept {
            println!("\nIt is kept as {kept}.");
        }
    }
    Ok(exit_code(&outcome.figures.verdict))
}

/// Everything that can be wrong is found before anything starts.
fn plan(args: &RunArgs) -> Result<Planned, ServerError> {
    let protocol = ChosenProtocol::named(&args.protocol)?;
    let tree = config::with_settings(args.config.as_deref(), &args.settings)?;
    let size = protocol.size(&tree).map_err(|reason| ServerError::Protocol { reason })?;
    let schedule = match &args.faults {
        None => Vec::new(),
        Some(path) => parse_schedule(&read_file("the schedule", path)?, &tree, args.duration)
            .map_err(|found| file_problems(path, found))?,
    };
    config::check_replicas(args.faults.as_deref().or(args.config.as_deref()), &tree, &schedule, size.replicas)?;
    let name = args
        .name
        .clone()
        .unwrap_or_else(|| format!("{}, {}", protocol.name, duration_ms(args.duration.as_millis() as i64)));
    let name = check_name(&name).map_err(|message| ServerError::ConfigProblems {
        path: PathBuf::from("--name"),
        problems: vec![model::validate::Problem { key: "name".to_owned(), message }],
    })?;
    let (warmup, duration) = (args.warmup, args.duration);
    Ok(Planned { name, protocol, size, config: tree, warmup, duration, schedule })
}
