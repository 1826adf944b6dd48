//! Connections between units: one for each pair of which one is a replica.
//!
//! A [`Peer`] is the sending end towards another unit for the whole trial; the connection behind it comes and goes. It is
//! opened, and opened again, by the unit with the higher number, but a unit that was restarted calls everybody. A reader
//! task decodes and judges; a link's task tags and writes. Queues are bounded: a reader that runs ahead of its owner stops
//! reading, which slows its peer down; a link that falls behind, stalls or is cut loses frames, which are counted, so that
//! one stopped replica never holds up the others.

mod acceptor;
mod greeting;
mod link;
mod reader;

pub use greeting::{connect, read_claim};

use crate::auth::Covered;
use crate::keys::SecretKeys;
use bytes::Bytes;
use link::Link;
use model::ids::UnitId;
use protocol::engine::{Message, Payload, codec};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// Batches waiting for the owner.
const INBOX_BATCHES: usize = 256;
/// How long a peer may take nothing: longer than a busy machine holds one up, and so short that what waits for a host that
/// is gone stays some hundred megabytes at full rate.
pub const STALL: Duration = Duration::from_secs(6);
/// Bytes that may wait for one peer before frames are lost.
const MAX_QUEUED_BYTES: usize = 1 << 30;

/// Messages of one peer, in order.
#[derive(Debug)]
pub struct Batch {
    /// Who sent them.
    pub from: UnitId,
    /// What they say.
    pub messages: Vec<Message>,
}

/// What happened on the connections, since the start.
#[derive(Debug, Default)]
pub struct TransportCounters {
    /// Frames sent.
    pub frames_sent: AtomicU64,
    /// Bytes sent.
    pub bytes_sent: AtomicU64,
    /// Frames lost or refused: not authentic, malformed, or beyond a queue's bound.
    pub frames_dropped: AtomicU64,
    /// Messages whose signatures, certificates or proofs do not hold.
    pub messages_refused: AtomicU64,
}

/// Judges messages before their owner sees them.
pub trait Judge: Send + Sync {
    /// Whether a message of this unit may be believed.
    fn admits(&self, from: UnitId, message: &Message) -> bool;

    /// How many messages to judge before others get a turn on the thread.
    fn batch(&self) -> usize;
}

/// A message encoded once, for any number of peers.
#[derive(Clone, Debug)]
pub struct Encoded {
    head: Bytes,
    /// Large payloads follow the head; they are shared, never copied.
    payloads: Vec<Payload>,
    bytes: usize,
    covered: Covered,
    spoiled: bool,
}

impl Encoded {
    /// Encodes a message; `tagged` says whether connections authenticate it.
    pub fn new(message: &Message, tagged: bool) -> Self {
        let mut head = Vec::with_capacity(64);
        codec::put_head(message, &mut head);
        let payloads = codec::detached(message);
        let covered = if tagged { Covered::of(&head, &payloads) } else { Covered::Whole };
        let bytes = head.len() + payloads.iter().map(Payload::len).sum::<usize>();
        Self { head: head.into(), payloads, bytes, covered, spoiled: false }
    }

    /// The same message, to be sent with a wrong authenticator.
    pub fn spoiled(self) -> Self {
        Self { spoiled: true, ..self }
    }

    /// Bytes of the message.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The sending end towards one peer.
#[derive(Debug)]
pub struct Peer {
    queue: mpsc::UnboundedSender<Vec<Encoded>>,
    queued_bytes: Arc<AtomicUsize>,
    waiting: Vec<Encoded>,
    counters: Arc<TransportCounters>,
}

impl Peer {
    /// Adds a message to the next batch.
    pub fn send(&mut self, message: Encoded) {
        self.waiting.push(message);
    }

    /// Hands the batch to the writer. What does not fit is lost and counted.
    pub fn flush(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.waiting);
        let bytes = queued_size(&batch);
        let full = self.queued_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > MAX_QUEUED_BYTES;
        let frames = batch.len() as u64;
        if full || self.queue.send(batch).is_err() {
            self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.counters.frames_dropped.fetch_add(frames, Ordering::Relaxed);
        }
    }
}

/// What a batch counts for in a queue.
fn queued_size(batch: &[Encoded]) -> usize {
    batch.iter().map(|message| message.bytes + 64).sum()
}

/// The receiving end of all connections of a unit.
pub type Inbox = mpsc::Receiver<Batch>;

/// Who is expected at the other end of a link.
#[derive(Clone, Debug)]
pub struct Expected {
    /// `host:port`.
    pub address: String,
    /// Its X25519 key.
    pub exchange: [u8; 32],
    /// Whether this unit calls it. Else it waits to be called.
    pub calls: bool,
}

/// What all connections of a unit have in common.
#[derive(Clone)]
pub struct Common {
    /// Which unit this is.
    pub me: UnitId,
    /// Its secrets.
    pub secret: Arc<SecretKeys>,
    /// Whether frames are authenticated.
    pub tagged: bool,
    /// Where messages go.
    pub inbox: mpsc::Sender<Batch>,
    /// Who judges them.
    pub judge: Arc<dyn Judge>,
    /// What is counted.
    pub counters: Arc<TransportCounters>,
    /// How long a peer may take nothing before its connection is given up, with all that waits for it.
    pub stall: Duration,
}

impl std::fmt::Debug for Common {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Common").field("me", &self.me).finish_non_exhaustive()
    }
}

/// Makes the inbox of a unit, and the sender that [`Common`] wants.
pub fn inbox() -> (mpsc::Sender<Batch>, Inbox) {
    mpsc::channel(INBOX_BATCHES)
}

/// The links of a unit.
#[derive(Debug)]
pub struct Links {
    expected: BTreeMap<UnitId, watch::Sender<Expected>>,
    met: BTreeMap<UnitId, watch::Receiver<bool>>,
}

impl Links {
    /// Starts a link to each of these units, and accepts those that call.
    pub fn start(
        common: &Common,
        listener: TcpListener,
        units: BTreeMap<UnitId, Expected>,
    ) -> (Self, BTreeMap<UnitId, Peer>) {
        let (mut links, mut peers) = (Self { expected: BTreeMap::new(), met: BTreeMap::new() }, BTreeMap::new());
        let mut doors = BTreeMap::new();
        for (unit, expected) in units {
            let (expected_sender, expected) = watch::channel(expected);
            let (met_sender, met) = watch::channel(false);
            let (queue, batches) = mpsc::unbounded_channel();
            let (callers, called) = mpsc::channel(1);
            let queued_bytes = Arc::new(AtomicUsize::new(0));
            doors.insert(unit, (expected.clone(), callers));
            let link =
                Link::new(common.clone(), unit, expected, called, batches, Arc::clone(&queued_bytes), met_sender);
            tokio::spawn(link.run());
            links.expected.insert(unit, expected_sender);
            links.met.insert(unit, met);
            let counters = Arc::clone(&common.counters);
            peers.insert(unit, Peer { queue, queued_bytes, waiting: Vec::new(), counters });
        }
        tokio::spawn(acceptor::accept(common.clone(), listener, doors));
        (links, peers)
    }

    /// Expects another process in the place of a unit; it will call.
    pub fn replace(&self, unit: UnitId, address: String, exchange: [u8; 32]) {
        if let Some(sender) = self.expected.get(&unit) {
            sender.send_replace(Expected { address, exchange, calls: false });
        }
    }

    /// The first unit that there has been no connection to yet.
    pub fn missing(&self) -> Option<UnitId> {
        self.met.iter().find(|(_, met)| !*met.borrow()).map(|(unit, _)| *unit)
    }

    /// Waits until there has been a connection to each unit.
    pub async fn all_met(&mut self) {
        for met in self.met.values_mut() {
            // A link that has ended never will.
            let _ = met.wait_for(|met| *met).await;
        }
    }
}

#[cfg(test)]
mod tests;
