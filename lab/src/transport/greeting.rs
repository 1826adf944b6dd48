//! How two units open a connection: the caller says who it is, both send a nonce, and both prove that they hold the keys of
//! a channel made from their secrets and the nonces.

use crate::auth::{ChannelKey, ChannelKeys, Nonce};
use crate::error::LabError;
use crate::frame::{self, FrameReader};
use crate::keys::SecretKeys;
use model::ids::UnitId;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

const HELLO: &[u8] = b"bftgym hello";

/// A connection whose other end has proven who it is.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) reader: FrameReader<OwnedReadHalf>,
    pub(super) stream: OwnedWriteHalf,
    pub(super) key: ChannelKey,
}

/// Opens a connection and says who calls.
///
/// # Errors
/// When the peer cannot be reached.
pub async fn connect(address: &str, me: UnitId, peer: UnitId) -> Result<TcpStream, LabError> {
    let network = |source| LabError::Network { what: format!("connecting to unit {peer} at {address}"), source };
    let mut stream = TcpStream::connect(address).await.map_err(network)?;
    stream.write_all(&me.0.to_be_bytes()).await.map_err(network)?;
    Ok(stream)
}

/// Reads from a fresh connection which unit claims to be at its other end. It has proven nothing yet.
///
/// # Errors
/// When the connection ends first.
pub async fn read_claim(stream: &mut TcpStream) -> io::Result<UnitId> {
    let mut claim = [0; 4];
    stream.read_exact(&mut claim).await?;
    Ok(UnitId(u32::from_be_bytes(claim)))
}

/// Calls a unit.
pub(super) async fn call(
    address: &str,
    me: UnitId,
    peer: UnitId,
    secret: &SecretKeys,
    exchange: &[u8; 32],
) -> Result<Connection, LabError> {
    let network = |source| LabError::Network { what: format!("greeting unit {peer}"), source };
    let mut stream = connect(address, me, peer).await?;
    let mine = nonce().map_err(network)?;
    stream.write_all(&mine).await.map_err(network)?;
    let mut theirs = [0; 32];
    stream.read_exact(&mut theirs).await.map_err(network)?;
    greet(stream, secret.exchange().channel(exchange, &[mine, theirs])).await.map_err(network)
}

/// Answers a unit that has claimed who it is.
pub(super) async fn answer(mut stream: TcpStream, secret: &SecretKeys, exchange: &[u8; 32]) -> io::Result<Connection> {
    let mut theirs = [0; 32];
    stream.read_exact(&mut theirs).await?;
    let mine = nonce()?;
    stream.write_all(&mine).await?;
    greet(stream, secret.exchange().channel(exchange, &[theirs, mine])).await
}

fn nonce() -> io::Result<Nonce> {
    let mut nonce = [0; 32];
    getrandom::fill(&mut nonce).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(nonce)
}

async fn greet(stream: TcpStream, keys: ChannelKeys) -> io::Result<Connection> {
    stream.set_nodelay(true)?;
    let (read, mut stream) = stream.into_split();
    let mut hello = Vec::new();
    frame::write_plain(&mut hello, &keys.sending, 0, HELLO);
    stream.write_all(&hello).await?;
    let mut reader = FrameReader::new(read, keys.receiving);
    match reader.next().await {
        Ok(body) if body == HELLO => Ok(Connection { reader, stream, key: keys.sending }),
        Ok(_) => Err(io::Error::other("its first frame is not a greeting")),
        Err(error) => Err(io::Error::other(error.to_string())),
    }
}
