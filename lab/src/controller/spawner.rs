//! Starts the processes of workers.

use super::door::Door;
use super::telling::Teller;
use crate::control::WorkerSpec;
use crate::error::LabError;
use model::ids::UnitId;
use model::unit::UnitRole;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// Starts workers of a trial from this very executable.
#[derive(Debug)]
pub(super) struct Spawner {
    binary: PathBuf,
    replicas: u32,
    teller: Teller,
}

impl Spawner {
    pub(super) fn new(replicas: u32, teller: &Teller) -> Result<Self, LabError> {
        let binary = std::env::current_exe()
            .map_err(|source| LabError::Network { what: "finding this executable".into(), source })?;
        Ok(Self { binary, replicas, teller: teller.clone() })
    }

    /// Starts a unit, which will come to the door with a secret of its own.
    pub(super) async fn spawn(&self, unit: UnitId, door: &Door) -> Result<Child, LabError> {
        let what = UnitRole::of(unit, self.replicas).label();
        let failed = |source| LabError::Spawn { what: what.clone(), binary: self.binary.clone(), source };
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)
            .map_err(|error| LabError::Specification { reason: format!("no randomness for keys: {error}") })?;
        let mut child = Command::new(&self.binary)
            .arg("worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        door.expect(unit, secret);
        let worker = WorkerSpec { unit, controller: door.address().to_owned(), secret };
        let mut line = serde_json::to_vec(&worker).map_err(|error| LabError::Encode { reason: error.to_string() })?;
        line.push(b'\n');
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(&line).await.map_err(failed)?;
        }
        if let Some(errors) = child.stderr.take() {
            self.teller.follow_log(unit, errors);
        }
        Ok(child)
    }
}
