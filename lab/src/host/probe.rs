//! What a host can tell of itself before a trial: whether ports can be opened, whether the server can be reached, what
//! time it is.

use crate::clock;
use crate::error::LabError;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the reason begins where the server's name leads nowhere.
pub const UNKNOWN_NAME: &str = "that name cannot be looked up there";

/// What is asked, as one JSON line on standard input.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProbeRequest {
    /// Where units will listen.
    pub listen: Vec<IpAddr>,
    /// `host:port` of the server's units' address, as this host reaches it.
    pub backend: String,
    /// A path there that answers 200 to nobody else.
    pub path: String,
}

/// What is answered, as one JSON line on standard output.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProbeAnswer {
    /// The version of the program.
    pub version: String,
    /// The host's clock, milliseconds since the epoch.
    pub clock_ms: i64,
    /// Why ports cannot be opened at an address, if so.
    pub not_listening: Option<(IpAddr, String)>,
    /// Why the server cannot be reached, if so.
    pub unreachable: Option<String>,
}

/// Answers what standard input asks.
///
/// # Errors
/// When it asks nothing that is understood.
pub async fn probe_from_stdin() -> Result<(), LabError> {
    let mut text = String::new();
    tokio::io::stdin()
        .take(64 << 10)
        .read_to_string(&mut text)
        .await
        .map_err(|source| LabError::Network { what: "reading standard input".into(), source })?;
    let request: ProbeRequest = serde_json::from_str(&text)
        .map_err(|error| LabError::Specification { reason: format!("the request is not usable: {error}") })?;
    let mut not_listening = None;
    for address in &request.listen {
        if let Err(error) = TcpListener::bind((*address, 0)).await {
            not_listening = Some((*address, error.to_string()));
            break;
        }
    }
    let reached = tokio::time::timeout(PATIENCE, reach(&request)).await;
    let unreachable = match reached {
        Ok(Ok(())) => None,
        Ok(Err(reason)) => Some(reason),
        Err(_) => Some(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let answer = ProbeAnswer { version, clock_ms: clock::wall_ms(), not_listening, unreachable };
    let line = serde_json::to_string(&answer).map_err(|error| LabError::Encode { reason: error.to_string() })?;
    println!("{line}");
    Ok(())
}

async fn reach(request: &ProbeRequest) -> Result<(), String> {
    let ProbeRequest { backend, path, .. } = request;
    let said = |error: std::io::Error| error.to_string();
    let addresses: Vec<_> = match tokio::net::lookup_host(backend.as_str()).await {
        Ok(found) => found.collect(),
        Err(error) => return Err(format!("{UNKNOWN_NAME}: {error}")),
    };
    let mut stream = TcpStream::connect(&addresses[..]).await.map_err(said)?;
    let head = format!("GET {path} HTTP/1.1\r\nHost: {backend}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.map_err(said)?;
    let mut answer = Vec::new();
    stream.take(4_096).read_to_end(&mut answer).await.map_err(said)?;
    let status = String::from_utf8_lossy(&answer);
    let status = status.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) == Some("200") {
        Ok(())
    } else {
        Err(format!("something else answers there: {:?}", status.chars().take(60).collect::<String>()))
    }
}
