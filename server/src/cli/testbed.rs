//! `bftgym testbed`: options.

use super::DATA_DIR_VARIABLE;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What can be done with testbeds without the page.
#[derive(Debug, Subcommand)]
pub enum TestbedCommand {
    /// Looks at every host of a testbed's file and says what is in the way of trials, and the mend.
    Check(TestbedCheckArgs),
}

/// Options of `testbed check`.
#[derive(Clone, Debug, Args)]
pub struct TestbedCheckArgs {
    /// The testbed's file (YAML).
    pub file: PathBuf,
    /// Trusts a host key that has not been seen before and has this fingerprint, such as `SHA256:…`; may be given more than
    /// once.
    #[arg(long, value_name = "FINGERPRINT")]
    pub trust: Vec<String>,
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Where trusted host keys are kept [default: bftgym in the user's data directory].
    #[arg(long, env = DATA_DIR_VARIABLE)]
    pub data_dir: Option<PathBuf>,
}
