//! Starts the processes of workers: here, or by way of the server on other hosts.

use super::door::Door;
use super::remote::Remote;
use super::telling::Teller;
use crate::control::WorkerSpec;
use crate::error::LabError;
use crate::host::RemoteRequest;
use crate::process;
use model::ids::UnitId;
use model::unit::UnitRole;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

/// A worker's process, wherever it is.
#[derive(Debug)]
pub(super) struct Process {
    /// How it ended: "was killed by signal 9 (SIGKILL)".
    pub(super) ended: oneshot::Receiver<String>,
    /// Ends it at once. When this is dropped unused, it goes on.
    pub(super) kill: oneshot::Sender<()>,
}

/// Starts the workers of a trial.
#[derive(Debug)]
pub(super) struct Spawner {
    replicas: u32,
    teller: Teller,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// From this very executable.
    Here(PathBuf),
    /// On other hosts.
    Elsewhere(Remote),
}

impl Spawner {
    /// Starts workers here, or with `remote` on other hosts.
    pub(super) fn new(replicas: u32, teller: &Teller, remote: Option<Remote>) -> Result<Self, LabError> {
        let place = match remote {
            Some(remote) => Place::Elsewhere(remote),
            None => Place::Here(
                std::env::current_exe()
                    .map_err(|source| LabError::Network { what: "finding this executable".into(), source })?,
            ),
        };
        Ok(Self { replicas, teller: teller.clone(), place })
    }

    /// Starts a unit, which will come to the door with a secret of its own.
    pub(super) async fn spawn(&self, unit: UnitId, door: &Door) -> Result<Process, LabError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)
            .map_err(|error| LabError::Specification { reason: format!("no randomness for keys: {error}") })?;
        let controller = door.address().to_owned();
        let spec = WorkerSpec { unit, controller, secret, listen: None, backend_url: None, held: false };
        door.expect(unit, secret);
        match &self.place {
            Place::Here(binary) => self.start(binary, &spec).await,
            Place::Elsewhere(remote) => Ok(ask_for(remote, spec)),
        }
    }

    async fn start(&self, binary: &PathBuf, spec: &WorkerSpec) -> Result<Process, LabError> {
        let what = UnitRole::of(spec.unit, self.replicas).label();
        let failed = |source| LabError::Spawn { what: what.clone(), binary: binary.clone(), source };
        let mut child = Command::new(binary)
            .arg("worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let mut line = serde_json::to_vec(spec).map_err(|error| LabError::Encode { reason: error.to_string() })?;
        line.push(b'\n');
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(&line).await.map_err(failed)?;
        }
        if let Some(errors) = child.stderr.take() {
            self.teller.follow_log(spec.unit, errors);
        }
        Ok(hold(child))
    }
}

/// Waits for a child in a task of its own.
fn hold(mut child: Child) -> Process {
    let (kill, killed) = oneshot::channel();
    let (end, ended) = oneshot::channel();
    tokio::spawn(async move {
        let status = tokio::select! {
            status = child.wait() => status,
            Ok(()) = killed => {
                let _ = child.start_kill();
                child.wait().await
            }
        };
        if let Ok(status) = status {
            let _ = end.send(process::ending(status));
        }
    });
    Process { ended, kill }
}

/// Asks for a unit on another host.
fn ask_for(remote: &Remote, spec: WorkerSpec) -> Process {
    let (unit, ended) = (spec.unit, remote.end_of(spec.unit));
    let (kill, killed) = oneshot::channel();
    let asking = remote.clone();
    tokio::spawn(async move {
        if killed.await.is_ok() {
            asking.ask(&RemoteRequest::Kill { unit });
        }
    });
    remote.ask(&RemoteRequest::Spawn { spec });
    Process { ended, kill }
}
