//! The framework's processes, each confined: it ends when this process does.

use super::console::{Lines, failure};
use super::repeats::{Repeats, told};
use super::terminal::Terminal;
use crate::bftbrain::Installation;
use crate::clock;
use crate::controller::telling::{MAX_LOG_LINES, Teller};
use crate::error::LabError;
use crate::process;
use model::ids::UnitId;
use model::report::ControllerEvent;
use model::unit::UnitRole;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

const PACKAGE: &str = "com.gbft.framework.coordination";
/// How many lines wait; a process that says more has to wait, too.
const QUEUE: usize = 1_024;
/// How many of a process's last lines explain its end.
const LAST_WORDS: usize = 3;
/// How long what a process said last may take to come.
const LAST_WORDS_WAIT: Duration = Duration::from_millis(500);
/// How long killed processes may take to be gone.
const GONE: Duration = Duration::from_secs(2);

/// What is heard of a process.
#[derive(Debug)]
pub(super) enum Said {
    /// A line of its console.
    Line(String),
    /// How it ended: "was killed by signal 9 (SIGKILL)".
    Ended(String),
}

/// All processes of a trial.
#[derive(Debug)]
pub(super) struct Jvms {
    installation: Installation,
    /// This program, which confines them.
    binary: PathBuf,
    folder: PathBuf,
    replicas: u32,
    teller: Teller,
    queue: mpsc::Sender<(UnitId, Said)>,
    news: mpsc::Receiver<(UnitId, Said)>,
    running: BTreeMap<UnitId, Pid>,
    heard: BTreeMap<UnitId, Heard>,
    /// The first process in which a thread failed, and how.
    failure: Option<(UnitId, String)>,
}

/// What one process has said.
#[derive(Debug, Default)]
struct Heard {
    last: VecDeque<String>,
    repeats: Repeats,
    logged: u32,
}

impl Jvms {
    pub(super) fn new(
        installation: Installation,
        folder: PathBuf,
        replicas: u32,
        teller: Teller,
    ) -> Result<Self, LabError> {
        let binary = std::env::current_exe()
            .map_err(|source| LabError::Network { what: "finding this executable".into(), source })?;
        let (queue, news) = mpsc::channel(QUEUE);
        let (running, heard) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { installation, binary, folder, replicas, teller, queue, news, running, heard, failure: None })
    }

    /// Starts a class of the framework as a unit, at a terminal where it needs one.
    pub(super) fn start(
        &mut self,
        unit: UnitId,
        class: &str,
        arguments: &[OsString],
        terminal: Option<&Terminal>,
    ) -> Result<(), String> {
        let who = UnitRole::of(unit, self.replicas).label();
        let failed = |error: std::io::Error| format!("BFTBrain's process of {who} could not be started: {error}");
        let end = |usual: Stdio| terminal.map_or(Ok(usual), |terminal| terminal.theirs().map(Stdio::from));
        let mut child = Command::new(&self.binary)
            .arg("confine")
            .arg(std::process::id().to_string())
            .arg(&self.installation.java)
            .args(["--enable-preview", "-cp"])
            .arg(self.installation.class_path())
            .arg(format!("{PACKAGE}.{class}"))
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(end(Stdio::null()).map_err(failed)?)
            .stdout(end(Stdio::piped()).map_err(failed)?)
            .stderr(end(Stdio::piped()).map_err(failed)?)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let pid = child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        let pid = pid.ok_or_else(|| format!("BFTBrain's process of {who} ended at once"))?;
        self.running.insert(unit, pid);
        // Closed when everything that the process says has been read.
        let (talking, silence) = mpsc::channel::<()>(1);
        if let Some(terminal) = terminal {
            let reader = terminal.reader().map_err(failed)?;
            let (queue, talking) = (self.queue.clone(), talking.clone());
            std::thread::spawn(move || {
                listen_to_terminal(reader, unit, &queue);
                drop(talking);
            });
        }
        if let Some(output) = child.stdout.take() {
            tokio::spawn(listen(output, unit, self.queue.clone(), talking.clone()));
        }
        if let Some(errors) = child.stderr.take() {
            tokio::spawn(listen(errors, unit, self.queue.clone(), talking));
        }
        tokio::spawn(hold(child, unit, self.queue.clone(), silence));
        Ok(())
    }

    /// The units whose processes run.
    pub(super) fn units(&self) -> impl Iterator<Item = UnitId> + '_ {
        self.running.keys().copied()
    }

    /// What is heard next; lines go into the trial's log as well, up to a bound. Safe to cancel.
    pub(super) async fn next(&mut self) -> (UnitId, Said) {
        let Some((unit, said)) = self.news.recv().await else {
            // This object holds a sender.
            return std::future::pending().await;
        };
        match &said {
            Said::Line(line) => self.log(unit, line),
            Said::Ended(_) => {
                self.running.remove(&unit);
            }
        }
        (unit, said)
    }

    /// The first process in which a thread ended by an exception, with what it said of that.
    pub(super) fn first_failure(&self) -> Option<(UnitId, &str)> {
        self.failure.as_ref().map(|(unit, failure)| (*unit, failure.as_str()))
    }

    /// What a process said last that it had not said before, as the end of a sentence.
    pub(super) fn last_words(&self, unit: UnitId) -> String {
        match self.heard.get(&unit) {
            Some(heard) if !heard.last.is_empty() => {
                let lines: Vec<&str> = heard.last.iter().map(String::as_str).collect();
                format!("; its last words: {}", lines.join(" / "))
            }
            _ => String::new(),
        }
    }

    /// Kills all that run, and waits until they are gone.
    pub(super) async fn kill_all(&mut self) {
        for pid in self.running.values() {
            // One that is gone needs no killing.
            let _ = kill_process_group(*pid, Signal::KILL);
            let _ = rustix::process::kill_process(*pid, Signal::KILL);
        }
        let gone = async {
            while !self.running.is_empty() {
                if let (unit, Said::Ended(_)) = self.next().await {
                    self.running.remove(&unit);
                }
            }
        };
        let _ = tokio::time::timeout(GONE, gone).await;
    }

    fn log(&mut self, unit: UnitId, line: &str) {
        if let (None, Some(failure)) = (&self.failure, failure(line)) {
            self.failure = Some((unit, failure.to_owned()));
        }
        let heard = self.heard.entry(unit).or_default();
        let count = heard.repeats.note(line);
        if count == 1 && !line.starts_with("at ") {
            if heard.last.len() == LAST_WORDS {
                heard.last.pop_front();
            }
            heard.last.push_back(line.to_owned());
        }
        let Some(line) = told(line, count) else { return };
        heard.logged = heard.logged.saturating_add(1);
        let line = match heard.logged {
            ..=MAX_LOG_LINES => line,
            count if count == MAX_LOG_LINES + 1 => "Further lines are left out.".to_owned(),
            _ => return,
        };
        self.teller.event(ControllerEvent::Log { unit, line, at_ms: clock::wall_ms() });
    }
}

async fn hold(mut child: Child, unit: UnitId, queue: mpsc::Sender<(UnitId, Said)>, mut silence: mpsc::Receiver<()>) {
    let ending = match child.wait().await {
        Ok(status) => process::ending(status),
        Err(error) => format!("was lost: {error}"),
    };
    let _ = tokio::time::timeout(LAST_WORDS_WAIT, silence.recv()).await;
    let _ = queue.send((unit, Said::Ended(ending))).await;
}

async fn listen(
    mut from: impl AsyncRead + Unpin,
    unit: UnitId,
    queue: mpsc::Sender<(UnitId, Said)>,
    _talking: mpsc::Sender<()>,
) {
    let (mut lines, mut piece) = (Lines::default(), vec![0; 4_096]);
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        for line in lines.take(&piece[..count]) {
            if queue.send((unit, Said::Line(line))).await.is_err() {
                return;
            }
        }
    }
    if let Some(line) = lines.end() {
        let _ = queue.send((unit, Said::Line(line))).await;
    }
}

/// A terminal has no end that could be waited for without a thread.
fn listen_to_terminal(mut from: std::fs::File, unit: UnitId, queue: &mpsc::Sender<(UnitId, Said)>) {
    let (mut lines, mut piece) = (Lines::default(), vec![0; 4_096]);
    // Where nobody is left at the other end, reading fails.
    while let Ok(count @ 1..) = from.read(&mut piece) {
        for line in lines.take(&piece[..count]) {
            if queue.blocking_send((unit, Said::Line(line))).is_err() {
                return;
            }
        }
    }
    if let Some(line) = lines.end() {
        let _ = queue.blocking_send((unit, Said::Line(line)));
    }
}
