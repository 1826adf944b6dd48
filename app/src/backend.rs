//! What the page needs from the host. The server implements [`Backend`] and puts an `Arc<dyn Backend>` into the context
//! of every server function; nothing else of the server is visible here.

pub mod cloudlab;
pub mod sweeps;

use crate::access::Visitor;
use crate::state::compare::overlay::OverlayLine;
use crate::state::draft::differences;
use crate::state::marks::Mark;
use model::config::ConfigTree;
use model::configuration::ConfigurationLine;
#[cfg(feature = "ssr")]
use model::configuration::NamedConfiguration;
#[cfg(feature = "ssr")]
use model::hosts::{SshTestbed, TestbedCheck};
use model::ids::TrialId;
use model::latency::LatencyMap;
use model::schedule::ScheduledChange;
use model::series::Series;
use model::testbed::{Engine, TestbedName, TestbedSummary};
#[cfg(feature = "ssr")]
use model::trial::TrialEdit;
use model::trial::{TrialDetail, TrialSummary};
use model::validate::{Change, Problem};
use serde::{Deserialize, Serialize};

/// A protocol that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolSummary {
    /// The name that `start` takes: "pbft".
    pub name: String,
    /// The name people read: "PBFT".
    pub title: String,
    /// Where it was published.
    pub paper: String,
    /// What it leaves out of the paper.
    #[serde(default)]
    pub simplified: String,
}

/// What the page shows first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// All trials, newest first.
    pub trials: Vec<TrialSummary>,
    /// The trials that are active now, at most one on each testbed.
    pub active: Vec<TrialId>,
    /// The trials that wait; those of one testbed start in this order.
    #[serde(default)]
    pub queue: Vec<TrialId>,
    /// Where trials can run; this machine is first.
    #[serde(default)]
    pub testbeds: Vec<TestbedSummary>,
    /// The experiment that Start uses when nothing is changed.
    pub config: ConfigTree,
    /// The same as YAML, with its comments.
    #[serde(default)]
    pub config_text: String,
    /// Configurations that are kept under a name, by name.
    #[serde(default)]
    pub configurations: Vec<ConfigurationLine>,
    /// The protocols that can be chosen.
    pub protocols: Vec<ProtocolSummary>,
    /// Why trials of the public framework BFTBrain cannot run on the machine of the server, with the mend; none when they
    /// can. On other hosts a launch says it.
    #[serde(default)]
    pub bftbrain_missing: Option<String>,
    /// The id of the last live event that this answer includes: the stream goes on after it.
    pub event_id: String,
    /// The version of BFTGym.
    pub version: String,
    /// Who asked; the server function fills it in.
    #[serde(default)]
    pub visitor: Visitor,
}

/// A trial with its samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialView {
    /// Everything but the samples.
    pub detail: TrialDetail,
    /// The series that charts show, each of at most a few thousand points; where there are more, each bucket keeps its
    /// extremes. Those of a type of messages are sums over all units (entity `ALL_UNITS`), but for the last seconds.
    pub series: Vec<Series>,
    /// The latencies of all clients in bands and columns.
    #[serde(default)]
    pub latencies: LatencyMap,
    /// The id of the last live event that this answer includes.
    pub event_id: String,
}

/// Where the configuration that a trial started with differs from the defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialSettings {
    /// Which trial.
    pub trial: TrialId,
    /// (key, value as typed), in the order of the keys' descriptions.
    pub settings: Vec<(String, String)>,
}

impl TrialSettings {
    /// Those of a configuration.
    pub fn of(trial: TrialId, config: &ConfigTree) -> Self {
        let settings =
            differences(config).into_iter().map(|(descriptor, value, _)| (descriptor.key.to_owned(), value)).collect();
        Self { trial, settings }
    }
}

/// A trial as a comparison shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedTrial {
    /// Everything but log and samples.
    pub detail: TrialDetail,
    /// One line for each chart that it has samples for.
    pub lines: Vec<OverlayLine>,
    /// What happened in it, in time order.
    pub marks: Vec<Mark>,
}

/// What a person asks for with Start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StartRequest {
    /// The trial's name.
    pub name: String,
    /// A shipped protocol's name; with a text, what problems call it.
    pub protocol: String,
    /// A protocol file to run instead of a shipped one.
    #[serde(default)]
    pub protocol_text: Option<String>,
    /// The whole configuration to start from; without one, the overview's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<ConfigTree>,
    /// What differs from that configuration.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// What changes by itself while the trial runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<ScheduledChange>,
    /// Where it is to run.
    #[serde(default)]
    pub testbed: TestbedName,
    /// What its units are to run.
    #[serde(default)]
    pub engine: Engine,
}

/// Why the host refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BackendError {
    /// The input has problems, each at a key (`name` and `protocol` for those fields).
    Invalid {
        /// All of them.
        problems: Vec<Problem>,
    },
    /// It does not fit what is going on: an Update of a trial that has ended.
    Conflict {
        /// A sentence that names the thing and the mend.
        message: String,
    },
    /// There is no such trial.
    NotFound {
        /// A sentence.
        message: String,
    },
    /// Somebody whom the host asks for it has too much to do just now.
    Busy {
        /// Who, in what words.
        message: String,
        /// How long to wait before it is tried again, seconds, at least 1.
        wait_s: u64,
    },
    /// The host could not do it.
    Failed {
        /// A sentence that names the thing and the mend.
        message: String,
    },
}

impl std::fmt::Display for BackendError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid { problems } => {
                let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
                formatter.write_str(&lines.join("; "))
            }
            Self::Conflict { message } | Self::NotFound { message } | Self::Failed { message } => {
                formatter.write_str(message)
            }
            Self::Busy { message, wait_s } => write!(formatter, "{message}; it asks to wait for {wait_s} s"),
        }
    }
}

impl std::error::Error for BackendError {}

/// The host, as server functions see it.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Backend: Send + Sync + 'static {
    /// What the page shows first.
    async fn overview(&self) -> Result<Overview, BackendError>;

    /// Starts a trial, or queues it while its testbed has another. Answers when its controller has been launched or it has
    /// its place in the queue; the rest follows as live events.
    async fn start(&self, request: StartRequest) -> Result<TrialId, BackendError>;

    /// Ends a trial, or takes it out of the queue; answers when its processes have ended. Stopping an ended trial is no
    /// error.
    async fn stop(&self, trial: TrialId) -> Result<(), BackendError>;

    /// Lets a queued trial be the next one of its testbed.
    async fn move_to_front(&self, trial: TrialId) -> Result<(), BackendError>;

    /// The testbeds of hosts that people described.
    async fn host_testbeds(&self) -> Result<Vec<SshTestbed>, BackendError>;

    /// Keeps a testbed of hosts. A name that is taken is a conflict, unless it is that very testbed that somebody has opened
    /// and edits.
    async fn save_testbed(&self, testbed: SshTestbed, edits: Option<TestbedName>) -> Result<(), BackendError>;

    /// Forgets a testbed of hosts that has no trials.
    async fn delete_testbed(&self, name: TestbedName) -> Result<(), BackendError>;

    /// Looks at every host of a testbed, kept or not; copies the program there where it is missing.
    async fn check_testbed(&self, testbed: SshTestbed) -> Result<TestbedCheck, BackendError>;

    /// Trusts a host's key, as `known_hosts` has it, from now on: somebody has compared its fingerprint.
    async fn trust_host(&self, address: String, port: u16, key: String) -> Result<(), BackendError>;

    /// Forgets the key that was trusted here for a host.
    async fn forget_host(&self, address: String, port: u16) -> Result<(), BackendError>;

    /// Remembers the passphrase of a private key's file, in memory only.
    async fn unlock_key(&self, key: String, passphrase: String) -> Result<(), BackendError>;

    /// Changes live keys of a running trial; answers with the new version. All changes or none.
    async fn update(&self, trial: TrialId, changes: Vec<Change>) -> Result<u64, BackendError>;

    /// Changes name, note or pin of a trial, active or not.
    async fn edit(&self, trial: TrialId, edit: TrialEdit) -> Result<(), BackendError>;

    /// Takes trials out of the list: all or none. They can come back until the server is started again.
    async fn delete(&self, trials: Vec<TrialId>) -> Result<(), BackendError>;

    /// Puts deleted trials back.
    async fn restore(&self, trials: Vec<TrialId>) -> Result<(), BackendError>;

    /// The trials that can be put back, newest first.
    async fn deleted(&self) -> Result<Vec<TrialSummary>, BackendError>;

    /// What all trials started with, where it differs from the defaults.
    async fn settings(&self) -> Result<Vec<TrialSettings>, BackendError>;

    /// Starts a trial like another one: the same protocol text, configuration, seed and schedule; `with_updates` also
    /// repeats the Updates that people made, at their times.
    async fn run_again(&self, trial: TrialId, with_updates: bool) -> Result<TrialId, BackendError>;

    /// A trial as a comparison shows it.
    async fn compared(&self, trial: TrialId) -> Result<ComparedTrial, BackendError>;

    /// A trial with its samples.
    async fn trial(&self, trial: TrialId) -> Result<TrialView, BackendError>;

    /// The configuration that is kept under a name.
    async fn configuration(&self, name: String) -> Result<NamedConfiguration, BackendError>;

    /// Keeps a configuration under a name, which is answered as kept. A name that is taken is a conflict, unless what is
    /// there is to be replaced.
    async fn save_configuration(&self, name: String, text: String, replace: bool) -> Result<String, BackendError>;

    /// Gives a kept configuration another name, which is answered as kept.
    async fn rename_configuration(&self, from: String, to: String) -> Result<String, BackendError>;

    /// Forgets a kept configuration; answers with it, so that it can be saved again.
    async fn delete_configuration(&self, name: String) -> Result<NamedConfiguration, BackendError>;
}
