//! `bftgym worker`: one unit of an experiment, told on standard input.

use crate::error::ServerError;

/// Runs until the unit is told to end, or its controller is gone.
pub(super) async fn run() -> Result<(), ServerError> {
    Ok(lab::worker::main_from_stdin().await?)
}
