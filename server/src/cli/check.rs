//! Options of `check`.

use clap::Args;
use std::path::PathBuf;

/// Options of `check`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 the protocol can run, 1 it has errors, 64 wrong usage.")]
pub struct CheckArgs {
    /// The protocol file.
    pub file: PathBuf,
    /// The number of faulty replicas that it is checked for.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=33))]
    pub f: u32,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}
