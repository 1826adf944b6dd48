//! A host of a testbed, seen from inside: the one process that the server starts there over SSH. It starts units when it is
//! told to, hands their words back, and ends all of them when its input ends or falls silent, so that nothing is left
//! running when the server, the network or this process goes away.

mod children;
mod probe;
mod wire;

pub use probe::{ProbeAnswer, ProbeRequest, UNKNOWN_NAME, probe_from_stdin};
pub use wire::{ALIVE_EVERY, FromHost, HeldExit, MAX_LINE, RemoteRequest, ToHost};

use crate::error::LabError;
use children::Children;
use std::io::Write;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;

/// How long the server may be silent before it counts as gone.
const SILENCE: Duration = Duration::from_secs(12);
/// How many words of units wait to be handed back before units have to wait.
const QUEUE: usize = 1_024;

/// Runs units as standard input says, until it ends or falls silent.
///
/// # Errors
/// When this executable does not know its own place.
pub async fn main_from_stdin() -> Result<(), LabError> {
    let binary = std::env::current_exe()
        .map_err(|source| LabError::Network { what: "finding this executable".into(), source })?;
    let (words, mut queue) = mpsc::channel::<FromHost>(QUEUE);
    let writer = tokio::spawn(async move {
        while let Some(word) = queue.recv().await {
            let Ok(line) = serde_json::to_string(&word) else { continue };
            let mut out = std::io::stdout().lock();
            if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                return;
            }
        }
    });
    // Nobody who listens is left when this fails; the input then ends, too.
    let _ = words.send(FromHost::Ready).await;
    let mut children = Children::new(binary, words);
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Ok(Some(line))) = tokio::time::timeout(SILENCE, lines.next_line()).await {
        match serde_json::from_str(&line) {
            Ok(order) => children.take(order).await,
            Err(error) => tracing::warn!("an order is not understood and left out: {error}"),
        }
    }
    children.end().await;
    drop(children);
    let _ = tokio::time::timeout(Duration::from_secs(1), writer).await;
    Ok(())
}
