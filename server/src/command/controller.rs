//! `bftgym controller`: one experiment, told on standard input.

use crate::error::ServerError;

/// Runs until the experiment has ended.
pub(super) async fn run() -> Result<(), ServerError> {
    Ok(lab::controller::main_from_stdin().await?)
}
