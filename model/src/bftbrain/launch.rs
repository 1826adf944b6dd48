//! What is told to whoever brings up a trial of the framework.

use super::protocol_name::FrameworkProtocol;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A trial of the framework.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BftbrainLaunch {
    /// The protocol, as the framework calls it.
    pub protocol: FrameworkProtocol,
    /// Its file, where that is not one of the framework's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What is to be known of the run, in sentences: what the file leaves out, which keys have no effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// How many replicas.
    pub replicas: u32,
    /// How long each step of the launch may take.
    pub patience_ms: u64,
    /// How it is started on the machine of the server; none on others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<BftbrainHere>,
    /// `host:port` at which units on other hosts reach the server, where their testbed does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
}

/// The framework on the machine of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BftbrainHere {
    /// A built checkout. Nothing in it is changed.
    pub checkout: PathBuf,
    /// Java's home; without it, the variable `JAVA_HOME` and the path of programs say where Java is.
    pub java_home: Option<PathBuf>,
    /// Where the trial's files go: configuration, protocols, what the framework writes.
    pub directory: PathBuf,
}
