//! What the command line runs.

mod bench;
mod check;
mod config;
mod controller;
mod data_dir;
mod exposure;
mod headless;
mod ingest_bench;
mod listen;
mod open_files;
mod payload_note;
mod print;
mod run;
mod serve;
mod signals;
mod simulate;
mod sweep;
mod testbed;
mod token;
mod verdict;
mod worker;

pub use config::load as load_config;
pub use listen::listen;

use print::{print_json, say};

use crate::cli::{Cli, Command, ServeArgs};
use crate::error::ServerError;
use std::io::IsTerminal;
use tokio::runtime::Builder;
use tracing_subscriber::EnvFilter;

/// What is logged where `BFTGYM_LOG` says nothing else.
const USUAL_LOG: &str = "info,rusqlite_migration=warn";

/// Runs a command to its end, and answers with the exit status.
///
/// # Errors
/// What went wrong, in a sentence with the mend.
pub fn run(cli: Cli) -> Result<u8, ServerError> {
    let filter = EnvFilter::try_from_env("BFTGYM_LOG").unwrap_or_else(|_| EnvFilter::new(USUAL_LOG));
    let colours = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    match cli.command {
        // A worker's lines go into its trial's log, which has times of its own.
        Some(Command::Worker) => log.without_time().with_target(false).with_level(false).init(),
        _ => log.init(),
    }
    let runtime = runtime_for(&cli).enable_all().build();
    let runtime = runtime.map_err(|source| ServerError::Io { what: "the runtime could not be started", source })?;
    let result = runtime.block_on(async {
        match cli.command {
            None => serve::run(ServeArgs::default()).await.map(|()| 0),
            Some(Command::Serve(args)) => serve::run(args).await.map(|()| 0),
            Some(Command::Bench(args)) => bench::run(args).await,
            Some(Command::Run(args)) => run::run(args).await,
            Some(Command::Sweep(args)) => sweep::run(args).await,
            Some(Command::Token(args)) => token::run(args).await.map(|()| 0),
            Some(Command::Check(args)) => check::run(&args),
            Some(Command::Simulate(args)) => simulate::run(&args),
            Some(Command::IngestBench(args)) => ingest_bench::run(args).await.map(|()| 0),
            Some(Command::Controller) => controller::run().await.map(|()| 0),
            Some(Command::Worker) => worker::run().await.map(|()| 0),
            Some(Command::Testbed(command)) => testbed::run(command).await,
            Some(Command::Host) => Ok(lab::host::main_from_stdin().await.map(|()| 0)?),
            Some(Command::Confine { parent, program, arguments }) => {
                Err(lab::bftbrain::confine(parent, &program, &arguments).into())
            }
            Some(Command::Probe) => Ok(lab::host::probe_from_stdin().await.map(|()| 0)?),
            Some(Command::Verify { hash }) => Ok(lab::testbed::ssh::verify_this(&hash).map(|()| 0)?),
        }
    });
    // A read of standard input that will never end must not hold the process.
    runtime.shutdown_background();
    result
}

/// A unit has one thread: its work is one loop, and a machine that runs many units has no core to spare for more.
fn runtime_for(cli: &Cli) -> Builder {
    match cli.command {
        Some(
            Command::Controller
            | Command::Worker
            | Command::Host
            | Command::Probe
            | Command::Verify { .. }
            | Command::Confine { .. },
        ) => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    }
}
