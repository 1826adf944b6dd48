//! Options of `sweep`.

use super::DATA_DIR_VARIABLE;
use clap::Args;
use std::path::PathBuf;

/// Options of `sweep`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit status: 0 all verdicts are Pass, 2 one is Diverged, 3 one is No progress, 1 a run failed, \
                        64 wrong usage, 130 interrupted: the same command goes on from there."
)]
pub struct SweepArgs {
    /// The grid: a YAML file with the keys name, protocol, duration, warm-up, repetitions, set and faults.
    pub grid: PathBuf,
    /// The experiment to start from [default: ./default.yaml if it exists, else the built-in one].
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Prints one JSON object instead of a table.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Prints comma-separated values instead of a table.
    #[arg(long)]
    pub csv: bool,
    /// Where the journal of finished runs is [default: sweeps in the data directory].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Does not keep the runs as trials.
    #[arg(long)]
    pub no_store: bool,
    /// Where trials are kept [default: bftgym in the user's data directory].
    #[arg(long, env = DATA_DIR_VARIABLE)]
    pub data_dir: Option<PathBuf>,
}
