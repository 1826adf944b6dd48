//! What the controller is told on standard input.

use super::remote::Remote;
use crate::host::HeldExit;
use model::patch::Patch;
use std::collections::VecDeque;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;

/// A line of the input.
#[derive(Debug)]
pub(super) enum Command {
    /// End the experiment. Also the end of the input.
    Stop,
    /// Change the configuration.
    Patch(Patch),
}

/// The lines after the first.
#[derive(Debug)]
pub(super) struct Input {
    commands: mpsc::Receiver<Command>,
    /// Changes that came while only stop was waited for.
    kept: VecDeque<Patch>,
}

impl Input {
    /// Reads the first line, and starts to read the others.
    pub(super) async fn start(remote: Remote) -> (String, Self) {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        let first = lines.next_line().await.ok().flatten().unwrap_or_default();
        let (queue, commands) = mpsc::channel(64);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(exit) = line.strip_prefix("exited ").and_then(|json| serde_json::from_str(json).ok()) {
                    let HeldExit { unit, ending } = exit;
                    remote.ended(unit, ending);
                    continue;
                }
                let Some(command) = parse(&line) else { continue };
                if queue.send(command).await.is_err() {
                    break;
                }
            }
            remote.close();
        });
        (first, Self { commands, kept: VecDeque::new() })
    }

    /// The next command. Safe to cancel.
    pub(super) async fn next(&mut self) -> Command {
        match self.kept.pop_front() {
            Some(patch) => Command::Patch(patch),
            None => self.commands.recv().await.unwrap_or(Command::Stop),
        }
    }

    /// Waits for stop; changes are kept for later. Safe to cancel.
    pub(super) async fn stop_asked(&mut self) {
        while let Some(Command::Patch(patch)) = self.commands.recv().await {
            self.kept.push_back(patch);
        }
    }
}

fn parse(line: &str) -> Option<Command> {
    match line.trim().split_once(' ') {
        None if line.trim() == "stop" => Some(Command::Stop),
        Some(("patch", json)) => match serde_json::from_str(json) {
            Ok(patch) => Some(Command::Patch(patch)),
            Err(error) => {
                tracing::warn!("a patch on standard input is not usable and was left out: {error}");
                None
            }
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_and_patches_are_understood_and_anything_else_is_left_out() {
        assert!(matches!(parse("stop"), Some(Command::Stop)));
        let line = r#"patch {"version":3,"at_ms":0,"items":[{"type":"int","key":"a.b","value":7}]}"#;
        assert!(matches!(parse(line), Some(Command::Patch(patch)) if patch.version == 3));
        assert!(parse("patch {}").is_none() && parse("").is_none() && parse("stopp").is_none());
    }
}
