//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

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
    /// Measures how many reports of units the server takes each second.
    #[command(hide = true)]
    IngestBench(IngestBenchArgs),
    /// One experiment's controller; the server starts it.
    #[command(hide = true)]
    Controller,
    /// One unit of an experiment; the controller starts it.
    #[command(hide = true)]
    Worker,
}

/// Options of `serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The address to listen on: this machine's own.
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
}

impl Default for ServeArgs {
    /// As when nothing is said on the command line.
    fn default() -> Self {
        let data_dir = std::env::var_os(DATA_DIR_VARIABLE).map(PathBuf::from);
        Self { host: USUAL_HOST.to_owned(), port: USUAL_PORT, config: None, data_dir }
    }
}

/// Options of `bench`.
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
    /// The protocol's name.
    #[arg(long, default_value = "pbft")]
    pub protocol: String,
    /// The experiment to start from [default: ./default.yaml if it exists, else the built-in one].
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// How long to measure, such as `30s` or `500ms`.
    #[arg(long, default_value = "30s", value_parser = parse_duration)]
    pub duration: std::time::Duration,
    /// How long to run before measuring.
    #[arg(long, default_value = "5s", value_parser = parse_duration)]
    pub warmup: std::time::Duration,
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

fn parse_duration(text: &str) -> Result<std::time::Duration, String> {
    let text = text.trim();
    let digits = text.find(|each: char| !each.is_ascii_digit() && each != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" | "min" => 60.0,
        _ => return Err(format!("{unit:?} is no unit of time; use ms, s or m, as in 30s")),
    };
    let seconds = number.parse::<f64>().map_err(|_| format!("{text:?} is no duration; write it as 30s"))? * factor;
    std::time::Duration::try_from_secs_f64(seconds).map_err(|_| format!("{text:?} is too long"))
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("{text:?} is not KEY=VALUE, as in general.f=2")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_and_settings_are_read_or_refused_with_an_example() {
        assert_eq!(parse_duration("1.5s").unwrap().as_millis(), 1500);
        assert_eq!(parse_duration("250ms").unwrap().as_millis(), 250);
        assert_eq!(parse_duration("2m").unwrap().as_secs(), 120);
        assert!(parse_duration("soon").unwrap_err().contains("30s"));
        assert!(parse_duration("9e99").is_err() && parse_duration("").is_err());
        assert_eq!(parse_setting("a.b=c=d").unwrap(), ("a.b".into(), "c=d".into()));
        assert!(parse_setting("general.f").unwrap_err().contains("KEY=VALUE"));
    }
}
