//! What the controller and its workers say to each other while an experiment is brought up and ended: JSON in
//! authenticated frames.

use crate::auth::{ChannelKey, ChannelKeys};
use crate::error::LabError;
use crate::frame::{self, FrameReader};
use crate::keys::PublicKeys;
use model::config::ConfigTree;
use model::ids::UnitId;
use model::patch::Patch;
use model::report::Report;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// What a worker gets on its standard input, as one JSON line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkerSpec {
    /// Which unit it is.
    pub unit: UnitId,
    /// Where the controller listens.
    pub controller: String,
    /// The key of its channel to the controller.
    pub secret: [u8; 32],
    /// The address that it listens at for other units; without one, this machine's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen: Option<IpAddr>,
    /// Where it reports, where that is not the same for all units. A secret that does not cross the network in the open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend_url: Option<String>,
    /// Whether its standard input stays open as long as it is to run: it ends when that does.
    #[serde(default)]
    pub held: bool,
}

/// Where a unit can be reached, and its public key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PeerAddress {
    /// Which unit.
    pub unit: UnitId,
    /// `host:port`.
    pub address: String,
    /// The public keys of its present life and of those before, the present one first.
    pub lives: Vec<PublicKeys>,
}

/// From the controller to a worker.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToWorker {
    /// The experiment. Answered with `Configured` or `Failed`.
    Configure {
        /// The configuration.
        config: ConfigTree,
        /// The protocol file.
        protocol_text: String,
        /// Where to report; empty: to the controller.
        backend_url: String,
        /// The version of the configuration.
        version: u64,
        /// Whether the unit has been there before and lost everything: it calls all others, and waits for nobody.
        rejoining: bool,
    },
    /// All units. Answered with `Connected` once every connection is open, or `Failed`; a rejoining unit does not wait for
    /// those that are away.
    Peers {
        /// Their addresses.
        peers: Vec<PeerAddress>,
    },
    /// Begin. Answered with `Running`.
    Run,
    /// A change of the configuration, where there is no backend to ask.
    Patch {
        /// The change.
        patch: Patch,
    },
    /// A unit has been started again: from now on it is this one, and it will call.
    Replace {
        /// Its new address and keys.
        peer: PeerAddress,
    },
    /// End, after a last report.
    Stop,
}

/// From a worker to the controller.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToController {
    /// The worker is there.
    Hello,
    /// It understood the configuration.
    Configured {
        /// Its address for other units.
        address: String,
        /// Its public keys.
        keys: Box<PublicKeys>,
    },
    /// It is connected to every unit.
    Connected,
    /// It has begun.
    Running,
    /// It cannot go on.
    Failed {
        /// A sentence.
        reason: String,
    },
    /// Its statistics, where there is no backend.
    Report {
        /// The report.
        report: Box<Report>,
    },
}

/// The sending end.
#[derive(Debug)]
pub struct ControlSender {
    stream: OwnedWriteHalf,
    key: ChannelKey,
    number: u64,
}

/// The receiving end.
#[derive(Debug)]
pub struct ControlReceiver {
    frames: FrameReader<OwnedReadHalf>,
}

/// Splits a connection into its two ends.
///
/// # Errors
/// When the connection is gone.
pub fn channel(stream: TcpStream, keys: ChannelKeys) -> std::io::Result<(ControlSender, ControlReceiver)> {
    stream.set_nodelay(true)?;
    let (read, write) = stream.into_split();
    let sender = ControlSender { stream: write, key: keys.sending, number: 0 };
    Ok((sender, ControlReceiver { frames: FrameReader::new(read, keys.receiving) }))
}

impl ControlSender {
    /// Sends a message.
    ///
    /// # Errors
    /// When the other end is gone.
    pub async fn send<T: Serialize>(&mut self, message: &T) -> Result<(), LabError> {
        let body = serde_json::to_vec(message).map_err(|error| LabError::Encode { reason: error.to_string() })?;
        let mut out = Vec::with_capacity(body.len() + 32);
        frame::write_plain(&mut out, &self.key, self.number, &body);
        self.number += 1;
        self.stream
            .write_all(&out)
            .await
            .map_err(|source| LabError::Network { what: "writing to the control channel".into(), source })
    }
}

impl ControlReceiver {
    /// The next message, waiting for it. Safe to cancel.
    ///
    /// # Errors
    /// When the other end is gone, or speaks another language.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<T, LabError> {
        let network = |reason: String| LabError::Network {
            what: "reading from the control channel".into(),
            source: std::io::Error::other(reason),
        };
        let body = self.frames.next().await.map_err(|error| network(error.to_string()))?;
        serde_json::from_slice(&body).map_err(|error| network(error.to_string()))
    }
}
