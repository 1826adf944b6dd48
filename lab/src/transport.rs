//! Connections between units: one for each pair, opened by the unit with the higher number.
//!
//! A reader task decodes and verifies; a writer task tags and batches. Queues are bounded: a reader that runs ahead of its
//! owner stops reading, which slows its peer down; a writer that falls behind loses frames, which are counted, so that one
//! stopped replica never holds up the others.

use crate::auth::{ChannelKeys, Covered};
use crate::error::LabError;
use crate::frame::{self, FrameReader};
use bytes::Bytes;
use model::ids::UnitId;
use protocol::engine::{Message, codec};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

/// Batches waiting for the owner; each has at most [`MAX_BATCH`] messages.
const INBOX_BATCHES: usize = 256;
const MAX_BATCH: usize = 128;
/// Bytes that may wait for one peer before frames are lost.
const MAX_QUEUED_BYTES: usize = 256 << 20;
/// Frames joined into one write stop growing here, bytes.
const WRITE_BYTES: usize = 256 << 10;
const HELLO: &[u8] = b"bftgym hello";

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
}

/// A message encoded once, for any number of peers.
#[derive(Clone, Debug)]
pub struct Encoded {
    body: Bytes,
    covered: Covered,
}

impl Encoded {
    /// Encodes a message.
    pub fn new(message: &Message) -> Self {
        let mut body = Vec::with_capacity(64);
        codec::encode(message, &mut body);
        let covered = Covered::of(&body);
        Self { body: body.into(), covered }
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
        let bytes: usize = batch.iter().map(|message| message.body.len() + 64).sum();
        let full = self.queued_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > MAX_QUEUED_BYTES;
        let frames = batch.len() as u64;
        if full || self.queue.send(batch).is_err() {
            self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.counters.frames_dropped.fetch_add(frames, Ordering::Relaxed);
        }
    }
}

/// The receiving end of all connections of a unit.
pub type Inbox = mpsc::Receiver<Batch>;

/// Makes the inbox of a unit, and the sender that [`attach`] wants.
pub fn inbox() -> (mpsc::Sender<Batch>, Inbox) {
    mpsc::channel(INBOX_BATCHES)
}

/// Opens the connection to a peer.
///
/// # Errors
/// When the peer cannot be reached.
pub async fn connect(address: &str, me: UnitId, peer: UnitId) -> Result<TcpStream, LabError> {
    let network = |source| LabError::Network { what: format!("connecting to unit {peer} at {address}"), source };
    let mut stream = TcpStream::connect(address).await.map_err(network)?;
    stream.write_all(&me.0.to_be_bytes()).await.map_err(network)?;
    Ok(stream)
}

/// Reads from a fresh connection which unit claims to be at its other end. The claim is proven by the first frame.
///
/// # Errors
/// When the connection ends first.
pub async fn read_claim(stream: &mut TcpStream) -> std::io::Result<UnitId> {
    let mut claim = [0; 4];
    stream.read_exact(&mut claim).await?;
    Ok(UnitId(u32::from_be_bytes(claim)))
}

/// Proves both ends of a connection to each other and starts its reader and writer.
///
/// # Errors
/// When the other end does not have the key of this channel.
pub async fn attach(
    stream: TcpStream,
    peer: UnitId,
    keys: ChannelKeys,
    inbox: mpsc::Sender<Batch>,
    counters: Arc<TransportCounters>,
) -> Result<Peer, LabError> {
    let network = |source| LabError::Network { what: format!("greeting unit {peer}"), source };
    stream.set_nodelay(true).map_err(network)?;
    let (read, mut write) = stream.into_split();
    let mut hello = Vec::new();
    frame::write(&mut hello, &keys.sending, 0, HELLO, &Covered::Whole);
    write.write_all(&hello).await.map_err(network)?;
    let mut reader = FrameReader::new(read, keys.receiving.clone());
    match reader.next().await {
        Ok(body) if body == HELLO => {}
        Ok(_) => return Err(network(std::io::Error::other("its first frame is not a greeting"))),
        Err(error) => return Err(network(std::io::Error::other(error.to_string()))),
    }
    let (queue, batches) = mpsc::unbounded_channel();
    let queued_bytes = Arc::new(AtomicUsize::new(0));
    tokio::spawn(read_loop(reader, peer, inbox, Arc::clone(&counters)));
    tokio::spawn(write_loop(write, keys, batches, Arc::clone(&queued_bytes), Arc::clone(&counters)));
    Ok(Peer { queue, queued_bytes, waiting: Vec::new(), counters })
}

async fn read_loop(
    mut reader: FrameReader<OwnedReadHalf>,
    from: UnitId,
    inbox: mpsc::Sender<Batch>,
    counters: Arc<TransportCounters>,
) {
    loop {
        let mut messages = Vec::new();
        let mut next = reader.next().await.map(Some);
        loop {
            match next {
                Ok(Some(body)) => match codec::decode(body) {
                    Ok(message) => messages.push(message),
                    Err(_) => {
                        counters.frames_dropped.fetch_add(1, Ordering::Relaxed);
                    }
                },
                Ok(None) => break,
                Err(error) => {
                    if !matches!(error, frame::FrameError::Closed | frame::FrameError::Broken(_)) {
                        counters.frames_dropped.fetch_add(1, Ordering::Relaxed);
                    }
                    let _ = inbox.send(Batch { from, messages }).await;
                    return;
                }
            }
            if messages.len() >= MAX_BATCH {
                break;
            }
            next = reader.buffered();
        }
        if inbox.send(Batch { from, messages }).await.is_err() {
            return;
        }
    }
}

async fn write_loop(
    mut stream: OwnedWriteHalf,
    keys: ChannelKeys,
    mut batches: mpsc::UnboundedReceiver<Vec<Encoded>>,
    queued_bytes: Arc<AtomicUsize>,
    counters: Arc<TransportCounters>,
) {
    // Number 0 was the greeting.
    let mut number = 1;
    let mut out = Vec::with_capacity(WRITE_BYTES);
    let mut received = Vec::new();
    while batches.recv_many(&mut received, 64).await > 0 {
        let mut bytes = 0;
        for message in received.drain(..).flatten() {
            bytes += message.body.len() + 64;
            frame::write(&mut out, &keys.sending, number, &message.body, &message.covered);
            number += 1;
            counters.frames_sent.fetch_add(1, Ordering::Relaxed);
            if out.len() >= WRITE_BYTES && flush(&mut stream, &mut out, &counters).await.is_err() {
                return;
            }
        }
        if flush(&mut stream, &mut out, &counters).await.is_err() {
            return;
        }
        queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

async fn flush(stream: &mut OwnedWriteHalf, out: &mut Vec<u8>, counters: &TransportCounters) -> std::io::Result<()> {
    stream.write_all(out).await?;
    counters.bytes_sent.fetch_add(out.len() as u64, Ordering::Relaxed);
    out.clear();
    // A large block must not keep its memory for ever.
    out.shrink_to(4 * WRITE_BYTES);
    Ok(())
}
