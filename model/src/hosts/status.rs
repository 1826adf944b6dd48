//! What was found out about hosts: by a check, and by a launch.

use serde::{Deserialize, Serialize};

/// What is looked at, in this order; what follows something that failed is not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostStep {
    /// Its SSH server answers.
    Reach,
    /// Its key is the known one.
    HostKey,
    /// It lets the user in.
    Login,
    /// It runs the same kind of programs.
    System,
    /// There is room for the program.
    Disk,
    /// The program is there.
    Program,
    /// Ports can be opened at the internal addresses.
    Ports,
    /// The server can be reached from there.
    Backend,
    /// Its clock agrees with the server's.
    Clock,
}

impl HostStep {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Reach,
        Self::HostKey,
        Self::Login,
        Self::System,
        Self::Disk,
        Self::Program,
        Self::Ports,
        Self::Backend,
        Self::Clock,
    ];

    /// The words the page shows.
    pub fn label(self) -> &'static str {
        match self {
            Self::Reach => "Reach",
            Self::HostKey => "Host key",
            Self::Login => "Login",
            Self::System => "System",
            Self::Disk => "Disk",
            Self::Program => "Program",
            Self::Ports => "Ports",
            Self::Backend => "Server",
            Self::Clock => "Clock",
        }
    }
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FindingState {
    /// As it should be.
    Good,
    /// To be looked at; trials run all the same.
    Warning {
        /// The mend.
        mend: String,
    },
    /// In the way.
    Bad {
        /// The mend.
        mend: String,
    },
    /// The host's key has not been seen before: somebody has to say whether it is the right one.
    UnknownHostKey {
        /// `SHA256:…`
        fingerprint: String,
        /// `ssh-ed25519`.
        algorithm: String,
        /// The key itself, as `known_hosts` has it.
        key: String,
    },
    /// The host's key is another one than is known.
    ChangedHostKey {
        /// The known one's, `SHA256:…`
        known: String,
        /// The one it shows now.
        shown: String,
        /// The mend.
        mend: String,
    },
    /// The user's key is encrypted and no passphrase opens it.
    NeedsPassphrase {
        /// The key's file.
        key: String,
        /// Whether a passphrase was tried.
        refused: bool,
    },
}

impl FindingState {
    /// Whether trials can run.
    pub fn is_fine(&self) -> bool {
        matches!(self, Self::Good | Self::Warning { .. })
    }

    /// What to do about it, in a sentence; none where nothing is to be done.
    pub fn mend(&self) -> Option<String> {
        match self {
            Self::Good => None,
            Self::Warning { mend } | Self::Bad { mend } | Self::ChangedHostKey { mend, .. } => Some(mend.clone()),
            Self::UnknownHostKey { .. } => {
                Some("compare the fingerprint with the one that the host's owner tells you, then trust it".to_owned())
            }
            Self::NeedsPassphrase { .. } => Some("give its passphrase, or add the key to your SSH agent".to_owned()),
        }
    }
}

/// What was found in one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which step.
    pub step: HostStep,
    /// What is, in a sentence.
    pub text: String,
    /// How it went.
    #[serde(flatten)]
    pub state: FindingState,
}

impl Finding {
    /// As it should be.
    pub fn good(step: HostStep, text: impl Into<String>) -> Self {
        Self { step, text: text.into(), state: FindingState::Good }
    }

    /// To be looked at.
    pub fn warning(step: HostStep, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { step, text: text.into(), state: FindingState::Warning { mend: mend.into() } }
    }

    /// In the way.
    pub fn bad(step: HostStep, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { step, text: text.into(), state: FindingState::Bad { mend: mend.into() } }
    }

    /// What is and what to do about it, in a sentence.
    pub fn sentence(&self) -> String {
        match self.state.mend() {
            Some(mend) => format!("{}; {mend}", self.text),
            None => self.text.clone(),
        }
    }
}

/// What a check found out about a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostCheck {
    /// The host, as people call it.
    pub host: String,
    /// What was found, step by step; what follows something that failed is missing.
    pub findings: Vec<Finding>,
}

impl HostCheck {
    /// The first thing that is in the way of trials.
    pub fn obstacle(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| !finding.state.is_fine())
    }
}

/// What a check found out about a testbed: its hosts, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestbedCheck {
    /// All hosts.
    pub hosts: Vec<HostCheck>,
}

impl TestbedCheck {
    /// Whether trials can run.
    pub fn is_fine(&self) -> bool {
        self.hosts.iter().all(|host| host.obstacle().is_none())
    }
}

/// How far a host of a trial is with the launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostStatus {
    /// Its place in the testbed's list.
    pub place: u32,
    /// The host, as people call it.
    pub host: String,
    /// How far it is.
    pub stage: HostStage,
    /// What is going on, in a sentence; empty where the stage says all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// Where a host is in a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostStage {
    /// Connecting, looking around.
    Checking,
    /// The program is being copied.
    Copying,
    /// It runs units, or is about to.
    Ready,
    /// It cannot.
    Failed,
    /// It was lost while the trial ran.
    Gone,
    /// Nothing of the trial runs there any more.
    Ended,
}

impl HostStage {
    /// The word the page shows.
    pub fn label(self) -> &'static str {
        match self {
            Self::Checking => "Checking",
            Self::Copying => "Copying",
            Self::Ready => "Ready",
            Self::Failed => "Failed",
            Self::Gone => "Lost",
            Self::Ended => "Ended",
        }
    }
}
