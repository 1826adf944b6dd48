//! The controller while the experiment runs: it hands on what workers say, tells of deaths, and crashes and restarts
//! replicas as the configuration says.

use super::crashes::{Crashes, Deed};
use super::input::{Command, Input};
use super::launch::{Cluster, PATIENCE};
use super::telling::Teller;
use super::workers::{WorkerNews, Workers};
use crate::backend::BackendClient;
use crate::clock;
use crate::control::{PeerAddress, ToController, ToWorker};
use crate::keys::{LIVES, PublicKeys};
use model::config::ConfigTree;
use model::ids::UnitId;
use model::launch::LaunchSpec;
use model::patch::Patch;
use model::report::ControllerEvent;
use model::unit::UnitRole;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Runs until stop is asked.
pub(super) async fn until_stopped(
    cluster: Cluster,
    spec: &LaunchSpec,
    backend: Option<BackendClient>,
    teller: &Teller,
    input: &mut Input,
) -> Workers {
    // Kept open without a backend, so that it is silent rather than closed.
    let (_silent, no_changes) = mpsc::channel(1);
    let mut changes = backend.map_or(no_changes, |backend| backend.start_watching(UnitId(0), 0));
    let members: BTreeSet<UnitId> = cluster.directory.keys().copied().collect();
    let mut watch = Watch {
        cluster,
        spec,
        teller,
        config: spec.config.clone(),
        version: 0,
        crashes: Crashes::default(),
        configured: members.clone(),
        members,
        joining: BTreeMap::new(),
        complaints: BTreeMap::new(),
    };
    watch.crash_and_restart().await;
    loop {
        let late = watch.joining.values().min().copied();
        tokio::select! {
            command = input.next() => match command {
                Command::Stop => return watch.cluster.workers,
                Command::Patch(patch) => {
                    watch.tell_all(&watch.configured.clone(), &ToWorker::Patch { patch: patch.clone() }).await;
                    watch.apply(&patch).await;
                }
            },
            Some((patch, done)) = changes.recv() => {
                watch.apply(&patch).await;
                let _ = done.send(());
            }
            news = watch.cluster.workers.next_news() => watch.take(news).await,
            (unit, sender, receiver) = watch.cluster.door.next() => {
                watch.cluster.workers.add_channel(unit, sender, receiver);
                watch.configure(unit).await;
            }
            () = tokio::time::sleep_until(late.unwrap_or_else(Instant::now)), if late.is_some() => watch.give_up_late(),
        }
    }
}

struct Watch<'a> {
    cluster: Cluster,
    spec: &'a LaunchSpec,
    teller: &'a Teller,
    /// The configuration in force.
    config: ConfigTree,
    version: u64,
    crashes: Crashes,
    /// Units that have a configuration, and hear of changes from now on.
    configured: BTreeSet<UnitId>,
    /// Units that know where the others are, and hear of replacements from now on.
    members: BTreeSet<UnitId>,
    /// Units that are started again, and until when they have to be ready.
    joining: BTreeMap<UnitId, Instant>,
    /// What units said before they gave up.
    complaints: BTreeMap<UnitId, String>,
}

impl Watch<'_> {
    async fn apply(&mut self, patch: &Patch) {
        patch.apply_to(&mut self.config);
        self.version = self.version.max(patch.version);
        self.crash_and_restart().await;
    }

    async fn crash_and_restart(&mut self) {
        let Cluster { workers, replicas, .. } = &self.cluster;
        for (unit, deed) in self.crashes.update(&self.config, *replicas, |unit| workers.lives(unit)) {
            match deed {
                Deed::Kill => self.cluster.workers.kill_one(unit),
                Deed::Start => self.start(unit).await,
            }
        }
    }

    async fn start(&mut self, unit: UnitId) {
        match self.cluster.spawner.spawn(unit, &self.cluster.door).await {
            Ok(process) => {
                self.cluster.workers.add_process(unit, process);
                self.joining.insert(unit, Instant::now() + PATIENCE);
            }
            Err(error) => self.died(unit, error.to_string()),
        }
    }

    async fn take(&mut self, news: WorkerNews) {
        match news {
            WorkerNews::Said(_, ToController::Report { report }) => self.teller.report(report),
            WorkerNews::Said(unit, ToController::Failed { reason }) => {
                self.complaints.insert(unit, reason);
            }
            WorkerNews::Said(unit, message) if self.joining.contains_key(&unit) => match message {
                ToController::Configured { address, keys } => self.introduce(unit, address, *keys).await,
                ToController::Connected => self.tell(unit, &ToWorker::Run).await,
                ToController::Running => {
                    self.joining.remove(&unit);
                    self.teller.event(ControllerEvent::UnitUp { unit, at_ms: clock::wall_ms() });
                }
                _ => {}
            },
            WorkerNews::Said(..) => {}
            WorkerNews::Exited(unit, ending) => {
                self.configured.remove(&unit);
                self.members.remove(&unit);
                self.joining.remove(&unit);
                let who = UnitRole::of(unit, self.cluster.replicas).label();
                let complaint = self.complaints.remove(&unit);
                let (by_fault, returns) = self.crashes.ended(unit);
                let reason = match complaint {
                    _ if by_fault => format!("{who} was crashed by fault.crash"),
                    Some(complaint) => format!("{who}: {complaint}"),
                    None => format!("{who} {ending}"),
                };
                self.died(unit, reason);
                if returns {
                    self.start(unit).await;
                }
            }
        }
    }

    /// Gives a restarted unit the configuration in force.
    async fn configure(&mut self, unit: UnitId) {
        self.configured.insert(unit);
        let configure = ToWorker::Configure {
            config: self.config.clone(),
            protocol_text: self.spec.protocol_text.clone(),
            backend_url: self.spec.units_url().to_owned(),
            version: self.version,
            rejoining: true,
        };
        self.tell(unit, &configure).await;
    }

    /// Makes a restarted unit and the others known to each other.
    async fn introduce(&mut self, unit: UnitId, address: String, keys: PublicKeys) {
        if !keys.are_sound() {
            return;
        }
        let mut lives = vec![keys];
        lives.extend(self.cluster.directory.remove(&unit).into_iter().flat_map(|former| former.lives));
        lives.truncate(LIVES);
        let peer = PeerAddress { unit, address, lives };
        self.cluster.directory.insert(unit, peer.clone());
        self.tell_all(&self.members.clone(), &ToWorker::Replace { peer }).await;
        let peers = self.cluster.directory.values().cloned().collect();
        self.tell(unit, &ToWorker::Peers { peers }).await;
        self.members.insert(unit);
    }

    fn give_up_late(&mut self) {
        let now = Instant::now();
        for (unit, _) in self.joining.extract_if(.., |_, until| *until <= now) {
            let reason = format!("it did not get ready within {} s after its restart", PATIENCE.as_secs());
            self.complaints.insert(unit, reason);
            self.cluster.workers.kill_one(unit);
        }
    }

    async fn tell(&mut self, unit: UnitId, message: &ToWorker) {
        if let Some(worker) = self.cluster.workers.get(unit) {
            // Of one that is gone its exit tells.
            let _ = worker.send(message).await;
        }
    }

    async fn tell_all(&mut self, units: &BTreeSet<UnitId>, message: &ToWorker) {
        for unit in units {
            self.tell(*unit, message).await;
        }
    }

    fn died(&self, unit: UnitId, reason: String) {
        self.teller.event(ControllerEvent::UnitDied { unit, reason, at_ms: clock::wall_ms() });
    }
}
