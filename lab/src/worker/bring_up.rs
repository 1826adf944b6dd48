//! The phases of a launch, as a worker lives through them.

use super::running::{News, Running};
use super::{client, replica};
use crate::auth::KeyPair;
use crate::backend::{BackendClient, ReportSink};
use crate::control::{ControlReceiver, ControlSender, PeerAddress, ToController, ToWorker};
use crate::error::LabError;
use crate::transport::{self, Peer, TransportCounters};
use model::config::ConfigTree;
use model::ids::UnitId;
use model::report::Report;
use model::unit::UnitRole;
use protocol::table::Table;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How long the last report may take when the trial ends.
const LAST_REPORT: Duration = Duration::from_millis(300);
const GREETING: Duration = Duration::from_secs(5);

struct Configured {
    config: ConfigTree,
    table: Arc<Table>,
    backend_url: String,
}

/// Goes through the phases and then runs the unit.
pub(super) async fn run(
    unit: UnitId,
    mut sender: ControlSender,
    mut receiver: ControlReceiver,
) -> Result<(), LabError> {
    let result = bring_up(unit, &mut sender, &mut receiver).await;
    let (running, delivery) = match result {
        Ok(ready) => ready,
        Err(error) => {
            sender.send(&ToController::Failed { reason: error.to_string() }).await?;
            return Err(error);
        }
    };
    sender.send(&ToController::Running).await?;
    let delivery = delivery.start(sender);

    let (stop, stop_receiver) = watch::channel(false);
    let running = Running { news: News { stop: stop_receiver, ..running.news }, ..running };
    // A controller that is gone ends this process at once, whatever the unit is busy with.
    tokio::spawn(async move {
        loop {
            match receiver.next::<ToWorker>().await {
                Ok(ToWorker::Stop) => {
                    let _ = stop.send(true);
                }
                Ok(_) => {}
                Err(_) => std::process::exit(if *stop.borrow() { 0 } else { 3 }),
            }
        }
    });
    let role = UnitRole::of(running.unit, running.table.n);
    let Table { name, n, f, .. } = running.table.as_ref();
    tracing::info!("{} runs {name} with {n} replicas, f = {f}", role.label());
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
    unit: UnitId,
    sender: &mut ControlSender,
    receiver: &mut ControlReceiver,
) -> Result<(Running, Delivery), LabError> {
    let configured = configure(receiver).await?;
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|source| LabError::Network { what: format!("finding a free port for unit {unit}"), source })?;
    let address = listener
        .local_addr()
        .map_err(|source| LabError::Network { what: format!("finding a free port for unit {unit}"), source })?;
    let keys = KeyPair::generate()
        .map_err(|error| LabError::Specification { reason: format!("no randomness for keys: {error}") })?;
    sender.send(&ToController::Configured { address: address.to_string(), public_key: keys.public }).await?;

    let peers = match receiver.next().await? {
        ToWorker::Peers { peers } => peers,
        other => return Err(unexpected("the list of units", &other)),
    };
    let counters = Arc::new(TransportCounters::default());
    let (inbox_sender, inbox) = transport::inbox();
    let peers = connect_all(unit, &listener, &keys, &peers, inbox_sender, &counters).await?;
    sender.send(&ToController::Connected).await?;
    match receiver.next().await? {
        ToWorker::Run => {}
        other => return Err(unexpected("the start", &other)),
    }

    // Whoever connects from now on is nobody we know: read the port's queue empty, so that it holds up nothing.
    let refused = Arc::clone(&counters);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            refused.frames_dropped.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    });

    let (reports, delivery, changes) = if configured.backend_url.is_empty() {
        let (queue, receiver) = mpsc::channel(256);
        (ReportSink::Controller(queue), Delivery::Controller(receiver), mpsc::channel(1).1)
    } else {
        let backend = BackendClient::new(&configured.backend_url)?;
        let (sink, task) = backend.start_reporting();
        (sink, Delivery::Backend(task), backend.start_watching(unit))
    };
    let (_, stop) = watch::channel(false);
    let Configured { config, table, .. } = configured;
    let news = News { inbox, changes, stop };
    Ok((Running { unit, table, config, peers, counters, reports, news }, delivery))
}

async fn configure(receiver: &mut ControlReceiver) -> Result<Configured, LabError> {
    let (config, protocol_text, backend_url) = match receiver.next().await? {
        ToWorker::Configure { config, protocol_text, backend_url } => (config, protocol_text, backend_url),
        other => return Err(unexpected("the configuration", &other)),
    };
    let f = config.integer("general.f", 1).clamp(1, 1000) as u32;
    let table = protocol::language::compile(&protocol_text, f).map_err(|diagnostics| LabError::Specification {
        reason: diagnostics.first().map_or_else(|| "the protocol does not compile".to_owned(), ToString::to_string),
    })?;
    Ok(Configured { config, table: Arc::new(table), backend_url })
}

/// One connection a pair: this unit calls those with lower numbers and is called by those with higher ones.
async fn connect_all(
    unit: UnitId,
    listener: &TcpListener,
    keys: &KeyPair,
    addresses: &[PeerAddress],
    inbox: mpsc::Sender<transport::Batch>,
    counters: &Arc<TransportCounters>,
) -> Result<BTreeMap<UnitId, Peer>, LabError> {
    let mut peers = BTreeMap::new();
    for peer in addresses.iter().filter(|peer| peer.unit < unit) {
        let stream = transport::connect(&peer.address, unit, peer.unit).await?;
        let keys = keys.channel(&peer.public_key);
        let greeting = transport::attach(stream, peer.unit, keys, inbox.clone(), Arc::clone(counters));
        let attached = tokio::time::timeout(GREETING, greeting).await.map_err(|_| silent(peer.unit))??;
        peers.insert(peer.unit, attached);
    }
    let mut missing: Vec<&PeerAddress> = addresses.iter().filter(|peer| peer.unit > unit).collect();
    while !missing.is_empty() {
        let accepted = tokio::time::timeout(GREETING, listener.accept()).await.map_err(|_| silent(missing[0].unit))?;
        let Ok((mut stream, _)) = accepted else { continue };
        // A stranger on our port gets nowhere and holds up nobody for long.
        let claim = tokio::time::timeout(Duration::from_secs(1), transport::read_claim(&mut stream)).await;
        let known = match claim {
            Ok(Ok(claim)) => missing.iter().position(|peer| peer.unit == claim),
            _ => None,
        };
        let Some(position) = known else {
            counters.frames_dropped.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            continue;
        };
        let peer = missing[position];
        let keys = keys.channel(&peer.public_key);
        let greeting = transport::attach(stream, peer.unit, keys, inbox.clone(), Arc::clone(counters));
        match tokio::time::timeout(Duration::from_secs(1), greeting).await {
            Ok(Ok(attached)) => {
                peers.insert(peer.unit, attached);
                missing.remove(position);
            }
            _ => {
                counters.frames_dropped.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }
    Ok(peers)
}

fn silent(peer: UnitId) -> LabError {
    LabError::Network {
        what: format!("connecting to unit {peer}"),
        source: std::io::Error::new(std::io::ErrorKind::TimedOut, "it did not answer in time"),
    }
}

fn unexpected(expected: &str, found: &ToWorker) -> LabError {
    let found = match found {
        ToWorker::Stop => "stop",
        _ => "another message",
    };
    LabError::Specification { reason: format!("the controller sent {found} instead of {expected}") }
}
