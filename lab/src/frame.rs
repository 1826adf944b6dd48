//! Frames on a byte stream: a four-byte length (big-endian, of tag and body), a 16-byte tag, the body.

use crate::auth::{ChannelKey, Covered, TAG_BYTES};
use bytes::{Buf, Bytes, BytesMut};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The largest body of a frame, bytes: a block of ten requests with the largest payload fits.
pub const MAX_BODY_BYTES: usize = 64 << 20;

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
    /// A tag that does not verify. The frame is gone; the ones after it can be read.
    #[error("a frame is not authentic")]
    NotAuthentic,
    /// So many wrong tags in a row that both ends cannot be talking of the same frames any more.
    #[error("{MAX_FORGED} frames in a row are not authentic")]
    Forged,
}

/// Appends a frame; without a key its tag is zeros.
pub fn write(out: &mut Vec<u8>, key: Option<&ChannelKey>, number: u64, body: &[u8], covered: &Covered) {
    out.extend_from_slice(&((body.len() + TAG_BYTES) as u32).to_be_bytes());
    out.extend_from_slice(&key.map_or([0; TAG_BYTES], |key| key.tag(number, body, covered)));
    out.extend_from_slice(body);
}

/// Appends a frame whose tag is wrong: the fault of an authenticator that is corrupted.
pub fn write_spoiled(out: &mut Vec<u8>, key: Option<&ChannelKey>, number: u64, body: &[u8], covered: &Covered) {
    let tag = out.len() + 4;
    write(out, key, number, body, covered);
    out[tag] ^= 0x5a;
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

    /// The next frame's body, waiting for it. Safe to cancel.
    ///
    /// # Errors
    /// When the stream ends, or a frame is not authentic; after [`FrameError::NotAuthentic`] reading may go on.
    pub async fn next(&mut self) -> Result<Bytes, FrameError> {
        loop {
            if let Some(body) = self.buffered()? {
                return Ok(body);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(FrameError::Closed);
            }
        }
    }

    /// The next frame's body, if all of it has arrived.
    ///
    /// # Errors
    /// When what has arrived is not an authentic frame.
    pub fn buffered(&mut self) -> Result<Option<Bytes>, FrameError> {
        if self.forged > MAX_FORGED {
            return Err(FrameError::Forged);
        }
        let Some(header) = self.buffer.first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*header) as usize;
        if !(TAG_BYTES..=MAX_BODY_BYTES + TAG_BYTES).contains(&length) {
            return Err(FrameError::Length(length));
        }
        if self.buffer.len() < 4 + length {
            // Room for the rest, in steps: a length alone must not make us allocate 64 MiB.
            self.buffer.reserve((4 + length - self.buffer.len()).min(1 << 20));
            return Ok(None);
        }
        self.buffer.advance(4);
        let tag = self.buffer.split_to(TAG_BYTES);
        let body = self.buffer.split_to(length - TAG_BYTES).freeze();
        let number = self.number;
        self.number += 1;
        if self.key.as_ref().is_some_and(|key| !key.verify(number, &body, &tag)) {
            self.forged += 1;
            return Err(FrameError::NotAuthentic);
        }
        self.forged = 0;
        Ok(Some(body))
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
            write(&mut bytes, Some(&ours.sending), number as u64, body, &Covered::of(body));
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
        write(&mut bytes, Some(&ours.sending), 5, b"out of turn", &Covered::Whole);
        write(&mut bytes, Some(&ours.sending), 1, b"in turn", &Covered::Whole);
        write_spoiled(&mut bytes, Some(&ours.sending), 2, b"spoiled", &Covered::Whole);
        write(&mut bytes, Some(&ours.sending), 3, b"in turn", &Covered::Whole);
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
            write_spoiled(&mut bytes, Some(&ours.sending), number, b"x", &Covered::Whole);
        }
        let mut stream = tokio_test_stream(&bytes, 4096);
        let mut reader = FrameReader::new(&mut stream, theirs.receiving);
        for _ in 0..=MAX_FORGED {
            assert!(matches!(reader.next().await, Err(FrameError::NotAuthentic)));
        }
        assert!(matches!(reader.next().await, Err(FrameError::Forged)));
    }

    /// A stream that gives `bytes` in pieces of `piece`.
    fn tokio_test_stream(bytes: &[u8], piece: usize) -> impl AsyncRead + Unpin + use<> {
        let pieces: Vec<std::io::Result<Bytes>> =
            bytes.chunks(piece).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        tokio_util::io::StreamReader::new(futures::stream::iter(pieces))
    }
}
