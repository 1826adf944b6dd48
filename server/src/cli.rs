//! The command line.

mod access;
mod bftbrain;
mod check;
mod cloudlab;
mod run;
mod simulate;
mod sweep;
mod testbed;
mod token;

pub use access::AccessArgs;
pub use bftbrain::BftbrainArgs;
pub use check::CheckArgs;
pub use cloudlab::CloudlabArgs;
pub use run::RunArgs;
pub use simulate::SimulateArgs;
pub use sweep::SweepArgs;
pub use testbed::{TestbedCheckArgs, TestbedCommand, TestbedForgetArgs};
pub use token::{Lifetime, TokenArgs, TokenCommand};

use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

const USUAL_HOST: &str = "127.0.0.1";
const USUAL_PORT: u16 = 8999;
/// Names the data directory where the command line does not.
const DATA_DIR_VARIABLE: &str = "BFTGYM_DATA_DIR";

/// An interactive playground for Byzantine-fault-tolerant consensus.
#[derive(Debug, Parser)]
#[command(name = "bftgym", version)]
pub struct Cli {
    /// What to do; `serve` where nothing is named.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves the page and runs the trials that are started there.
    Serve(ServeArgs),
    /// Runs one trial without the page and prints what it measured.
    Bench(BenchArgs),
    /// Runs one experiment without the page, with faults at their times, and keeps it as a trial.
    Run(RunArgs),
    /// Runs a grid of experiments one after the other, and goes on where it was interrupted.
    Sweep(SweepArgs),
    /// Makes, lists and revokes the tokens that let others use a server.
    Token(TokenArgs),
    /// Checks a protocol file and says what is wrong with it, and where.
    Check(CheckArgs),
    /// Runs a protocol on a simulated network: the same options give the same run, event by event.
    Simulate(SimulateArgs),
    /// Looks after testbeds of other hosts.
    #[command(subcommand)]
    Testbed(TestbedCommand),
    /// Measures how many reports of units the server takes each second.
    #[command(hide = true)]
    IngestBench(IngestBenchArgs),
    /// One experiment's controller; the server starts it.
    #[command(hide = true)]
    Controller,
    /// One unit of an experiment; the controller starts it.
    #[command(hide = true)]
    Worker,
    /// Runs units on a host for a server elsewhere, which starts it.
    #[command(hide = true)]
    Host,
    /// Tells a server elsewhere what a host can do; the server starts it.
    #[command(hide = true)]
    Probe,
    /// Becomes another program that ends with its parent; the controller starts the public framework with it.
    #[command(hide = true)]
    Confine {
        /// The parent's process id.
        parent: u32,
        /// The program.
        program: PathBuf,
        /// Its arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Whether this program has a hash; a server elsewhere asks after it has copied it.
    #[command(hide = true)]
    Verify {
        /// The hash, in hexadecimal.
        hash: String,
    },
}

/// Options of `serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The address to listen on, such as 127.0.0.1 for this machine alone, or 0.0.0.0 for all networks.
    #[arg(long, default_value = USUAL_HOST)]
    pub host: String,
    /// The port to listen on; 0 picks a free one.
    #[arg(long, default_value_t = USUAL_PORT)]
    pub port: u16,
    /// The experiment that Start uses [default: ./default.yaml if it exists, else the built-in one].
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Where trials are kept [default: bftgym in the user's data directory].
    #[arg(long, env = DATA_DIR_VARIABLE)]
    pub data_dir: Option<PathBuf>,
    /// Where units on other hosts may report without going back through SSH, such as 10.0.0.1:8998. Nothing else is answered
    /// there; use it in networks that you trust, since reports are not encrypted.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub units_listen: Option<SocketAddr>,
    /// The public framework.
    #[command(flatten)]
    pub bftbrain: BftbrainArgs,
    /// CloudLab.
    #[command(flatten)]
    pub cloudlab: CloudlabArgs,
    /// Who may use it.
    #[command(flatten)]
    pub access: AccessArgs,
}

impl Default for ServeArgs {
    /// As when nothing is said on the command line.
    fn default() -> Self {
        let data_dir = std::env::var_os(DATA_DIR_VARIABLE).map(PathBuf::from);
        Self {
            host: USUAL_HOST.to_owned(),
            port: USUAL_PORT,
            config: None,
            data_dir,
            units_listen: None,
            access: AccessArgs::default(),
            bftbrain: BftbrainArgs::default(),
            cloudlab: CloudlabArgs::default(),
        }
    }
}

/// Options of `bench`.
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
    /// A shipped protocol's name, or the path of a protocol file.
    #[arg(long, default_value = "pbft")]
    pub protocol: String,
    /// The experiment to start from [default: ./default.yaml if it exists, else the built-in one].
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// How long to measure, such as `30s` or `500ms`.
    #[arg(long, default_value = "30s", value_parser = parse_measured)]
    pub duration: Duration,
    /// How long to run before measuring.
    #[arg(long, default_value = "5s", value_parser = model::duration::parse_duration)]
    pub warmup: Duration,
    /// Changes a key of the configuration, such as `general.f=2`; may be given more than once.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = parse_setting)]
    pub settings: Vec<(String, String)>,
}

/// Options of `ingest-bench`.
#[derive(Clone, Debug, Args)]
pub struct IngestBenchArgs {
    /// How many connections report at the same time.
    #[arg(long, default_value_t = 16)]
    pub connections: usize,
    /// How many reports are sent in all.
    #[arg(long, default_value_t = 200_000)]
    pub requests: usize,
    /// How many samples are in the store before.
    #[arg(long, default_value_t = 0)]
    pub preload: usize,
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("{text:?} is not KEY=VALUE, as in general.f=2")),
    }
}

/// How long to measure: no time has no figures.
fn parse_measured(text: &str) -> Result<Duration, String> {
    match model::duration::parse_duration(text)? {
        Duration::ZERO => Err("nothing is measured in no time; write a longer one, as in 30s".to_owned()),
        duration => Ok(duration),
    }
}

impl Cli {
    /// Reads the command line. Commands that are not for people are not suggested to them.
    ///
    /// # Errors
    /// What is wrong with it, or that help was asked for.
    pub fn read(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        Self::try_parse_from(arguments).map_err(|mut error| {
            if let Some(ContextValue::Strings(names)) = error.remove(ContextKind::SuggestedSubcommand) {
                let command = Self::command();
                let is_hidden = |name: &String| command.find_subcommand(name).is_some_and(clap::Command::is_hide_set);
                let kept: Vec<String> = names.into_iter().filter(|name| !is_hidden(name)).collect();
                if !kept.is_empty() {
                    error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(kept));
                }
            }
            error
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn hidden_commands_are_not_suggested_and_others_are() {
        let said = |typed: &str| Cli::read(["bftgym", typed]).unwrap_err().to_string();
        let hidden = said("config");
        assert!(hidden.contains("'config'") && !hidden.contains("confine"), "{hidden}");
        assert!(said("simulat").contains("'simulate'"), "{}", said("simulat"));
    }

    #[test]
    fn no_time_is_refused_as_a_duration_and_taken_as_a_warm_up() {
        for command in ["run", "bench"] {
            let refused = Cli::read(["bftgym", command, "--duration", "0s"]).unwrap_err().to_string();
            assert!(refused.contains("nothing is measured in no time"), "{refused}");
            assert!(Cli::read(["bftgym", command, "--warmup", "0s"]).is_ok());
        }
    }

    #[test]
    fn settings_are_read_or_refused_with_an_example() {
        assert_eq!(parse_setting("a.b=c=d").unwrap(), ("a.b".into(), "c=d".into()));
        assert!(parse_setting("general.f").unwrap_err().contains("KEY=VALUE"));
    }
}
