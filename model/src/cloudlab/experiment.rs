//! What is known of an experiment. It is kept as it is here, and told to every page.

use super::names::ExperimentId;
use super::request::ExperimentRequest;
use serde::{Deserialize, Serialize};

/// The number of an experiment on this server.
pub type ExperimentKey = i64;

/// Where an experiment is in its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ExperimentState {
    /// Asked for; the portal has not answered yet.
    Requested,
    /// The portal looks for machines and loads their disks.
    Provisioning,
    /// The machines are ours, none has begun to boot.
    Provisioned,
    /// Machines boot.
    Booting,
    /// All machines are up.
    Ready,
    /// All machines are up, but its time is nearly over.
    Expiring,
    /// Being ended.
    Terminating,
    /// Gone.
    Terminated {
        /// Why: "ended from this page", "its time was over".
        reason: String,
    },
    /// It did not come up, or broke.
    Failed {
        /// A sentence with the mend.
        reason: String,
    },
}

impl ExperimentState {
    /// The word the page shows.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Requested => "Requested",
            Self::Provisioning => "Provisioning",
            Self::Provisioned => "Provisioned",
            Self::Booting => "Booting",
            Self::Ready => "Ready",
            Self::Expiring => "Expiring",
            Self::Terminating => "Terminating",
            Self::Terminated { .. } => "Terminated",
            Self::Failed { .. } => "Failed",
        }
    }

    /// Whether trials can run on it.
    pub fn is_usable(&self) -> bool {
        matches!(self, Self::Ready | Self::Expiring)
    }

    /// Whether nothing changes any more by itself.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Terminated { .. } | Self::Failed { .. })
    }
}

/// How far a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodePhase {
    /// Its disk is being loaded, or nothing is known yet.
    Preparing,
    /// It boots.
    Booting,
    /// It is up.
    Ready,
    /// It did not come up.
    Failed,
}

impl NodePhase {
    /// The word the page shows.
    pub fn label(self) -> &'static str {
        match self {
            Self::Preparing => "Preparing",
            Self::Booting => "Booting",
            Self::Ready => "Ready",
            Self::Failed => "Failed",
        }
    }
}

/// A way into a machine, as the manifest says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The user's name there.
    pub user: String,
    /// The host to call.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// One machine of an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExperimentNode {
    /// Its name in the profile: `node1`.
    pub name: String,
    /// How far it is.
    pub phase: NodePhase,
    /// The portal's own word for that: `ISUP`, `RELOADING`.
    pub word: String,
    /// Its host name, once it is known.
    pub host: Option<String>,
    /// Its public address, once it is known.
    pub address: Option<std::net::Ipv4Addr>,
    /// Its address in the experiment's own LAN, where there is one.
    pub lan: Option<std::net::Ipv4Addr>,
    /// Ways into it.
    #[serde(default)]
    pub accounts: Vec<Account>,
}

/// An experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experiment {
    /// Its number here.
    pub key: ExperimentKey,
    /// What was asked for.
    pub request: ExperimentRequest,
    /// The CloudLab user whose token asked for it: the name to log in with on its machines. None where it is not known.
    pub user: Option<String>,
    /// The portal's id, once it has given one.
    pub id: Option<ExperimentId>,
    /// Where it is in its life.
    pub state: ExperimentState,
    /// Since when, milliseconds since the epoch.
    pub since_ms: i64,
    /// When it was asked for, milliseconds since the epoch.
    pub requested_ms: i64,
    /// When its time is over, milliseconds since the epoch, once the portal has said so.
    pub expires_ms: Option<i64>,
    /// The portal's own word for its state.
    pub word: String,
    /// Its machines, in the order of their names.
    pub nodes: Vec<ExperimentNode>,
    /// What is being waited for, or what did not work: "the portal is busy; the next try is in 30 s".
    pub note: Option<String>,
    /// What is wrong with it as it is: "the manifest is refused".
    pub warning: Option<String>,
    /// Whether the portal may have got the request.
    pub sent: bool,
    /// From when the time counts that machines have to come up, milliseconds since the epoch.
    pub waiting_ms: i64,
    /// Whether the portal may still hold machines for it: those have to be given back.
    pub held: bool,
    /// Whether the addresses in its LAN have been read.
    pub located: bool,
}

impl Experiment {
    /// An experiment that nobody has asked the portal for yet.
    pub fn new(key: ExperimentKey, request: ExperimentRequest, now_ms: i64) -> Self {
        Self {
            key,
            request,
            user: None,
            id: None,
            state: ExperimentState::Requested,
            since_ms: now_ms,
            requested_ms: now_ms,
            expires_ms: None,
            word: String::new(),
            nodes: Vec::new(),
            note: None,
            warning: None,
            sent: false,
            waiting_ms: now_ms,
            held: false,
            located: false,
        }
    }

    /// How many of its machines are up.
    pub fn ready_nodes(&self) -> usize {
        self.nodes.iter().filter(|node| node.phase == NodePhase::Ready).count()
    }
}
