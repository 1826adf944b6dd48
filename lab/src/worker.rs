//! A worker: one unit as a process. It calls its controller, is configured, connects to its peers, and runs a replica or
//! a client until the controller says stop, or is gone.

mod bring_up;
mod client;
mod delayed;
mod judge;
mod orders;
mod points;
mod replica;
mod reporter;
mod running;
mod traffic;

use crate::auth::control_keys;
use crate::control::{self, ToController, WorkerSpec};
use crate::error::LabError;
use crate::transport;
use tokio::io::{AsyncBufReadExt, BufReader, Stdin};

/// Runs the worker whose specification is the first line of standard input.
///
/// # Errors
/// When the specification is not usable, or the controller cannot be reached.
pub async fn main_from_stdin() -> Result<(), LabError> {
    let mut line = String::new();
    let mut input = BufReader::new(tokio::io::stdin());
    input
        .read_line(&mut line)
        .await
        .map_err(|error| LabError::Specification { reason: format!("standard input: {error}") })?;
    let spec: WorkerSpec = serde_json::from_str(&line).map_err(|error| LabError::Specification {
        reason: format!(
            "the worker's specification on standard input is not usable: {error}; let the controller start workers"
        ),
    })?;
    if spec.held {
        tokio::spawn(end_with(input));
    }
    let stream = transport::connect(&spec.controller, spec.unit, model::UnitId(0)).await?;
    let (mut sender, receiver) = control::channel(stream, control_keys(&spec.secret, false))
        .map_err(|source| LabError::Network { what: "the control channel".into(), source })?;
    sender.send(&ToController::Hello).await?;
    let place = bring_up::Place { unit: spec.unit, listen: spec.listen, backend_url: spec.backend_url };
    bring_up::run(place, sender, receiver).await
}

/// Ends this process when its input ends: whoever holds it is gone.
async fn end_with(mut input: BufReader<Stdin>) {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line).await.is_ok_and(|bytes| bytes > 0) {
        line.clear();
    }
    std::process::exit(1);
}
