//! `bftgym testbed`: options.

use super::DATA_DIR_VARIABLE;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What can be done with testbeds without the page.
#[derive(Debug, Subcommand)]
pub enum TestbedCommand {
    /// Looks at every host of a testbed's file and says what is in the way of trials, and the mend.
    Check(TestbedCheckArgs),
    /// Forgets the host keys that were trusted here for an address, so that a host that was set up anew is a new one.
    Forget(TestbedForgetArgs),
}

/// Options of `testbed forget`.
#[derive(Clone, Debug, Args)]
pub struct TestbedForgetArgs {
    /// The host's address, as its testbed's file has it.
    pub address: String,
    /// The port of its SSH server.
    #[arg(long, default_value_t = 22)]
    pub port: u16,
    /// Where trusted host keys are kept [default: bftgym in the user's data directory].
    #[arg(long, env = DATA_DIR_VARIABLE)]
    pub data_dir: Option<PathBuf>,
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
