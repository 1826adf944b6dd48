//! The program that is copied to hosts: this very executable, known by its hash.

use crate::error::LabError;
use bytes::Bytes;
use std::fmt;
use std::path::PathBuf;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

/// This executable, also when its file has been replaced since.
const THIS: &str = "/proc/self/exe";

/// The BLAKE3 hash of a program, in hexadecimal: 64 characters of `0-9a-f`, and never anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash(blake3::Hash);

impl Hash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.to_hex().as_str())
    }
}

/// The program; read when it is first needed, and remembered by its hash and size only.
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    facts: OnceCell<(Hash, u64)>,
    copies: Semaphore,
}

/// How many copies of the program are under way at a time: each has all of it in memory.
const COPIES: usize = 8;

impl Program {
    /// This executable.
    pub fn this() -> Self {
        Self { path: PathBuf::from(THIS), facts: OnceCell::new(), copies: Semaphore::new(COPIES) }
    }

    /// Its hash, and its size in bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn facts(&self) -> Result<(Hash, u64), LabError> {
        let facts = self.facts.get_or_try_init(|| async {
            let bytes = self.bytes().await?;
            let size = bytes.len() as u64;
            let hash = tokio::task::spawn_blocking(move || Hash::of(&bytes)).await;
            let hash = hash.map_err(|error| LabError::Encode { reason: error.to_string() })?;
            Ok((hash, size))
        });
        facts.await.cloned()
    }

    /// Waits for a turn to copy it; it lasts until it is dropped.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.copies.acquire().await.ok()
    }

    /// Its bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn bytes(&self) -> Result<Bytes, LabError> {
        let read = tokio::fs::read(&self.path).await;
        read.map(Bytes::from).map_err(|source| LabError::Network { what: "reading this executable".into(), source })
    }
}

/// Whether this very executable has a hash. Run by a host before it uses what it was sent.
///
/// # Errors
/// When it has another one.
pub fn verify_this(expected: &str) -> Result<(), LabError> {
    let bytes =
        std::fs::read(THIS).map_err(|source| LabError::Network { what: "reading this executable".into(), source })?;
    if Hash::of(&bytes).to_string() == expected {
        return Ok(());
    }
    Err(LabError::Specification { reason: "the program was damaged on its way: try again".to_owned() })
}
