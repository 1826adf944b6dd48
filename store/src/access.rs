//! Who may use the server: tokens, and the sessions that browsers get for them. The command line writes here while a server
//! runs, so this has connections of its own instead of the one writer's; what it writes is little and rare.

mod sessions;
mod tokens;

use crate::directory::DataDirectory;
use crate::error::StoreError;
use crate::open::{open_reader, open_writer};
use crate::record::TokenHash;
use model::access::Role;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// How many sessions one token has at most; the one that was idle longest makes room.
pub const MAX_SESSIONS: u32 = 200;

/// The name of the token that a server makes when it starts.
pub const START_TOKEN: &str = "start link";

/// A token that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What people call it; no two tokens have the same name.
    pub name: String,
    /// The hash of it. The token itself is never stored.
    pub hash: TokenHash,
    /// What its holder may do.
    pub role: Role,
    /// Milliseconds since the epoch.
    pub created_ms: i64,
    /// When it stops to work; none for never.
    pub expires_ms: Option<i64>,
}

/// A token as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// Milliseconds since the epoch.
    pub created_ms: i64,
    /// When it stops to work; none for never.
    pub expires_ms: Option<i64>,
    /// When it was used last, to about a minute; none for never.
    pub last_used_ms: Option<i64>,
    /// How many sessions it began that have not ended.
    pub sessions: u32,
}

/// A session of a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessSession {
    /// The hash of what the browser keeps.
    pub hash: TokenHash,
    /// The token it was exchanged for, while that is there.
    pub token: Option<i64>,
    /// What it may do.
    pub role: Role,
    /// Milliseconds since the epoch.
    pub created_ms: i64,
    /// When it ends at the latest.
    pub expires_ms: i64,
    /// When it was used last, to about a minute.
    pub last_used_ms: i64,
}

/// What was used: its `last used` is to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// A token, by its number.
    Token(i64),
    /// A session, by its hash.
    Session(TokenHash),
}

/// The tokens and sessions of one data directory.
#[derive(Clone, Debug)]
pub struct AccessStore {
    reader: Arc<Mutex<Connection>>,
    writer: Arc<Mutex<Connection>>,
}

impl AccessStore {
    /// Opens those of a directory, which is made where it is missing, also while a server holds it.
    ///
    /// # Errors
    /// When the directory is not usable, or the database in it cannot be read.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let database = DataDirectory::prepare(directory)?;
        let writer = Arc::new(Mutex::new(open_writer(&database)?));
        Ok(Self { reader: Arc::new(Mutex::new(open_reader(&database)?)), writer })
    }

    /// Adds a token and answers with its number.
    ///
    /// # Errors
    /// When there is one of this name, or it cannot be written.
    pub async fn add_token(&self, token: NewToken) -> Result<i64, StoreError> {
        self.write(move |db| tokens::add(db, &token)).await
    }

    /// Puts a token in the place of the one that has its name. Sessions of the old one go on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn replace_token(&self, token: NewToken) -> Result<i64, StoreError> {
        self.write(move |db| tokens::replace(db, &token)).await
    }

    /// All tokens, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.read(tokens::all).await
    }

    /// Removes the token with this name or number and ends its sessions; says which it was, none where there is none.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn revoke(&self, name_or_id: String) -> Result<Option<Token>, StoreError> {
        self.write(move |db| tokens::revoke(db, &name_or_id)).await
    }

    /// Removes all tokens and ends all sessions; says how many tokens and sessions that were.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn revoke_all(&self) -> Result<(usize, usize), StoreError> {
        self.write(tokens::revoke_all).await
    }

    /// The token with this hash that has not expired.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn token(&self, hash: TokenHash, now_ms: i64) -> Result<Option<Token>, StoreError> {
        self.read(move |db| tokens::by_hash(db, &hash, now_ms)).await
    }

    /// The session with this hash that has not expired.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn session(&self, hash: TokenHash, now_ms: i64) -> Result<Option<AccessSession>, StoreError> {
        self.read(move |db| sessions::session(db, &hash, now_ms)).await
    }

    /// Begins a session for a token, unless that was revoked meanwhile; says whether it began. Expired ones are forgotten.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn begin_session(&self, session: AccessSession) -> Result<bool, StoreError> {
        self.write(move |db| sessions::begin_session(db, &session)).await
    }

    /// Ends a session. One that is not there is none.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn end_session(&self, hash: TokenHash) -> Result<(), StoreError> {
        self.write(move |db| sessions::end_session(db, &hash)).await
    }

    /// Notes that a token or a session was used.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn used(&self, used: Used, at_ms: i64) -> Result<(), StoreError> {
        self.write(move |db| sessions::used(db, used, at_ms)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = Arc::clone(&self.reader);
        let work = tokio::task::spawn_blocking(move || read(&reader.lock().unwrap_or_else(PoisonError::into_inner)));
        work.await.unwrap_or(Err(StoreError::Closed))
    }

    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let writer = Arc::clone(&self.writer);
        let work = tokio::task::spawn_blocking(move || {
            let mut db = writer.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = db
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(StoreError::statement("begin to write who has access"))?;
            let answer = write(&transaction)?;
            transaction.commit().map_err(StoreError::statement("commit who has access"))?;
            Ok(answer)
        });
        work.await.unwrap_or(Err(StoreError::Closed))
    }
}
