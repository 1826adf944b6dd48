//! What the server and its process on a host say to each other: JSON lines over the SSH channel.

use crate::control::WorkerSpec;
use model::ids::UnitId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often the server shows that it is there.
pub const ALIVE_EVERY: Duration = Duration::from_secs(3);
/// The longest line that is taken from a host, bytes.
pub const MAX_LINE: usize = 256 << 10;

/// From the server to a host. Unit 0 is the controller.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum ToHost {
    /// Start a unit.
    Start {
        /// Which.
        unit: UnitId,
        /// The first line of its standard input: its specification, secrets included.
        input: String,
    },
    /// Give a unit one more line of input.
    Input {
        /// Which.
        unit: UnitId,
        /// The line.
        line: String,
    },
    /// End a unit at once (SIGKILL).
    Kill {
        /// Which.
        unit: UnitId,
    },
    /// The server is there.
    Alive,
}

/// From a host to the server.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum FromHost {
    /// It takes orders.
    Ready,
    /// A line of a unit's standard output.
    Output {
        /// Whose.
        unit: UnitId,
        /// The line.
        line: String,
    },
    /// A line of a unit's standard error.
    Log {
        /// Whose.
        unit: UnitId,
        /// The line.
        line: String,
    },
    /// A unit ended, or could not be started.
    Exited {
        /// Which.
        unit: UnitId,
        /// Whether it ended with status 0.
        success: bool,
        /// "was killed by signal 9 (SIGKILL)".
        ending: String,
    },
}

/// What a controller whose workers are on other hosts asks of the server, on its standard output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum RemoteRequest {
    /// Start a unit where it belongs. The server adds the address that it listens at, and where it reports.
    Spawn {
        /// Its specification.
        spec: WorkerSpec,
    },
    /// End a unit at once.
    Kill {
        /// Which.
        unit: UnitId,
    },
}

/// What the server tells such a controller: a line `exited` and this, as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub struct HeldExit {
    /// Which unit ended.
    pub unit: UnitId,
    /// How: "was killed by signal 9 (SIGKILL)".
    pub ending: String,
}
