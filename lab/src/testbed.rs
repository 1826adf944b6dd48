//! Testbeds: where units run. Here, the controller is started as a child process of this one, from the same binary; [`ssh`]
//! starts it and its workers on other hosts.

pub mod ssh;

use crate::error::LabError;
use model::launch::LaunchSpec;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A running controller. Dropping it ends the experiment: the controller's input closes, and with it everything it started.
#[derive(Debug)]
pub struct Launched {
    child: Child,
    input: Option<ChildStdin>,
    pid: u32,
}

/// How a controller ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerExit {
    /// Whether it ended as it was told to.
    pub success: bool,
    /// A sentence: "the controller was killed by signal 9 (SIGKILL)".
    pub reason: String,
}

/// Starts the controller of `binary` (this executable, normally) for an experiment. The specification, secrets included,
/// goes through its standard input. Lines of its standard error go to the log.
///
/// # Errors
/// When the binary cannot be started.
pub async fn launch_local(binary: PathBuf, spec: &LaunchSpec) -> Result<Launched, LabError> {
    start_controller(binary, spec, false).await.map(|(launched, _)| launched)
}

pub(crate) async fn start_controller(
    binary: PathBuf,
    spec: &LaunchSpec,
    with_output: bool,
) -> Result<(Launched, Option<ChildStdout>), LabError> {
    let failed = |source| LabError::Spawn { what: "the controller".into(), binary: binary.clone(), source };
    let mut child = Command::new(&binary)
        .arg("controller")
        .stdin(Stdio::piped())
        .stdout(if with_output { Stdio::piped() } else { Stdio::null() })
        .stderr(Stdio::piped())
        // Units have no business with it, and whoever reads their environment neither.
        .env_remove(crate::cloudlab::TOKEN_VARIABLE)
        // A signal from a terminal is for the one who started us, who then ends us in order.
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let pid = child.id().unwrap_or_default();
    if let Some(errors) = child.stderr.take() {
        tokio::spawn(async move {
            let mut lines = BufReader::new(errors).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                tracing::info!(target: "controller", "{line}");
            }
        });
    }
    let output = child.stdout.take();
    let mut input = child.stdin.take();
    let mut line = serde_json::to_vec(spec).map_err(|error| LabError::Encode { reason: error.to_string() })?;
    line.push(b'\n');
    if let Some(input) = input.as_mut() {
        input.write_all(&line).await.map_err(failed)?;
    }
    Ok((Launched { child, input, pid }, output))
}

impl Launched {
    /// The controller's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Asks the experiment to end; [`Launched::wait`] tells when it has. May be called more than once.
    pub async fn stop(&mut self) {
        if let Some(mut input) = self.input.take() {
            // A controller that is gone already needs no telling.
            let _ = input.write_all(b"stop\n").await;
        }
    }

    /// Hands a change of the configuration to the units, by way of the controller.
    pub async fn patch(&mut self, patch: &model::patch::Patch) {
        if let (Some(input), Ok(json)) = (self.input.as_mut(), serde_json::to_string(patch)) {
            // A controller that is gone already needs no telling.
            let _ = input.write_all(format!("patch {json}\n").as_bytes()).await;
        }
    }

    /// Waits for the controller to end. Safe to cancel and to call again.
    pub async fn wait(&mut self) -> ControllerExit {
        match self.child.wait().await {
            Ok(status) => ControllerExit {
                success: status.success(),
                reason: format!("the controller {}", crate::process::ending(status)),
            },
            Err(error) => ControllerExit { success: false, reason: format!("the controller was lost: {error}") },
        }
    }

    /// Ends the controller by force; its workers end by themselves when it is gone.
    pub async fn kill(&mut self) {
        let _ = self.child.kill().await;
    }
}
