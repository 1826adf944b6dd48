//! What the backend hands the controller on its standard input: one JSON line, then a line `stop` or the end of the
//! input, either of which ends the experiment.

use crate::config::ConfigTree;
use crate::ids::TrialId;
use serde::{Deserialize, Serialize};

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
}
