//! Options of `run`.

use super::{DATA_DIR_VARIABLE, parse_measured, parse_setting};
use clap::Args;
use model::duration::parse_duration;
use std::path::PathBuf;
use std::time::Duration;

/// Options of `run`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit status: 0 the verdict is Pass, 2 Diverged, 3 No progress, 1 the run failed, 64 wrong usage."
)]
pub struct RunArgs {
    /// A shipped protocol's name, or the path of a protocol file.
    #[arg(long, default_value = "pbft")]
    pub protocol: String,
    /// The experiment to start from [default: ./default.yaml if it exists, else the built-in one].
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Changes a key of the configuration, such as `general.f=2`; may be given more than once.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = parse_setting)]
    pub settings: Vec<(String, String)>,
    /// How long to measure, such as `30s` or `500ms`.
    #[arg(long, default_value = "30s", value_parser = parse_measured)]
    pub duration: Duration,
    /// How long to run before measuring; the times of the schedule count from its end.
    #[arg(long, default_value = "2s", value_parser = parse_duration)]
    pub warmup: Duration,
    /// A schedule of changes: a YAML list of `{at: 20s, set: {fault.crash.affected-entities: [0]}}`.
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
    /// The trial's name [default: the protocol and the duration].
    #[arg(long)]
    pub name: Option<String>,
    /// Does not keep the trial.
    #[arg(long)]
    pub no_store: bool,
    /// Where trials are kept [default: bftgym in the user's data directory].
    #[arg(long, env = DATA_DIR_VARIABLE)]
    pub data_dir: Option<PathBuf>,
}
