//! What can go wrong with an experiment, in sentences.

use std::path::PathBuf;
use thiserror::Error;

/// Errors of this layer.
#[derive(Debug, Error)]
pub enum LabError {
    /// A process could not be started.
    #[error("{what} could not be started from {}: {source}", binary.display())]
    Spawn {
        /// Which process.
        what: String,
        /// The executable.
        binary: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something could not be written as JSON.
    #[error("the message could not be encoded: {reason}")]
    Encode {
        /// Why.
        reason: String,
    },
    /// The launch specification, or the configuration in it, is not usable.
    #[error("{reason}")]
    Specification {
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A launch phase did not come to its end.
    #[error("{phase}: {reason}")]
    Phase {
        /// Which phase.
        phase: &'static str,
        /// A sentence that names the unit and the mend.
        reason: String,
    },
    /// A file or folder could not be written or read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The network let us down.
    #[error("{what}: {source}")]
    Network {
        /// What was being done, with whom.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
}
