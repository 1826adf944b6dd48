//! Reads a connection: frames become messages, messages are judged, and go to the owner in batches.

use super::{Batch, Common};
use crate::frame::{FrameError, FrameReader};
use model::ids::UnitId;
use protocol::engine::codec;
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
        let mut next = reader.next().await.map(Some);
        loop {
            match next {
                Ok(Some(body)) => match codec::decode(body) {
                    Ok(message) => {
                        judged += 1;
                        if common.judge.admits(from, &message) {
                            messages.push(message);
                        } else {
                            count(&counters.messages_refused);
                        }
                    }
                    Err(_) => count(&counters.frames_dropped),
                },
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
            next = reader.buffered();
        }
        if !messages.is_empty() && common.inbox.send(Batch { from, messages }).await.is_err() || ended {
            return;
        }
        if judged >= most {
            tokio::task::yield_now().await;
        }
    }
}
