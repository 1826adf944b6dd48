//! The phases in which an experiment comes up: spawn, connect, configure, keys, run.

use super::door::Door;
use super::input::Input;
use super::remote::Remote;
use super::spawner::Spawner;
use super::telling::Teller;
use super::workers::{WorkerNews, Workers};
use crate::clock;
use crate::control::{PeerAddress, ToController, ToWorker};
use crate::error::LabError;
use model::ids::UnitId;
use model::launch::LaunchSpec;
use model::report::ControllerEvent;
use model::trial::PhaseName;
use model::unit::UnitRole;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a phase may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);
/// Most client units.
const MAX_CLIENT_UNITS: i64 = 16;

/// How a launch ended.
pub(super) enum Launched {
    /// Everything runs.
    Running(Box<Cluster>),
    /// Stop was asked before it did.
    StoppedEarly,
}

/// An experiment that runs.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) replicas: u32,
    pub(super) workers: Workers,
    pub(super) door: Door,
    pub(super) spawner: Spawner,
    /// Where each unit can be reached, and its keys.
    pub(super) directory: BTreeMap<UnitId, PeerAddress>,
}

/// Brings an experiment up. On any failure everything that was started has ended.
pub(super) async fn launch(
    spec: &LaunchSpec,
    teller: &Teller,
    input: &mut Input,
    remote: Remote,
) -> Result<Launched, LabError> {
    let mut launch = Launch::new(spec, teller, remote).await?;
    let result = tokio::select! {
        result = launch.phases() => result.map(Some),
        () = input.stop_asked() => Ok(None),
    };
    match result {
        Ok(Some(directory)) => {
            let Launch { replicas, workers, door, spawner, .. } = launch;
            Ok(Launched::Running(Box::new(Cluster { replicas, workers, door, spawner, directory })))
        }
        Ok(None) => {
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
    door: Door,
    spawner: Spawner,
    /// Units that have not done yet what the present phase wants of them.
    awaited: BTreeSet<UnitId>,
}

impl<'a> Launch<'a> {
    async fn new(spec: &'a LaunchSpec, teller: &'a Teller, remote: Remote) -> Result<Self, LabError> {
        let f = spec.config.tolerated_faults();
        let table = protocol::language::compile(&spec.protocol_text, f).map_err(|diagnostics| {
            let first = diagnostics.first().map(ToString::to_string).unwrap_or_default();
            LabError::Specification { reason: format!("the protocol {} cannot run: {first}", spec.protocol_name) }
        })?;
        let replicas = table.n;
        let clients = spec.config.integer("benchmark.clients", 1).clamp(1, MAX_CLIENT_UNITS) as u32;
        Ok(Self {
            spec,
            teller,
            replicas,
            units: replicas + clients,
            workers: Workers::new(),
            door: Door::open(spec.listen).await?,
            spawner: Spawner::new(replicas, teller, spec.listen.map(|_| remote))?,
            awaited: BTreeSet::new(),
        })
    }

    async fn phases(&mut self) -> Result<BTreeMap<UnitId, PeerAddress>, LabError> {
        self.in_phase(PhaseName::Spawn, async |launch| launch.spawn().await).await?;
        self.in_phase(PhaseName::Connect, async |launch| launch.connect().await).await?;
        let directory = self.in_phase(PhaseName::Configure, async |launch| launch.configure().await).await?;
        self.in_phase(PhaseName::Keys, async |launch| launch.keys(&directory).await).await?;
        self.in_phase(PhaseName::Run, async |launch| launch.run().await).await?;
        Ok(directory)
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

    async fn spawn(&mut self) -> Result<(), LabError> {
        for number in 1..=self.units {
            let unit = UnitId(number);
            let process = self.spawner.spawn(unit, &self.door).await?;
            self.workers.add_process(unit, process);
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<(), LabError> {
        while !self.awaited.is_empty() {
            tokio::select! {
                (unit, sender, receiver) = self.door.next() => {
                    self.workers.add_channel(unit, sender, receiver);
                    self.awaited.remove(&unit);
                    self.teller.event(ControllerEvent::UnitUp { unit, at_ms: clock::wall_ms() });
                }
                (unit, ending) = self.workers.next_exit() => {
                    let who = UnitRole::of(unit, self.replicas).label();
                    return Err(LabError::Specification { reason: format!("{who} {ending}") });
                }
            }
        }
        Ok(())
    }

    async fn configure(&mut self) -> Result<BTreeMap<UnitId, PeerAddress>, LabError> {
        for (_, worker) in self.workers.all() {
            worker
                .send(&ToWorker::Configure {
                    config: self.spec.config.clone(),
                    protocol_text: self.spec.protocol_text.clone(),
                    // On other hosts each unit has been told already, and not in the open.
                    backend_url: self.spec.units_url().to_owned(),
                    version: 0,
                    rejoining: false,
                })
                .await?;
        }
        let mut directory = BTreeMap::new();
        self.collect(|unit, message| match message {
            ToController::Configured { address, keys } if keys.are_sound() => {
                directory.insert(unit, PeerAddress { unit, address, lives: vec![*keys] });
                true
            }
            _ => false,
        })
        .await?;
        Ok(directory)
    }

    async fn keys(&mut self, directory: &BTreeMap<UnitId, PeerAddress>) -> Result<(), LabError> {
        let peers: Vec<PeerAddress> = directory.values().cloned().collect();
        for (_, worker) in self.workers.all() {
            worker.send(&ToWorker::Peers { peers: peers.clone() }).await?;
        }
        self.collect(|_, message| matches!(message, ToController::Connected)).await
    }

    async fn run(&mut self) -> Result<(), LabError> {
        for (_, worker) in self.workers.all() {
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
                WorkerNews::Exited(unit, ending) => {
                    let who = UnitRole::of(unit, self.replicas).label();
                    return Err(LabError::Specification { reason: format!("{who} {ending}") });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_do_not_arrive_are_named() {
        let text = silence(&BTreeSet::from([UnitId(3), UnitId(5)]), 4);
        assert!(text.starts_with("Replica 2, Client did not get ready within 15 s"), "{text}");
    }
}
