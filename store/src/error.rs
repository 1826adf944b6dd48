//! What can go wrong with the store, in sentences.

use std::path::PathBuf;
use thiserror::Error;

/// Errors of this layer.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// The data directory is not usable.
    #[error("the data directory {} cannot be {action}: {reason}; choose another with --data-dir, or make it writable for this user", path.display())]
    Directory {
        /// Which directory.
        path: PathBuf,
        /// "made", "written to".
        action: &'static str,
        /// The operating system's words.
        reason: String,
    },
    /// Another process holds the data directory.
    #[error("the data directory {} is in use by another BFTGym server; stop that one, or choose another with --data-dir", path.display())]
    InUse {
        /// Which directory.
        path: PathBuf,
    },
    /// The database was written by a newer version, or is damaged.
    #[error("the database {} cannot be opened: {reason}; move it away or choose another directory with --data-dir", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// The SQLite that was linked may damage databases.
    #[error(
        "SQLite {found} has a bug that can damage databases; build BFTGym with its bundled SQLite ({needed} or newer)"
    )]
    OldSqlite {
        /// The version that is there.
        found: String,
        /// The oldest version that will do.
        needed: &'static str,
    },
    /// A statement failed.
    #[error("the store could not {action}: {reason}; look whether the disk of the data directory is full")]
    Statement {
        /// What was being done: "store the samples".
        action: &'static str,
        /// What SQLite says.
        reason: String,
    },
    /// A row does not hold what this version writes.
    #[error("trial {trial} has a damaged {what} in the store: {reason}")]
    Damaged {
        /// Which trial.
        trial: i64,
        /// What part of it.
        what: &'static str,
        /// Why it cannot be read.
        reason: String,
    },
    /// A row of a sweep does not hold what this version writes.
    #[error("sweep {sweep} has a damaged {what} in the store: {reason}")]
    DamagedSweep {
        /// Which sweep.
        sweep: i64,
        /// What part of it.
        what: &'static str,
        /// Why it cannot be read.
        reason: String,
    },
    /// Two tokens cannot have one name.
    #[error("there is a token named {name:?} already: choose another name, or revoke that one first")]
    TokenName {
        /// The name.
        name: String,
    },
    /// The writer has ended.
    #[error("the store is closed: the server is ending; start it again")]
    Closed,
}

impl StoreError {
    /// Wraps SQLite's error with what was being done.
    pub(crate) fn statement(action: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |error| Self::Statement { action, reason: error.to_string() }
    }
}
