//! Reads a connection: frames become messages, messages are judged, and go to the owner in batches.

use super::{Batch, Common};
use crate::frame::{FrameError, FrameReader, Opened};
use bytes::Bytes;
use model::ids::UnitId;
use protocol::engine::{Message, codec};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::tcp::OwnedReadHalf;

/// Reads until the connection ends or its owner is gone.
pub(super) async fn read(mut reader: FrameReader<OwnedReadHalf>, from: UnitId, common: Common) {
    let count = |counter: &AtomicU64| {
        counter.fetch_add(1, Ordering::Relaxed);
    };
    let counters = &common.counters;
    let most = common.judge.batch();
    loop {
        let (mut messages, mut judged, mut ended) = (Vec::new(), 0, false);
        let mut next = reader.next_opened(open).await.map(Some);
        loop {
            match next {
                Ok(Some(message)) => {
                    judged += 1;
                    if common.judge.admits(from, &message) {
                        messages.push(message);
                    } else {
                        count(&counters.messages_refused);
                    }
                }
                Ok(None) => break,
                Err(FrameError::NotAuthentic) => count(&counters.frames_dropped),
                Err(FrameError::Closed | FrameError::Broken(_)) => ended = true,
                Err(FrameError::Length(_) | FrameError::Forged) => {
                    count(&counters.frames_dropped);
                    ended = true;
                }
            }
            if ended || judged >= most {
                break;
            }
            next = reader.buffered(open);
        }
        if !messages.is_empty() && common.inbox.send(Batch { from, messages }).await.is_err() || ended {
            return;
        }
        if judged >= most {
            tokio::task::yield_now().await;
        }
    }
}

/// Reads a message. The frame's tag covers its large payloads by their hashes, which its other authenticators need as well.
pub(super) fn open(body: Bytes) -> Option<Opened<Message>> {
    let (contents, head, payloads) = codec::open(body).ok()?;
    Some(Opened { contents, head, payloads })
}
