//! What the page needs from the host of CloudLab: the portal's token, which never comes back, and experiments.

use model::cloudlab::{Experiment, ExperimentId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

#[cfg(feature = "ssr")]
use super::BackendError;
#[cfg(feature = "ssr")]
use model::cloudlab::{ExperimentKey, ExperimentRequest};
#[cfg(feature = "ssr")]
use model::hosts::TestbedCheck;

/// Where the token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenSource {
    /// From the page: in the server's memory until it ends.
    Page,
    /// From the file or the variable that the server was started with.
    Start,
}

/// What is known of the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TokenState {
    /// There is none.
    Missing,
    /// There is one that the portal has not been asked about yet, or that it could not be asked about.
    Unchecked {
        /// Why, where it was tried.
        reason: Option<String>,
    },
    /// The portal accepts it.
    Accepted {
        /// Whose it is, where the portal says so.
        user: Option<String>,
        /// When it expires, milliseconds since the epoch; none where it does not.
        expires_ms: Option<i64>,
        /// Where it came from.
        source: TokenSource,
    },
    /// The portal does not accept it.
    Refused {
        /// The reason, with the mend.
        reason: String,
    },
}

/// CloudLab as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudlabView {
    /// The portal's address.
    pub portal: String,
    /// The token.
    pub token: TokenState,
    /// All experiments, newest first.
    pub experiments: Vec<Experiment>,
}

/// An experiment of the token's user that could be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnExperiment {
    /// The portal's id.
    pub id: ExperimentId,
    /// `PROJECT/NAME`.
    pub title: String,
}

/// What the portal lists for the token's user. It has no list of projects: these are the ones that its other lists name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offers {
    /// Projects, in alphabetical order.
    pub projects: Vec<String>,
    /// The user's own profiles, as `PROJECT/NAME`.
    pub profiles: Vec<String>,
    /// The user's own experiments that are not in this server's list.
    pub experiments: Vec<OwnExperiment>,
}

/// A host key that a machine showed and a person trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKey {
    /// The machine's address.
    pub address: String,
    /// The port of its SSH server.
    pub port: u16,
    /// The key, as `known_hosts` has it.
    pub key: String,
}

/// Where a machine's SSH server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineAddress {
    /// The machine's address.
    pub address: String,
    /// The port of its SSH server.
    pub port: u16,
}

/// What can be done about the token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TokenAction {
    /// Have the portal check this one, and keep it if it is accepted. It goes to the host only, and is never printed.
    Give {
        /// The token as it was pasted.
        token: String,
    },
    /// Have the portal check the one that is held.
    Check,
    /// Forget the one that is held.
    Forget,
}

impl std::fmt::Debug for TokenAction {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Give { .. } => "Give(…)",
            Self::Check => "Check",
            Self::Forget => "Forget",
        })
    }
}

/// What can be done with an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ExperimentAction {
    /// Ask for more time.
    Extend {
        /// How much, hours.
        hours: u32,
        /// Why, for the portal's people; may be empty.
        reason: String,
    },
    /// End it: its machines and all on them are gone.
    Terminate,
    /// Wait for machines that did not come up in time.
    WaitAgain,
    /// Say where its machines are in the LAN of the experiment, where the manifest does not.
    Place {
        /// The addresses, by the machines' names in the profile.
        addresses: BTreeMap<String, Ipv4Addr>,
    },
    /// Take one that is over out of the list.
    Forget,
}

/// CloudLab, as server functions see it.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait CloudlabBackend: Send + Sync + 'static {
    /// CloudLab as the page shows it.
    async fn cloudlab(&self) -> Result<CloudlabView, BackendError>;

    /// Asks the portal about a token, and keeps it in memory if it is accepted. Otherwise nothing changes.
    async fn give_token(&self, token: String) -> Result<TokenState, BackendError>;

    /// Asks the portal about the token that is held, where that has not been done with success. A portal that is busy is
    /// [`BackendError::Busy`].
    async fn check_token(&self) -> Result<TokenState, BackendError>;

    /// Forgets the token. Experiments go on, unwatched.
    async fn forget_token(&self) -> Result<TokenState, BackendError>;

    /// What the portal lists for the token's user.
    async fn offers(&self) -> Result<Offers, BackendError>;

    /// Asks the portal for an experiment; what comes of it follows as live events.
    async fn create_experiment(&self, request: ExperimentRequest) -> Result<ExperimentKey, BackendError>;

    /// Takes over an experiment that is there already, by the portal's id.
    async fn resume_experiment(&self, id: String) -> Result<ExperimentKey, BackendError>;

    /// Tries everything that a trial needs of an experiment's machines.
    async fn check_machines(&self, key: ExperimentKey) -> Result<TestbedCheck, BackendError>;

    /// Trusts keys that the machines of an experiment showed, as long as it lasts.
    async fn trust_machines(&self, key: ExperimentKey, keys: Vec<HostKey>) -> Result<(), BackendError>;

    /// Forgets the keys that were trusted of machines of an experiment.
    async fn distrust_machines(&self, key: ExperimentKey, machines: Vec<MachineAddress>) -> Result<(), BackendError>;

    /// Does something with an experiment.
    async fn change_experiment(&self, key: ExperimentKey, action: ExperimentAction) -> Result<(), BackendError>;
}
