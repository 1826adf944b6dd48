//! The workers while they run: what they say, how they end, and how they are ended.

use super::telling::Teller;
use super::{Input, stop_asked};
use crate::control::{ControlReceiver, ControlSender, ToController, ToWorker};
use crate::{clock, process};
use model::ids::UnitId;
use model::report::ControllerEvent;
use model::unit::UnitRole;
use std::collections::BTreeMap;
use std::process::ExitStatus;
use std::time::Duration;
use tokio::process::Child;
use tokio::sync::{mpsc, oneshot};

/// How long workers may take to end by themselves.
const GRACE: Duration = Duration::from_millis(1_000);

/// One worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) sender: Option<ControlSender>,
    kill: Option<oneshot::Sender<()>>,
}

/// Something about a worker.
#[derive(Debug)]
pub(super) enum WorkerNews {
    /// It sent a message.
    Said(UnitId, ToController),
    /// Its process ended.
    Exited(UnitId, ExitStatus),
}

/// Both ends of a channel: tasks get clones of the sender.
type Channel<T> = (mpsc::Sender<T>, mpsc::Receiver<T>);

/// All workers of a trial.
#[derive(Debug)]
pub(super) struct Workers {
    replicas: u32,
    workers: BTreeMap<UnitId, Worker>,
    alive: usize,
    messages: Channel<(UnitId, ToController)>,
    exits: Channel<(UnitId, ExitStatus)>,
}

impl Workers {
    pub(super) fn new(replicas: u32) -> Self {
        Self { replicas, workers: BTreeMap::new(), alive: 0, messages: mpsc::channel(256), exits: mpsc::channel(256) }
    }

    /// Takes over a started process.
    pub(super) fn add_process(&mut self, unit: UnitId, mut child: Child) {
        let (kill, killed) = oneshot::channel();
        let exits = self.exits.0.clone();
        tokio::spawn(async move {
            let status = tokio::select! {
                status = child.wait() => status,
                Ok(()) = killed => {
                    let _ = child.start_kill();
                    child.wait().await
                }
            };
            if let Ok(status) = status {
                let _ = exits.send((unit, status)).await;
            }
        });
        self.alive += 1;
        self.workers.insert(unit, Worker { sender: None, kill: Some(kill) });
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

    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut Worker> {
        self.workers.values_mut()
    }

    /// The next process that ends.
    pub(super) async fn next_exit(&mut self) -> (UnitId, ExitStatus) {
        match self.exits.1.recv().await {
            Some(exit) => {
                self.alive -= 1;
                exit
            }
            // This object holds a sender, so the channel cannot be closed.
            None => std::future::pending().await,
        }
    }

    /// The next thing that a worker says or does. What it said comes before its end.
    pub(super) async fn next_news(&mut self) -> WorkerNews {
        tokio::select! {
            biased;
            Some((unit, message)) = self.messages.1.recv() => WorkerNews::Said(unit, message),
            Some((unit, status)) = self.exits.1.recv() => {
                self.alive -= 1;
                WorkerNews::Exited(unit, status)
            }
        }
    }

    /// Hands on reports and deaths until stop is asked.
    pub(super) async fn watch_until_stopped(&mut self, teller: &Teller, input: &mut Input) {
        let stop = stop_asked(input);
        tokio::pin!(stop);
        loop {
            let news = tokio::select! {
                () = &mut stop => return,
                news = self.next_news() => news,
            };
            match news {
                WorkerNews::Said(_, ToController::Report { report }) => teller.report(report),
                WorkerNews::Said(..) => {}
                WorkerNews::Exited(unit, status) => {
                    let who = UnitRole::of(unit, self.replicas).label();
                    let reason = process::describe_exit(&who, status);
                    teller.event(ControllerEvent::UnitDied { unit, reason, at_ms: clock::wall_ms() });
                }
            }
        }
    }

    /// Tells all to end, and ends by force those that do not.
    pub(super) async fn end(&mut self, teller: &Teller) {
        for worker in self.workers.values_mut() {
            if let Some(sender) = worker.sender.as_mut() {
                // One that is gone needs no telling.
                let _ = sender.send(&ToWorker::Stop).await;
            }
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
