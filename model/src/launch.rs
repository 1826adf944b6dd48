//! What the backend hands the controller on its standard input: one JSON line, then a line `stop` or the end of the
//! input, either of which ends the experiment.

use crate::bftbrain::BftbrainLaunch;
use crate::config::ConfigTree;
use crate::ids::TrialId;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One experiment to bring up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaunchSpec {
    /// Which trial.
    pub trial: TrialId,
    /// Where units report: `http://127.0.0.1:8999/w/<token>`. A secret: it is never logged and never on a command line.
    pub backend_url: String,
    /// The configuration to start with.
    pub config: ConfigTree,
    /// The protocol's name, for messages.
    pub protocol_name: String,
    /// The protocol file's text.
    pub protocol_text: String,
    /// The address at which workers on other hosts reach the controller. With it, the controller asks for workers on its
    /// standard output instead of starting them; without, they run beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen: Option<IpAddr>,
    /// The public framework, where it runs the trial instead of our own engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bftbrain: Option<BftbrainLaunch>,
}

impl LaunchSpec {
    /// Where the controller tells its workers to report; nowhere where each has been told already.
    pub fn units_url(&self) -> &str {
        if self.listen.is_some() { "" } else { &self.backend_url }
    }
}
