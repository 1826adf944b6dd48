//! The phases in which an experiment comes up: spawn, connect, configure, keys, run.

use super::telling::Teller;
use super::workers::{Worker, WorkerNews, Workers};
use super::{Input, stop_asked};
use crate::auth::control_keys;
use crate::control::{self, PeerAddress, ToController, ToWorker, WorkerSpec};
use crate::error::LabError;
use crate::{clock, process, transport};
use model::ids::UnitId;
use model::launch::LaunchSpec;
use model::report::ControllerEvent;
use model::trial::PhaseName;
use model::unit::UnitRole;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;

/// How long a phase may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How a launch ended.
pub(super) enum Launched {
    /// Everything runs.
    Running(Workers),
    /// Stop was asked before it did.
    StoppedEarly,
}

/// Brings an experiment up. On any failure everything that was started has ended.
pub(super) async fn launch(spec: &LaunchSpec, teller: &Teller, input: &mut Input) -> Result<Launched, LabError> {
    let mut launch = Launch::new(spec, teller)?;
    let result = tokio::select! {
        result = launch.phases() => result.map(|()| true),
        () = stop_asked(input) => Ok(false),
    };
    match result {
        Ok(true) => Ok(Launched::Running(launch.workers)),
        Ok(false) => {
            launch.workers.kill().await;
            Ok(Launched::StoppedEarly)
        }
        Err(error) => {
            launch.workers.kill().await;
            Err(error)
        }
    }
}

struct Launch<'a> {
    spec: &'a LaunchSpec,
    teller: &'a Teller,
    replicas: u32,
    units: u32,
    workers: Workers,
    /// Units that have not done yet what the present phase wants of them.
    awaited: BTreeSet<UnitId>,
}

impl<'a> Launch<'a> {
    fn new(spec: &'a LaunchSpec, teller: &'a Teller) -> Result<Self, LabError> {
        let f = spec.config.integer("general.f", 1).clamp(1, 1000) as u32;
        let table = protocol::language::compile(&spec.protocol_text, f).map_err(|diagnostics| {
            let first = diagnostics.first().map(ToString::to_string).unwrap_or_default();
            LabError::Specification { reason: format!("the protocol {} cannot run: {first}", spec.protocol_name) }
        })?;
        let (replicas, units) = (table.n, table.n + 1);
        Ok(Self { spec, teller, replicas, units, workers: Workers::new(replicas), awaited: BTreeSet::new() })
    }

    async fn phases(&mut self) -> Result<(), LabError> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(|source| LabError::Network { what: "finding a free port for the controller".into(), source })?;
        let secrets = self.in_phase(PhaseName::Spawn, async |launch| launch.spawn(&listener).await).await?;
        self.in_phase(PhaseName::Connect, async |launch| launch.connect(&listener, &secrets).await).await?;
        let peers = self.in_phase(PhaseName::Configure, async |launch| launch.configure().await).await?;
        self.in_phase(PhaseName::Keys, async |launch| launch.keys(&peers).await).await?;
        self.in_phase(PhaseName::Run, async |launch| launch.run().await).await
    }

    async fn in_phase<T>(
        &mut self,
        phase: PhaseName,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, LabError>,
    ) -> Result<T, LabError> {
        self.teller.event(ControllerEvent::PhaseStarted { phase, at_ms: clock::wall_ms() });
        self.awaited = (1..=self.units).map(UnitId).collect();
        let result = match tokio::time::timeout(PATIENCE, work(self)).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => return Err(LabError::Phase { phase: phase.label(), reason: error.to_string() }),
            Err(_) => {
                let reason = silence(&self.awaited, self.replicas);
                return Err(LabError::Phase { phase: phase.label(), reason });
            }
        };
        self.teller.event(ControllerEvent::PhaseEnded { phase, at_ms: clock::wall_ms() });
        Ok(result)
    }

    async fn spawn(&mut self, listener: &TcpListener) -> Result<BTreeMap<UnitId, [u8; 32]>, LabError> {
        let network = |source| LabError::Network { what: "finding a free port for the controller".into(), source };
        let controller = listener.local_addr().map_err(network)?.to_string();
        let binary = std::env::current_exe().map_err(network)?;
        let mut secrets = BTreeMap::new();
        for number in 1..=self.units {
            let unit = UnitId(number);
            let what = UnitRole::of(unit, self.replicas).label();
            let failed = |source| LabError::Spawn { what: what.clone(), binary: binary.clone(), source };
            let mut secret = [0; 32];
            getrandom::fill(&mut secret)
                .map_err(|error| LabError::Specification { reason: format!("no randomness for keys: {error}") })?;
            let mut child = Command::new(&binary)
                .arg("worker")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .map_err(failed)?;
            let worker = WorkerSpec { unit, controller: controller.clone(), secret };
            let mut line =
                serde_json::to_vec(&worker).map_err(|error| LabError::Encode { reason: error.to_string() })?;
            line.push(b'\n');
            if let Some(mut stdin) = child.stdin.take() {
                stdin.write_all(&line).await.map_err(failed)?;
            }
            if let Some(errors) = child.stderr.take() {
                self.teller.follow_log(unit, errors);
            }
            secrets.insert(unit, secret);
            self.workers.add_process(unit, child);
        }
        Ok(secrets)
    }

    async fn connect(&mut self, listener: &TcpListener, secrets: &BTreeMap<UnitId, [u8; 32]>) -> Result<(), LabError> {
        while !self.awaited.is_empty() {
            tokio::select! {
                accepted = listener.accept() => {
                    let Ok((mut stream, _)) = accepted else { continue };
                    // A stranger on the port is let go; only a worker knows its secret.
                    let claim = tokio::time::timeout(Duration::from_secs(1), transport::read_claim(&mut stream)).await;
                    let Ok(Ok(unit)) = claim else { continue };
                    let Some(secret) = secrets.get(&unit) else { continue };
                    let Ok((sender, mut receiver)) = control::channel(stream, control_keys(secret, true)) else { continue };
                    let hello = tokio::time::timeout(Duration::from_secs(1), receiver.next::<ToController>()).await;
                    if let Ok(Ok(ToController::Hello)) = hello {
                        self.workers.add_channel(unit, sender, receiver);
                        self.awaited.remove(&unit);
                        self.teller.event(ControllerEvent::UnitUp { unit, at_ms: clock::wall_ms() });
                    }
                }
                (unit, status) = self.workers.next_exit() => {
                    let who = UnitRole::of(unit, self.replicas).label();
                    return Err(LabError::Specification { reason: process::describe_exit(&who, status) });
                }
            }
        }
        Ok(())
    }

    async fn configure(&mut self) -> Result<Vec<PeerAddress>, LabError> {
        for worker in self.workers.all() {
            worker
                .send(&ToWorker::Configure {
                    config: self.spec.config.clone(),
                    protocol_text: self.spec.protocol_text.clone(),
                    backend_url: self.spec.backend_url.clone(),
                })
                .await?;
        }
        let mut peers = Vec::new();
        self.collect(|unit, message| match message {
            ToController::Configured { address, public_key } => {
                peers.push(PeerAddress { unit, address, public_key });
                true
            }
            _ => false,
        })
        .await?;
        peers.sort_by_key(|peer| peer.unit);
        Ok(peers)
    }

    async fn keys(&mut self, peers: &[PeerAddress]) -> Result<(), LabError> {
        for worker in self.workers.all() {
            worker.send(&ToWorker::Peers { peers: peers.to_vec() }).await?;
        }
        self.collect(|_, message| matches!(message, ToController::Connected)).await
    }

    async fn run(&mut self) -> Result<(), LabError> {
        for worker in self.workers.all() {
            worker.send(&ToWorker::Run).await?;
        }
        self.collect(|_, message| matches!(message, ToController::Running)).await
    }

    /// Waits until every worker has sent what `accept` takes.
    async fn collect(&mut self, mut accept: impl FnMut(UnitId, ToController) -> bool) -> Result<(), LabError> {
        while !self.awaited.is_empty() {
            match self.workers.next_news().await {
                WorkerNews::Said(unit, ToController::Failed { reason }) => {
                    let who = UnitRole::of(unit, self.replicas).label();
                    return Err(LabError::Specification { reason: format!("{who}: {reason}") });
                }
                WorkerNews::Said(_, ToController::Report { report }) => self.teller.report(report),
                WorkerNews::Said(unit, message) => {
                    if accept(unit, message) {
                        self.awaited.remove(&unit);
                    }
                }
                WorkerNews::Exited(unit, status) => {
                    let who = UnitRole::of(unit, self.replicas).label();
                    return Err(LabError::Specification { reason: process::describe_exit(&who, status) });
                }
            }
        }
        Ok(())
    }
}

/// Who did not answer in time, in a sentence.
fn silence(awaited: &BTreeSet<UnitId>, replicas: u32) -> String {
    let names: Vec<String> = awaited.iter().map(|unit| UnitRole::of(*unit, replicas).label()).collect();
    let who = if names.is_empty() { "the launch".to_owned() } else { names.join(", ") };
    format!(
        "{who} did not get ready within {} s; the machine may be overloaded: try again, or with a smaller general.f",
        PATIENCE.as_secs()
    )
}

impl Worker {
    async fn send(&mut self, message: &ToWorker) -> Result<(), LabError> {
        match self.sender.as_mut() {
            Some(sender) => sender.send(message).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_do_not_arrive_are_named() {
        let text = silence(&BTreeSet::from([UnitId(3), UnitId(5)]), 4);
        assert!(text.starts_with("Replica 2, Client did not get ready within 15 s"), "{text}");
    }
}
