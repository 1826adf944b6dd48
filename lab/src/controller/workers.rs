//! The workers' processes: what they say, how they end, and how they are ended.

use super::spawner::Process;
use super::telling::Teller;
use crate::control::{ControlReceiver, ControlSender, ToController, ToWorker};
use crate::error::LabError;
use model::ids::UnitId;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How long workers may take to end by themselves.
const GRACE: Duration = Duration::from_millis(1_000);
/// How long a worker may take to take a message. One that does not is stopped or stuck, and is given up.
const HANDING_OVER: Duration = Duration::from_secs(1);

/// One worker.
#[derive(Debug)]
pub(super) struct Worker {
    sender: Option<ControlSender>,
    kill: Option<oneshot::Sender<()>>,
    lives: bool,
}

impl Worker {
    /// Sends a message; to one that is gone, nothing.
    pub(super) async fn send(&mut self, message: &ToWorker) -> Result<(), LabError> {
        let Some(sender) = self.sender.as_mut() else { return Ok(()) };
        match tokio::time::timeout(HANDING_OVER, sender.send(message)).await {
            Ok(result) => result,
            Err(_) => {
                // Half a message may be out: the channel is of no more use, and its end ends the worker.
                self.sender = None;
                let source = std::io::Error::new(std::io::ErrorKind::TimedOut, "it does not read");
                Err(LabError::Network { what: "writing to the control channel".into(), source })
            }
        }
    }
}

/// Something about a worker.
#[derive(Debug)]
pub(super) enum WorkerNews {
    /// It sent a message.
    Said(UnitId, ToController),
    /// Its process ended: "was killed by signal 9 (SIGKILL)".
    Exited(UnitId, String),
}

/// Both ends of a channel: tasks get clones of the sender.
type Channel<T> = (mpsc::Sender<T>, mpsc::Receiver<T>);

/// All workers of a trial.
#[derive(Debug)]
pub(super) struct Workers {
    workers: BTreeMap<UnitId, Worker>,
    alive: usize,
    messages: Channel<(UnitId, ToController)>,
    exits: Channel<(UnitId, String)>,
}

impl Workers {
    pub(super) fn new() -> Self {
        Self { workers: BTreeMap::new(), alive: 0, messages: mpsc::channel(256), exits: mpsc::channel(256) }
    }

    /// Takes over a started process.
    pub(super) fn add_process(&mut self, unit: UnitId, process: Process) {
        let Process { ended, kill } = process;
        let exits = self.exits.0.clone();
        tokio::spawn(async move {
            let ending = ended.await.unwrap_or_else(|_| "was lost".to_owned());
            let _ = exits.send((unit, ending)).await;
        });
        self.alive += 1;
        self.workers.insert(unit, Worker { sender: None, kill: Some(kill), lives: true });
    }

    /// Takes over the control channel of a process.
    pub(super) fn add_channel(&mut self, unit: UnitId, sender: ControlSender, mut receiver: ControlReceiver) {
        let messages = self.messages.0.clone();
        tokio::spawn(async move {
            while let Ok(message) = receiver.next().await {
                if messages.send((unit, message)).await.is_err() {
                    return;
                }
            }
        });
        if let Some(worker) = self.workers.get_mut(&unit) {
            worker.sender = Some(sender);
        }
    }

    pub(super) fn all(&mut self) -> impl Iterator<Item = (UnitId, &mut Worker)> {
        self.workers.iter_mut().map(|(unit, worker)| (*unit, worker))
    }

    pub(super) fn get(&mut self, unit: UnitId) -> Option<&mut Worker> {
        self.workers.get_mut(&unit)
    }

    /// Whether a unit has a process.
    pub(super) fn lives(&self, unit: UnitId) -> bool {
        self.workers.get(&unit).is_some_and(|worker| worker.lives)
    }

    /// Ends a process at once (SIGKILL); its exit follows.
    pub(super) fn kill_one(&mut self, unit: UnitId) {
        if let Some(kill) = self.workers.get_mut(&unit).and_then(|worker| worker.kill.take()) {
            let _ = kill.send(());
        }
    }

    fn ended(&mut self, unit: UnitId) {
        self.alive -= 1;
        if let Some(worker) = self.workers.get_mut(&unit) {
            worker.lives = false;
            worker.sender = None;
        }
    }

    /// The next process that ends. Safe to cancel.
    pub(super) async fn next_exit(&mut self) -> (UnitId, String) {
        match self.exits.1.recv().await {
            Some(exit) => {
                self.ended(exit.0);
                exit
            }
            // This object holds a sender, so the channel cannot be closed.
            None => std::future::pending().await,
        }
    }

    /// The next thing that a worker says or does. What it said comes before its end. Safe to cancel.
    pub(super) async fn next_news(&mut self) -> WorkerNews {
        tokio::select! {
            biased;
            Some((unit, message)) = self.messages.1.recv() => WorkerNews::Said(unit, message),
            Some((unit, ending)) = self.exits.1.recv() => {
                self.ended(unit);
                WorkerNews::Exited(unit, ending)
            }
        }
    }

    /// Tells all to end, and ends by force those that do not.
    pub(super) async fn end(&mut self, teller: &Teller) {
        for worker in self.workers.values_mut() {
            // One that is gone needs no telling.
            let _ = worker.send(&ToWorker::Stop).await;
        }
        let last_words = async {
            while self.alive > 0 {
                if let WorkerNews::Said(_, ToController::Report { report }) = self.next_news().await {
                    teller.report(report);
                }
            }
        };
        if tokio::time::timeout(GRACE, last_words).await.is_err() {
            self.kill().await;
        }
    }

    /// Ends all by force and waits until they are gone.
    pub(super) async fn kill(&mut self) {
        for worker in self.workers.values_mut() {
            if let Some(kill) = worker.kill.take() {
                let _ = kill.send(());
            }
        }
        while self.alive > 0 {
            self.next_exit().await;
        }
    }
}
