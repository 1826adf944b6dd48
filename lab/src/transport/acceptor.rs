//! The door of a unit: who calls and proves to be one of the others is handed to its link; strangers get nowhere.

use super::greeting::{self, Connection};
use super::{Common, Expected};
use model::ids::UnitId;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};

/// Callers that are greeted at a time; the rest wait in the port's queue.
const GREETINGS: usize = 64;
/// How long a caller may take to prove who it is.
const GREETING: Duration = Duration::from_secs(1);
/// How long to wait when the system has no more descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// For each unit: whom to expect, and who gets the connection.
pub(super) type Doors = BTreeMap<UnitId, (watch::Receiver<Expected>, mpsc::Sender<Connection>)>;

/// Accepts callers for as long as the unit runs.
pub(super) async fn accept(common: Common, listener: TcpListener, doors: Doors) {
    let (doors, greetings) = (Arc::new(doors), Arc::new(Semaphore::new(GREETINGS)));
    loop {
        let Ok(permit) = Arc::clone(&greetings).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let (common, doors) = (common.clone(), Arc::clone(&doors));
        tokio::spawn(async move {
            let greeted = tokio::time::timeout(GREETING, greet(&common, stream, &doors)).await;
            drop(permit);
            match greeted {
                Ok(Ok((unit, connection))) => {
                    if let Some((_, callers)) = doors.get(&unit) {
                        let _ = callers.send(connection).await;
                    }
                }
                _ => {
                    common.counters.frames_dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
}

async fn greet(common: &Common, mut stream: TcpStream, doors: &Doors) -> io::Result<(UnitId, Connection)> {
    let unit = greeting::read_claim(&mut stream).await?;
    let Some((expected, _)) = doors.get(&unit) else { return Err(io::Error::other("no such unit")) };
    let exchange = expected.borrow().exchange;
    Ok((unit, greeting::answer(stream, &common.secret, &exchange).await?))
}
