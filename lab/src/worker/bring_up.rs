//! The phases of a launch, as a worker lives through them.

use super::judge::Verifier;
use super::orders::{self, Orders};
use super::running::{News, Running};
use super::{client, replica};
use crate::backend::{BackendClient, ReportSink};
use crate::control::{ControlReceiver, ControlSender, PeerAddress, ToController, ToWorker};
use crate::error::LabError;
use crate::keys::{SecretKeys, UnitKeys};
use crate::transport::{self, Common, Expected, Links, TransportCounters};
use model::config::ConfigTree;
use model::ids::{ReplicaId, UnitId};
use model::report::Report;
use model::unit::UnitRole;
use protocol::engine::{Mode, Settings};
use protocol::table::Table;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How long the last report may take when the trial ends.
const LAST_REPORT: Duration = Duration::from_millis(300);
/// How long the others may take to be there; the controller waits a little longer.
const MEETING: Duration = Duration::from_secs(12);
/// How long a unit that rejoins waits for those that may be away.
const REUNION: Duration = Duration::from_secs(1);

/// What the controller says first.
struct Configured {
    config: ConfigTree,
    table: Arc<Table>,
    backend_url: String,
    version: u64,
    rejoining: bool,
}

/// A unit that is ready, with what its controller may still order.
struct Ready {
    running: Running,
    delivery: Delivery,
    orders: Orders,
}

/// Where a unit is.
pub(super) struct Place {
    /// Which unit.
    pub(super) unit: UnitId,
    /// The address that it listens at; without one, this machine's own.
    pub(super) listen: Option<IpAddr>,
    /// Where it reports, where the controller does not say so.
    pub(super) backend_url: Option<String>,
}

/// Goes through the phases and then runs the unit.
pub(super) async fn run(
    place: Place,
    mut sender: ControlSender,
    mut receiver: ControlReceiver,
) -> Result<(), LabError> {
    let mut kept = Vec::new();
    let ready = match bring_up(place, &mut sender, &mut receiver, &mut kept).await {
        Ok(ready) => ready,
        Err(error) => {
            sender.send(&ToController::Failed { reason: error.to_string() }).await?;
            return Err(error);
        }
    };
    sender.send(&ToController::Running).await?;
    let Ready { running, delivery, orders } = ready;
    let delivery = delivery.start(sender);
    tokio::spawn(orders.follow(kept, receiver));
    let role = UnitRole::of(running.unit, running.table.n);
    let Table { name, n, f, .. } = running.table.as_ref();
    let again = if running.rejoining { ", again" } else { "" };
    tracing::info!("{} runs {name} with {n} replicas, f = {f}{again}", role.label());
    match role {
        UnitRole::Replica(_) => replica::run(running).await,
        _ => client::run(running).await,
    }
    let _ = tokio::time::timeout(LAST_REPORT, delivery).await;
    // Tasks that still wait for peers must not keep the process.
    std::process::exit(0);
}

/// Where reports go: to the backend by a task that runs already, or to the controller by one that needs its channel.
enum Delivery {
    Backend(JoinHandle<()>),
    Controller(mpsc::Receiver<Report>),
}

impl Delivery {
    fn start(self, mut sender: ControlSender) -> JoinHandle<()> {
        match self {
            Self::Backend(task) => tokio::spawn(async move {
                let _ = task.await;
                // The channel stays open as long as the unit runs: its end is how the controller sees a death early.
                drop(sender);
            }),
            Self::Controller(mut reports) => tokio::spawn(async move {
                while let Some(report) = reports.recv().await {
                    if sender.send(&ToController::Report { report: Box::new(report) }).await.is_err() {
                        return;
                    }
                }
            }),
        }
    }
}

async fn bring_up(
    place: Place,
    sender: &mut ControlSender,
    receiver: &mut ControlReceiver,
    kept: &mut Vec<ToWorker>,
) -> Result<Ready, LabError> {
    let Place { unit, listen, backend_url } = place;
    let mut configured = configure(receiver).await?;
    if let Some(url) = backend_url {
        configured.backend_url = url;
    }
    let network = |source| LabError::Network { what: format!("finding a free port for unit {unit}"), source };
    let listener = TcpListener::bind((listen.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), 0)).await.map_err(network)?;
    let address = listener.local_addr().map_err(network)?.to_string();
    let secret = Arc::new(SecretKeys::generate()?);
    sender.send(&ToController::Configured { address, keys: Box::new(secret.public()) }).await?;

    let peers = match orders::next_step(receiver, kept).await? {
        ToWorker::Peers { peers } => peers,
        other => return Err(unexpected("the list of units", &other)),
    };
    let Configured { config, table, backend_url, version, rejoining } = configured;
    let keys = Arc::new(UnitKeys::new(unit, table.n, Arc::clone(&secret)));
    peers.iter().filter(|peer| peer.unit != unit).for_each(|peer| keys.learn(peer.unit, &peer.lives));
    // Which replica it is plays no part in what is authentic.
    let settings = Settings::from_config(&config, ReplicaId(0));
    let tagged = settings.mode != Mode::None;
    let counters = Arc::new(TransportCounters::default());
    let (inbox_sender, inbox) = transport::inbox();
    let judge = Arc::new(Verifier::new(Arc::clone(&table), settings, Arc::clone(&keys)));
    let (counters_of_all, stall) = (Arc::clone(&counters), transport::STALL);
    let common = Common { me: unit, secret, tagged, inbox: inbox_sender, judge, counters: counters_of_all, stall };
    let clients = peers.iter().filter(|peer| peer.unit.0 > table.n).count() as u32;
    let silent = |peer| silent(unit, peer, table.n, &peers);
    let (mut links, connected) = Links::start(&common, listener, expectations(unit, table.n, rejoining, &peers));
    let patience = if rejoining { REUNION } else { MEETING };
    if tokio::time::timeout(patience, links.all_met()).await.is_err() && !rejoining {
        return Err(silent(links.missing()));
    }
    let peers = connected;
    sender.send(&ToController::Connected).await?;
    match orders::next_step(receiver, kept).await? {
        ToWorker::Run => {}
        other => return Err(unexpected("the start", &other)),
    }

    let (patches, patched) = mpsc::channel(16);
    let (reports, delivery, changes) = if backend_url.is_empty() {
        let (queue, receiver) = mpsc::channel(256);
        (ReportSink::Controller(queue), Delivery::Controller(receiver), patched)
    } else {
        let backend = BackendClient::new(&backend_url)?;
        let (sink, task) = backend.start_reporting();
        (sink, Delivery::Backend(task), backend.start_watching(unit, version))
    };
    let (stop_sender, stop) = watch::channel(false);
    let orders = Orders { stop: stop_sender, patches, links, keys: Arc::clone(&keys) };
    let news = News { inbox, changes, stop };
    let running =
        Running { unit, table, config, version, rejoining, clients, keys, tagged, peers, counters, reports, news };
    Ok(Ready { running, delivery, orders })
}

async fn configure(receiver: &mut ControlReceiver) -> Result<Configured, LabError> {
    let (config, protocol_text, backend_url, version, rejoining) = match receiver.next().await? {
        ToWorker::Configure { config, protocol_text, backend_url, version, rejoining } => {
            (config, protocol_text, backend_url, version, rejoining)
        }
        other => return Err(unexpected("the configuration", &other)),
    };
    let f = config.tolerated_faults();
    let table = protocol::language::compile(&protocol_text, f).map_err(|diagnostics| LabError::Specification {
        reason: diagnostics.first().map_or_else(|| "the protocol does not compile".to_owned(), ToString::to_string),
    })?;
    Ok(Configured { config, table: Arc::new(table), backend_url, version, rejoining })
}

/// Whom this unit has a connection with: one for each pair of which one is a replica. It calls those with lower numbers and
/// is called by those with higher ones; if it is there again, it calls all.
fn expectations(me: UnitId, replicas: u32, rejoining: bool, peers: &[PeerAddress]) -> BTreeMap<UnitId, Expected> {
    peers
        .iter()
        .filter(|peer| peer.unit != me && (peer.unit.0 <= replicas || me.0 <= replicas))
        .filter_map(|peer| {
            let exchange = peer.lives.first()?.exchange;
            let calls = rejoining || peer.unit < me;
            Some((peer.unit, Expected { address: peer.address.clone(), exchange, calls }))
        })
        .collect()
}

/// Whom a unit did not reach, with the hosts of the two. The controller says before it which unit that is.
fn silent(me: UnitId, missing: Option<UnitId>, replicas: u32, peers: &[PeerAddress]) -> LabError {
    let host = |unit: UnitId| {
        let address = peers.iter().find(|peer| peer.unit == unit)?.address.parse::<SocketAddr>().ok()?;
        Some(address.ip())
    };
    let missing = missing.unwrap_or_default();
    let whom = UnitRole::of(missing, replicas).label();
    let (what, mend) = match (host(me), host(missing)) {
        (Some(mine), Some(theirs)) if mine != theirs => (
            format!("from {mine} it does not reach {whom} at {theirs}"),
            "; check the route and the firewall between the two hosts",
        ),
        _ => (format!("it does not reach {whom}"), ""),
    };
    let reason = format!("no answer in time{mend}");
    LabError::Network { what, source: std::io::Error::new(std::io::ErrorKind::TimedOut, reason) }
}

fn unexpected(expected: &str, found: &ToWorker) -> LabError {
    let found = match found {
        ToWorker::Stop => "stop",
        _ => "another message",
    };
    LabError::Specification { reason: format!("the controller sent {found} instead of {expected}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(unit: u32, address: &str) -> PeerAddress {
        PeerAddress { unit: UnitId(unit), address: address.to_owned(), lives: vec![] }
    }

    #[test]
    fn a_unit_that_does_not_reach_another_names_that_by_its_role_and_both_hosts() {
        let peers = [at(2, "10.85.0.11:4001"), at(3, "10.85.0.12:4002"), at(5, "10.85.0.12:4003")];
        let said = |me, missing| silent(UnitId(me), Some(UnitId(missing)), 4, &peers).to_string();
        assert_eq!(
            said(3, 2),
            "from 10.85.0.12 it does not reach Replica 1 at 10.85.0.11: no answer in time; check the route and the firewall \
             between the two hosts"
        );
        assert_eq!(said(5, 3), "it does not reach Replica 2: no answer in time");
        assert_eq!(said(2, 1), "it does not reach Replica 0: no answer in time");
    }
}
