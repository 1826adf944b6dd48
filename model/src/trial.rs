//! A trial: one run of one protocol under one configuration.

use crate::config::ConfigTree;
use crate::ids::TrialId;
use crate::patch::Patch;
use crate::schedule::ScheduledChange;
use crate::testbed::{Engine, TestbedName};
use crate::unit::UnitStatus;
pub use crate::verdict::{Divergence, Verdict};
use serde::{Deserialize, Serialize};

/// The steps in which the controller brings an experiment up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// Start the processes.
    Spawn,
    /// Each of them calls the controller.
    Connect,
    /// Each gets the configuration and the protocol.
    Configure,
    /// Each pair agrees on its keys and opens its connection.
    Keys,
    /// Clients start to send.
    Run,
}

impl PhaseName {
    /// All phases in order.
    pub const ALL: [Self; 5] = [Self::Spawn, Self::Connect, Self::Configure, Self::Keys, Self::Run];

    /// The word the page shows.
    pub fn label(self) -> &'static str {
        match self {
            Self::Spawn => "Spawn",
            Self::Connect => "Connect",
            Self::Configure => "Configure",
            Self::Keys => "Keys",
            Self::Run => "Run",
        }
    }
}

/// A phase with its times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Which.
    pub name: PhaseName,
    /// Milliseconds since the epoch.
    pub started_ms: i64,
    /// Milliseconds since the epoch, once it has ended.
    pub ended_ms: Option<i64>,
}

/// Where a trial is in its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TrialState {
    /// Waiting until its testbed is free.
    Queued,
    /// Being brought up.
    Launching,
    /// Clients are sending.
    Running,
    /// Told to stop.
    Stopping,
    /// Stopped by a person, or at the end of its time.
    Finished,
    /// Did not come up, or broke.
    Failed {
        /// A sentence.
        reason: String,
    },
    /// The backend ended while it ran.
    Interrupted,
    /// Taken out of the queue before it ran.
    Cancelled,
}

impl TrialState {
    /// Whether processes of the trial are (or may be) there.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Launching | Self::Running | Self::Stopping)
    }

    /// Whether nothing more happens to it by itself.
    pub fn is_over(&self) -> bool {
        !self.is_active() && *self != Self::Queued
    }

    /// The word the page shows.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Launching => "Launching",
            Self::Running => "Running",
            Self::Stopping => "Stopping",
            Self::Finished => "Finished",
            Self::Failed { .. } => "Failed",
            Self::Interrupted => "Interrupted",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// One line in the list of trials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialSummary {
    /// Its number.
    pub id: TrialId,
    /// The name a person gave it; any text of 1 to 200 characters.
    pub name: String,
    /// The protocol's name.
    pub protocol: String,
    /// How many replicas.
    pub replicas: u32,
    /// Where it runs.
    #[serde(default)]
    pub testbed: TestbedName,
    /// What its units run.
    #[serde(default)]
    pub engine: Engine,
    /// When it was created, milliseconds since the epoch.
    pub created_ms: i64,
    /// When its clients began to send, milliseconds since the epoch.
    pub started_ms: Option<i64>,
    /// When it ended, milliseconds since the epoch.
    pub ended_ms: Option<i64>,
    /// Where it is in its life.
    pub state: TrialState,
    /// What its histories say so far; none before the first replica has reported.
    pub verdict: Option<Verdict>,
}

/// A patch with the time each unit applied it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatchRecord {
    /// The changes.
    pub patch: Patch,
    /// (unit, when it acknowledged, milliseconds since the epoch).
    pub applied: Vec<(crate::ids::UnitId, i64)>,
}

/// A line of a trial's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// Who said it.
    pub unit: crate::ids::UnitId,
    /// What.
    pub text: String,
}

/// Everything about a trial but its samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialDetail {
    /// The line in the list.
    pub summary: TrialSummary,
    /// The configuration it started with.
    pub config: ConfigTree,
    /// The launch, phase by phase.
    pub phases: Vec<Phase>,
    /// Every Update, oldest first.
    pub patches: Vec<PatchRecord>,
    /// Its units.
    pub units: Vec<UnitStatus>,
    /// The last lines of its log, oldest first, at most 500.
    pub log: Vec<LogLine>,
    /// Version, machine: what it ran on.
    pub environment: Vec<(String, String)>,
    /// The protocol file, where it is not one that ships with BFTGym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol_text: Option<String>,
    /// What was to change by itself while it ran, as it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<ScheduledChange>,
}

/// The longest trial name, characters.
pub const MAX_NAME_CHARACTERS: usize = 200;

/// Checks and tidies a trial's name: any characters, slashes, quotes and emoji too.
///
/// # Errors
/// A sentence, when it is empty, too long, or has control characters.
pub fn check_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 {
        return Err("the trial needs a name".to_owned());
    }
    if length > MAX_NAME_CHARACTERS {
        return Err(format!("the name has {length} characters; at most {MAX_NAME_CHARACTERS} fit"));
    }
    if name.chars().any(char::is_control) {
        return Err("the name has a line break or a control character".to_owned());
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_slashes_quotes_and_emoji_but_not_10000_characters() {
        assert_eq!(check_name(" a/b \"c\" 🚀 ").unwrap(), "a/b \"c\" 🚀");
        assert!(check_name(&"x".repeat(10_000)).unwrap_err().contains("10000 characters"));
        assert!(check_name("  ").is_err());
        assert!(check_name("a\nb").is_err());
    }
}
