//! Where workers call the controller: at the launch, and again when they are restarted.

use crate::auth::control_keys;
use crate::control::{self, ControlReceiver, ControlSender, ToController};
use crate::error::LabError;
use crate::transport;
use model::ids::UnitId;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::task::AbortOnDropHandle;

/// Callers that are heard at a time; the rest wait in the port's queue.
const HEARINGS: usize = 64;
/// How long a caller may take to show that it is a worker.
const HEARING: Duration = Duration::from_secs(1);
/// How long to wait when the system has no more descriptors.
const BREATH: Duration = Duration::from_millis(50);

type Secrets = Arc<Mutex<BTreeMap<UnitId, [u8; 32]>>>;

/// A worker that has called, with its channel.
pub(super) type Arrival = (UnitId, ControlSender, ControlReceiver);

/// The open door.
#[derive(Debug)]
pub(super) struct Door {
    address: String,
    secrets: Secrets,
    arrivals: mpsc::Receiver<Arrival>,
    _task: AbortOnDropHandle<()>,
}

impl Door {
    /// Opens a door on a port that the system picks, at an address or else at this machine's own.
    pub(super) async fn open(listen: Option<IpAddr>) -> Result<Self, LabError> {
        let network = |source| LabError::Network { what: "finding a free port for the controller".into(), source };
        let listener =
            TcpListener::bind((listen.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), 0)).await.map_err(network)?;
        let address = listener.local_addr().map_err(network)?.to_string();
        let secrets = Secrets::default();
        let (queue, arrivals) = mpsc::channel(64);
        let task = AbortOnDropHandle::new(tokio::spawn(accept(listener, Arc::clone(&secrets), queue)));
        Ok(Self { address, secrets, arrivals, _task: task })
    }

    /// `host:port`.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Lets a unit in, once, that has this secret.
    pub(super) fn expect(&self, unit: UnitId, secret: [u8; 32]) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).insert(unit, secret);
    }

    /// The next worker that calls. Safe to cancel.
    pub(super) async fn next(&mut self) -> Arrival {
        match self.arrivals.recv().await {
            Some(arrival) => arrival,
            // The task lives as long as this object.
            None => std::future::pending().await,
        }
    }
}

async fn accept(listener: TcpListener, secrets: Secrets, queue: mpsc::Sender<Arrival>) {
    let hearings = Arc::new(Semaphore::new(HEARINGS));
    loop {
        let Ok(permit) = Arc::clone(&hearings).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let (secrets, queue) = (Arc::clone(&secrets), queue.clone());
        tokio::spawn(async move {
            // A stranger on the port is let go; only a worker knows its secret.
            let heard = tokio::time::timeout(HEARING, hear(stream, &secrets)).await;
            drop(permit);
            if let Ok(Some(arrival)) = heard {
                let _ = queue.send(arrival).await;
            }
        });
    }
}

async fn hear(mut stream: TcpStream, secrets: &Secrets) -> Option<Arrival> {
    let unit = transport::read_claim(&mut stream).await.ok()?;
    let locked = || secrets.lock().unwrap_or_else(PoisonError::into_inner);
    let secret = locked().get(&unit).copied()?;
    let (sender, mut receiver) = control::channel(stream, control_keys(&secret, true)).ok()?;
    let Ok(ToController::Hello) = receiver.next().await else { return None };
    let mut secrets = locked();
    if secrets.get(&unit) == Some(&secret) {
        secrets.remove(&unit);
    }
    Some((unit, sender, receiver))
}
