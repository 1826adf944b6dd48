//! Experiments without a backend: the controller writes what happens to standard output, one JSON line each.

use crate::LabError;
use crate::testbed::{Launched, start_controller};
use model::launch::LaunchSpec;
use model::report::{ControllerEvent, Report};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;

/// A line of a controller without a backend.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum HeadlessLine {
    /// Something happened.
    Event {
        /// What.
        event: ControllerEvent,
    },
    /// A unit reported.
    Report {
        /// Its report.
        report: Box<Report>,
    },
}

/// Starts a controller that tells the caller instead of a backend. The receiver ends with the controller.
///
/// # Errors
/// When the binary cannot be started.
pub async fn launch(binary: PathBuf, spec: LaunchSpec) -> Result<(Launched, mpsc::Receiver<HeadlessLine>), LabError> {
    let spec = LaunchSpec { backend_url: String::new(), ..spec };
    let (launched, stdout) = start_controller(binary, &spec, true).await?;
    let (queue, lines) = mpsc::channel(4096);
    if let Some(stdout) = stdout {
        tokio::spawn(async move {
            let mut texts = BufReader::new(stdout).lines();
            while let Ok(Some(text)) = texts.next_line().await {
                let Ok(line) = serde_json::from_str(&text) else { continue };
                if queue.send(line).await.is_err() {
                    return;
                }
            }
        });
    }
    Ok((launched, lines))
}
