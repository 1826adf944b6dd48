//! The data directory: made where it is missing, writable, and held by one process.

use crate::error::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

const DATABASE: &str = "bftgym.sqlite3";

/// The directory with its lock, which is held as long as this lives. The kernel frees it when the process ends in any way.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

impl DataDirectory {
    /// Makes the directory where it is missing, without holding it, and answers with the database file in it.
    pub(crate) fn prepare(path: &Path) -> Result<PathBuf, StoreError> {
        std::fs::create_dir_all(path).map_err(|error| StoreError::Directory {
            path: path.to_owned(),
            action: "made",
            reason: error.to_string(),
        })?;
        Ok(path.join(DATABASE))
    }

    /// Makes and locks the directory.
    pub(crate) fn hold(path: &Path) -> Result<Self, StoreError> {
        let refused = |action: &'static str| {
            move |error: std::io::Error| StoreError::Directory {
                path: path.to_owned(),
                action,
                reason: error.to_string(),
            }
        };
        Self::prepare(path)?;
        let lock = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(path.join("lock"))
            .map_err(refused("written to"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(refused("written to")(error)),
        }
    }

    /// The database file in it.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }
}
