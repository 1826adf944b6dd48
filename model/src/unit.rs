//! The processes of a trial and what the page says of each.

use crate::ids::{ReplicaId, UnitId};
use serde::{Deserialize, Serialize};

/// What a unit does in a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "role", content = "index", rename_all = "snake_case")]
pub enum UnitRole {
    /// Brings the others up and ends them.
    Controller,
    /// Runs the protocol.
    Replica(u32),
    /// Sends requests and measures.
    Client(u32),
}

impl UnitRole {
    /// The role of unit `id` in a trial with `replicas` replicas.
    pub fn of(id: UnitId, replicas: u32) -> Self {
        match id.0 {
            0 => Self::Controller,
            unit if unit <= replicas => Self::Replica(unit - 1),
            unit => Self::Client(unit - 1 - replicas),
        }
    }

    /// The unit that has this role in a trial with `replicas` replicas.
    pub fn unit(self, replicas: u32) -> UnitId {
        UnitId(match self {
            Self::Controller => 0,
            Self::Replica(index) => index + 1,
            Self::Client(index) => replicas + 1 + index,
        })
    }

    /// The replica this unit is, if it is one.
    pub fn replica(self) -> Option<ReplicaId> {
        match self {
            Self::Replica(index) => Some(ReplicaId(index)),
            _ => None,
        }
    }

    /// "Controller", "Replica 2", "Client": the name the page shows. The first client goes without a number.
    pub fn label(self) -> String {
        match self {
            Self::Controller => "Controller".to_owned(),
            Self::Replica(index) => format!("Replica {index}"),
            Self::Client(0) => "Client".to_owned(),
            Self::Client(index) => format!("Client {index}"),
        }
    }
}

/// How a unit is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum UnitHealth {
    /// Not there yet.
    Waiting,
    /// Running and reporting.
    Up,
    /// Ended as it was told to.
    Stopped,
    /// Ended by itself or by somebody else.
    Died {
        /// A sentence: "Replica 2 was killed by signal 9 (SIGKILL)".
        reason: String,
        /// When, milliseconds since the epoch, where somebody saw it.
        #[serde(default)]
        at_ms: Option<i64>,
    },
}

/// One line of the page's grid of units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitStatus {
    /// Which unit.
    pub unit: UnitId,
    /// What it is.
    pub role: UnitRole,
    /// How it is doing.
    pub health: UnitHealth,
    /// The configuration version it has in force; 0 is the starting configuration.
    pub applied_version: u64,
}
