//! Frames on a byte stream: a four-byte length (big-endian, of tag and body), a 16-byte tag, the body: a head, and whatever
//! large payloads follow it.

use crate::auth::{ChannelKey, Covered, TAG_BYTES};
use bytes::{Buf, Bytes, BytesMut};
use protocol::engine::Payload;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The largest body of a frame, bytes: a block of ten requests with the largest payload fits.
pub const MAX_BODY_BYTES: usize = 64 << 20;

/// Most bytes for which room is made at a time.
const STEP_BYTES: usize = 12 << 20;

/// Frames in a row that may be not authentic; a stream that was tampered with never recovers, so it ends then.
pub const MAX_FORGED: u32 = 1_000;

/// Why a stream of frames ended.
#[derive(Debug, Error)]
pub enum FrameError {
    /// The other end closed it.
    #[error("the connection was closed")]
    Closed,
    /// The network failed.
    #[error("the connection broke: {0}")]
    Broken(#[from] std::io::Error),
    /// A length out of bounds: not one of our frames.
    #[error("a frame of {0} bytes is out of bounds")]
    Length(usize),
    /// A tag that does not verify, or a body that is none. The frame is gone; the ones after it can be read.
    #[error("a frame is not authentic")]
    NotAuthentic,
    /// So many wrong tags in a row that both ends cannot be talking of the same frames any more.
    #[error("{MAX_FORGED} frames in a row are not authentic")]
    Forged,
}

/// A frame's body, to be written.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// What stands before the payloads.
    pub head: &'a [u8],
    /// How many bytes of payloads follow it.
    pub follow: usize,
    /// What the tag covers.
    pub covered: &'a Covered,
}

/// Appends a frame up to the end of its head; the payloads are to follow. Without a key its tag is zeros.
pub fn write(out: &mut Vec<u8>, key: Option<&ChannelKey>, number: u64, body: Body<'_>) {
    let Body { head, follow, covered } = body;
    out.extend_from_slice(&((head.len() + follow + TAG_BYTES) as u32).to_be_bytes());
    out.extend_from_slice(&key.map_or([0; TAG_BYTES], |key| key.tag(number, head, covered)));
    out.extend_from_slice(head);
}

/// Appends a frame whose tag is wrong: the fault of an authenticator that is corrupted.
pub fn write_spoiled(out: &mut Vec<u8>, key: Option<&ChannelKey>, number: u64, body: Body<'_>) {
    let tag = out.len() + 4;
    write(out, key, number, body);
    out[tag] ^= 0x5a;
}

/// Appends a frame that is all head.
pub fn write_plain(out: &mut Vec<u8>, key: &ChannelKey, number: u64, head: &[u8]) {
    write(out, Some(key), number, Body { head, follow: 0, covered: &Covered::of(head, &[]) });
}

/// What a frame holds, once its body was understood.
#[derive(Debug)]
pub struct Opened<T> {
    /// What it holds.
    pub contents: T,
    /// The head of the body.
    pub head: Bytes,
    /// The payloads that follow it.
    pub payloads: Vec<Payload>,
}

/// Understands a body; none: it is not what it should be.
pub type Open<T> = fn(Bytes) -> Option<Opened<T>>;

fn open_plain(body: Bytes) -> Option<Opened<Bytes>> {
    Some(Opened { contents: body.clone(), head: body, payloads: Vec::new() })
}

/// Reads authenticated frames. Memory: at most one frame beyond what the caller has taken.
#[derive(Debug)]
pub struct FrameReader<R> {
    stream: R,
    key: Option<ChannelKey>,
    number: u64,
    forged: u32,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Reads frames from a stream.
    pub fn new(stream: R, key: ChannelKey) -> Self {
        Self { stream, key: Some(key), number: 0, forged: 0, buffer: BytesMut::with_capacity(64 << 10) }
    }

    /// From here on tags mean nothing: the trial runs without authentication.
    pub fn trust(&mut self) {
        self.key = None;
    }

    /// The next frame's body, all of it head, waiting for it. Safe to cancel.
    ///
    /// # Errors
    /// When the stream ends, or a frame is not authentic; after [`FrameError::NotAuthentic`] reading may go on.
    pub async fn next(&mut self) -> Result<Bytes, FrameError> {
        self.next_opened(open_plain).await
    }

    /// What the next frame holds, waiting for it. Safe to cancel.
    ///
    /// # Errors
    /// As for [`Self::next`].
    pub async fn next_opened<T>(&mut self, open: Open<T>) -> Result<T, FrameError> {
        loop {
            if let Some(contents) = self.buffered(open)? {
                return Ok(contents);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(FrameError::Closed);
            }
        }
    }

    /// What the next frame holds, if all of it has arrived.
    ///
    /// # Errors
    /// When what has arrived is not an authentic frame.
    pub fn buffered<T>(&mut self, open: Open<T>) -> Result<Option<T>, FrameError> {
        if self.forged > MAX_FORGED {
            return Err(FrameError::Forged);
        }
        let Some(header) = self.buffer.first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*header) as usize;
        if !(TAG_BYTES..=MAX_BODY_BYTES + TAG_BYTES).contains(&length) {
            return Err(FrameError::Length(length));
        }
        if self.buffer.len() < 4 + length {
            // Room for the rest, in steps: a length alone must not make us allocate 64 MiB. Small steps would cost copies.
            self.buffer.reserve((4 + length - self.buffer.len()).min(STEP_BYTES));
            return Ok(None);
        }
        self.buffer.advance(4);
        let tag = self.buffer.split_to(TAG_BYTES);
        let body = self.buffer.split_to(length - TAG_BYTES).freeze();
        let number = self.number;
        self.number += 1;
        let opened = open(body).filter(|opened| {
            let Opened { head, payloads, .. } = opened;
            self.key.as_ref().is_none_or(|key| key.verify(number, head, &Covered::of(head, payloads), &tag))
        });
        let Some(Opened { contents, .. }) = opened else {
            self.forged += 1;
            return Err(FrameError::NotAuthentic);
        };
        self.forged = 0;
        Ok(Some(contents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::control_keys;

    #[tokio::test]
    async fn frames_arrive_whole_however_the_stream_is_cut() {
        let (ours, theirs) = (control_keys(&[1; 32], true), control_keys(&[1; 32], false));
        let mut bytes = Vec::new();
        let bodies = [vec![1; 3], vec![], vec![2; 70_000]];
        for (number, body) in bodies.iter().enumerate() {
            write_plain(&mut bytes, &ours.sending, number as u64, body);
        }
        let mut builder = tokio_test_stream(&bytes, 777);
        let mut reader = FrameReader::new(&mut builder, theirs.receiving);
        for body in &bodies {
            assert_eq!(reader.next().await.unwrap(), body);
        }
        assert!(matches!(reader.next().await, Err(FrameError::Closed)));
    }

    #[tokio::test]
    async fn a_huge_length_ends_the_stream_and_a_wrong_tag_only_its_frame() {
        let (ours, theirs) = (control_keys(&[1; 32], true), control_keys(&[1; 32], false));
        let mut huge = tokio_test_stream(&[0xff; 64], 64);
        let result = FrameReader::new(&mut huge, theirs.receiving.clone()).next().await;
        assert!(matches!(result, Err(FrameError::Length(_))));

        let mut bytes = Vec::new();
        write_plain(&mut bytes, &ours.sending, 5, b"out of turn");
        write_plain(&mut bytes, &ours.sending, 1, b"in turn");
        write_spoiled(&mut bytes, Some(&ours.sending), 2, small(b"spoiled"));
        write_plain(&mut bytes, &ours.sending, 3, b"in turn");
        let mut stream = tokio_test_stream(&bytes, 64);
        let mut reader = FrameReader::new(&mut stream, theirs.receiving);
        assert!(matches!(reader.next().await, Err(FrameError::NotAuthentic)));
        assert_eq!(reader.next().await.unwrap(), b"in turn".as_slice());
        assert!(matches!(reader.next().await, Err(FrameError::NotAuthentic)));
        assert_eq!(reader.next().await.unwrap(), b"in turn".as_slice());
    }

    #[tokio::test]
    async fn a_stream_of_nothing_but_forgeries_ends() {
        let (ours, theirs) = (control_keys(&[1; 32], true), control_keys(&[1; 32], false));
        let mut bytes = Vec::new();
        for number in 0..2 * u64::from(MAX_FORGED) {
            write_spoiled(&mut bytes, Some(&ours.sending), number, small(b"x"));
        }
        let mut stream = tokio_test_stream(&bytes, 4096);
        let mut reader = FrameReader::new(&mut stream, theirs.receiving);
        for _ in 0..=MAX_FORGED {
            assert!(matches!(reader.next().await, Err(FrameError::NotAuthentic)));
        }
        assert!(matches!(reader.next().await, Err(FrameError::Forged)));
    }

    fn small(head: &[u8]) -> Body<'_> {
        Body { head, follow: 0, covered: &Covered::Whole }
    }

    /// A stream that gives `bytes` in pieces of `piece`.
    fn tokio_test_stream(bytes: &[u8], piece: usize) -> impl AsyncRead + Unpin + use<> {
        let pieces: Vec<std::io::Result<Bytes>> =
            bytes.chunks(piece).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        tokio_util::io::StreamReader::new(futures::stream::iter(pieces))
    }
}
