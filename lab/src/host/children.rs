//! The units of a host, as child processes.

use super::wire::{FromHost, ToHost};
use crate::process;
use model::ids::UnitId;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// How long killed units may take to be gone.
const END: Duration = Duration::from_secs(2);
/// The longest line of a unit that is handed back, characters.
const MAX_CHARACTERS: usize = 16 << 10;

#[derive(Debug)]
struct Held {
    input: Option<mpsc::Sender<String>>,
    kill: Option<oneshot::Sender<()>>,
}

/// All units of this host that were started.
#[derive(Debug)]
pub(super) struct Children {
    binary: PathBuf,
    words: mpsc::Sender<FromHost>,
    held: BTreeMap<UnitId, Held>,
    tasks: JoinSet<()>,
}

impl Children {
    pub(super) fn new(binary: PathBuf, words: mpsc::Sender<FromHost>) -> Self {
        Self { binary, words, held: BTreeMap::new(), tasks: JoinSet::new() }
    }

    pub(super) async fn take(&mut self, order: ToHost) {
        while self.tasks.try_join_next().is_some() {}
        match order {
            ToHost::Start { unit, input } => self.start(unit, input).await,
            ToHost::Input { unit, line } => {
                if let Some(input) = self.held.get(&unit).and_then(|held| held.input.as_ref()) {
                    // One that has ended needs no input.
                    let _ = input.send(line).await;
                }
            }
            ToHost::Kill { unit } => {
                if let Some(kill) = self.held.get_mut(&unit).and_then(|held| held.kill.take()) {
                    // One that has ended needs no killing.
                    let _ = kill.send(());
                }
            }
            ToHost::Alive => {}
        }
    }

    async fn start(&mut self, unit: UnitId, first: String) {
        let verb = if unit == UnitId(0) { "controller" } else { "worker" };
        let child = Command::new(&self.binary)
            .arg(verb)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        match child {
            Ok(child) => {
                let (input, lines) = mpsc::channel(64);
                let (kill, killed) = oneshot::channel();
                self.held.insert(unit, Held { input: Some(input), kill: Some(kill) });
                self.tasks.spawn(hold(unit, child, first, lines, killed, self.words.clone()));
            }
            Err(error) => {
                let ending = format!("could not be started: {error}");
                let _ = self.words.send(FromHost::Exited { unit, success: false, ending }).await;
            }
        }
    }

    /// Ends all units and waits until they are gone.
    pub(super) async fn end(&mut self) {
        // A unit whose killer is gone is killed as well.
        self.held.clear();
        let gone = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(END, gone).await;
    }
}

/// Holds a unit's ends until it has ended, and tells so after its last words.
async fn hold(
    unit: UnitId,
    mut child: Child,
    first: String,
    lines: mpsc::Receiver<String>,
    killed: oneshot::Receiver<()>,
    words: mpsc::Sender<FromHost>,
) {
    let mut talk = JoinSet::new();
    if let Some(stdin) = child.stdin.take() {
        // Its input stays open as long as this process: it ends by itself when that is gone.
        tokio::spawn(feed(stdin, first, lines));
    }
    if let Some(output) = child.stdout.take() {
        talk.spawn(hand_back(output, words.clone(), move |line| FromHost::Output { unit, line }));
    }
    if let Some(errors) = child.stderr.take() {
        talk.spawn(hand_back(errors, words.clone(), move |line| FromHost::Log { unit, line }));
    }
    let status = tokio::select! {
        status = child.wait() => status,
        _ = killed => {
            let _ = child.start_kill();
            child.wait().await
        }
    };
    let last_words = async { while talk.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_millis(500), last_words).await;
    let (success, ending) = match status {
        Ok(status) => (status.success(), process::ending(status)),
        Err(error) => (false, format!("was lost: {error}")),
    };
    let _ = words.send(FromHost::Exited { unit, success, ending }).await;
}

async fn feed(mut stdin: ChildStdin, first: String, mut lines: mpsc::Receiver<String>) {
    let mut next = Some(first);
    while let Some(mut line) = next {
        line.push('\n');
        if stdin.write_all(line.as_bytes()).await.is_err() {
            return;
        }
        next = lines.recv().await;
    }
}

async fn hand_back(from: impl AsyncRead + Unpin, words: mpsc::Sender<FromHost>, word: impl Fn(String) -> FromHost) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let line = if line.len() > MAX_CHARACTERS { line.chars().take(MAX_CHARACTERS).collect() } else { line };
        if words.send(word(line)).await.is_err() {
            return;
        }
    }
}
