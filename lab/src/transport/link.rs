//! A link: keeps one connection to a peer open, and writes to it what its owner sends.

use super::greeting::{self, Connection};
use super::{Common, Encoded, Expected, reader};
use crate::auth::ChannelKey;
use crate::frame::{self, Body};
use model::ids::UnitId;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

/// Frames joined into one write stop growing here, bytes.
const WRITE_BYTES: usize = 256 << 10;
/// Payloads from this size on are written from where they are.
const UNCOPIED_FROM_BYTES: usize = 32 << 10;
/// Waits between calls: the first one, and the longest.
const BACKOFF: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(2)];
const CALL: Duration = Duration::from_secs(2);

/// The task of one link.
pub(super) struct Link {
    common: Common,
    peer: UnitId,
    expected: watch::Receiver<Expected>,
    called: mpsc::Receiver<Connection>,
    outgoing: Outgoing,
    met: watch::Sender<bool>,
}

/// What the owner has sent and nobody has written yet.
struct Outgoing {
    batches: mpsc::UnboundedReceiver<Vec<Encoded>>,
    received: Vec<Vec<Encoded>>,
    queued_bytes: Arc<AtomicUsize>,
    /// Taken from the queue, but still counted as queued.
    in_hand: usize,
}

/// Why a connection is given up.
enum Cut {
    /// There is another one, or none yet.
    Replaced(Option<Connection>),
    /// It broke.
    Broken,
    /// The peer takes nothing: its host is gone without a word, or it stands still.
    Stalled,
    /// The owner is gone.
    Over,
}

impl Link {
    pub(super) fn new(
        common: Common,
        peer: UnitId,
        expected: watch::Receiver<Expected>,
        called: mpsc::Receiver<Connection>,
        batches: mpsc::UnboundedReceiver<Vec<Encoded>>,
        queued_bytes: Arc<AtomicUsize>,
        met: watch::Sender<bool>,
    ) -> Self {
        let outgoing = Outgoing { batches, received: Vec::new(), queued_bytes, in_hand: 0 };
        Self { common, peer, expected, called, outgoing, met }
    }

    /// Runs until the owner is gone.
    pub(super) async fn run(mut self) {
        let mut next = None;
        let mut pause = Duration::ZERO;
        loop {
            let connection = match next.take() {
                Some(connection) => connection,
                None => match self.await_connection(&mut pause).await {
                    Some(connection) => connection,
                    None => return,
                },
            };
            self.met.send_replace(true);
            let since = tokio::time::Instant::now();
            match self.serve(connection).await {
                Cut::Replaced(connection) => next = connection,
                Cut::Broken => {}
                Cut::Stalled => self.outgoing.forget(&self.common),
                Cut::Over => return,
            }
            pause = if since.elapsed() > BACKOFF[1] { BACKOFF[0] } else { longer(pause) };
        }
    }

    /// Calls the peer, or waits until it calls; meanwhile what is sent to it is lost. None: the owner is gone.
    async fn await_connection(&mut self, pause: &mut Duration) -> Option<Connection> {
        let Self { common, peer, expected, called, outgoing, .. } = self;
        loop {
            let expectation = expected.borrow_and_update().clone();
            let calling = async {
                if !expectation.calls {
                    return std::future::pending().await;
                }
                loop {
                    tokio::time::sleep(*pause).await;
                    let call =
                        greeting::call(&expectation.address, common.me, *peer, &common.secret, &expectation.exchange);
                    if let Ok(Ok(connection)) = tokio::time::timeout(CALL, call).await {
                        return connection;
                    }
                    *pause = longer(*pause);
                }
            };
            tokio::select! {
                biased;
                connection = called.recv() => return connection,
                connection = calling => return Some(connection),
                changed = expected.changed() => changed.ok()?,
                () = outgoing.lose(common) => return None,
            }
        }
    }

    /// Writes to a connection until it is of no more use.
    async fn serve(&mut self, connection: Connection) -> Cut {
        let Connection { mut reader, mut stream, key } = connection;
        self.expected.mark_unchanged();
        let key = self.common.tagged.then_some(key);
        if key.is_none() {
            reader.trust();
        }
        let mut reading = AbortOnDropHandle::new(tokio::spawn(reader::read(reader, self.peer, self.common.clone())));
        let cut = tokio::select! {
            biased;
            written = self.outgoing.write(&mut stream, key.as_ref(), &self.common) => match written {
                Ok(()) => Cut::Over,
                Err(error) if error.kind() == io::ErrorKind::TimedOut => Cut::Stalled,
                Err(_) => Cut::Broken,
            },
            _ = &mut reading => Cut::Broken,
            connection = self.called.recv() => connection.map_or(Cut::Over, |connection| Cut::Replaced(Some(connection))),
            changed = self.expected.changed() => if changed.is_ok() { Cut::Replaced(None) } else { Cut::Over },
        };
        self.outgoing.put_down(&self.common);
        cut
    }
}

fn longer(pause: Duration) -> Duration {
    (pause * 2).clamp(BACKOFF[0], BACKOFF[1])
}

impl Outgoing {
    /// Writes what the owner sends; ends in order when the owner is gone.
    async fn write(
        &mut self,
        stream: &mut OwnedWriteHalf,
        key: Option<&ChannelKey>,
        common: &Common,
    ) -> io::Result<()> {
        let counters = &common.counters;
        // Number 0 was the greeting.
        let mut number = 1;
        let mut out = Vec::with_capacity(WRITE_BYTES);
        while self.batches.recv_many(&mut self.received, 64).await > 0 {
            self.in_hand = self.received.iter().map(|batch| super::queued_size(batch)).sum();
            for message in self.received.drain(..).flatten() {
                let Encoded { head, payloads, bytes, covered, spoiled } = &message;
                let write = if *spoiled { frame::write_spoiled } else { frame::write };
                write(&mut out, key, number, Body { head, follow: bytes - head.len(), covered });
                for payload in payloads {
                    if payload.len() < UNCOPIED_FROM_BYTES {
                        out.extend_from_slice(payload.bytes());
                        continue;
                    }
                    flush(stream, &mut out, common).await?;
                    write_all(stream, payload.bytes(), common.stall).await?;
                    counters.bytes_sent.fetch_add(payload.len() as u64, Ordering::Relaxed);
                }
                number += 1;
                counters.frames_sent.fetch_add(1, Ordering::Relaxed);
                if out.len() >= WRITE_BYTES {
                    flush(stream, &mut out, common).await?;
                }
            }
            flush(stream, &mut out, common).await?;
            self.queued_bytes.fetch_sub(std::mem::take(&mut self.in_hand), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Gives up what was about to be written to a connection that is gone.
    fn put_down(&mut self, common: &Common) {
        let lost: usize = self.received.drain(..).map(|batch| batch.len()).sum();
        common.counters.frames_dropped.fetch_add(lost as u64, Ordering::Relaxed);
        self.queued_bytes.fetch_sub(std::mem::take(&mut self.in_hand), Ordering::Relaxed);
    }

    /// Gives up all that waits: it is older than any timer of the protocol, and a peer that comes back asks for what it misses.
    fn forget(&mut self, common: &Common) {
        while let Ok(batch) = self.batches.try_recv() {
            self.in_hand += super::queued_size(&batch);
            self.received.push(batch);
        }
        self.put_down(common);
    }

    /// Loses what the owner sends until it is gone.
    async fn lose(&mut self, common: &Common) {
        while self.batches.recv_many(&mut self.received, 64).await > 0 {
            self.in_hand = self.received.iter().map(|batch| super::queued_size(batch)).sum();
            self.put_down(common);
        }
    }
}

/// Writes all of it; times out when the peer takes nothing for so long.
async fn write_all(stream: &mut OwnedWriteHalf, mut bytes: &[u8], stall: Duration) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = tokio::time::timeout(stall, stream.write(bytes)).await.map_err(io::Error::from)??;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
    }
    Ok(())
}

async fn flush(stream: &mut OwnedWriteHalf, out: &mut Vec<u8>, common: &Common) -> io::Result<()> {
    write_all(stream, out, common.stall).await?;
    common.counters.bytes_sent.fetch_add(out.len() as u64, Ordering::Relaxed);
    out.clear();
    // A large block must not keep its memory for ever.
    out.shrink_to(4 * WRITE_BYTES);
    Ok(())
}
