//! The table of sessions, and what both tables share.

use super::{AccessSession, MAX_SESSIONS, Used};
use crate::error::StoreError;
use crate::record::TokenHash;
use model::access::Role;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The session with this hash, unless it has expired.
pub(super) fn session(db: &Connection, hash: &TokenHash, now_ms: i64) -> Result<Option<AccessSession>, StoreError> {
    db.prepare_cached(
        "SELECT hash, token, role, created_ms, expires_ms, last_used_ms FROM access_session
         WHERE hash = ?1 AND expires_ms > ?2",
    )
    .and_then(|mut select| {
        let read = |row: &Row<'_>| {
            Ok(AccessSession {
                hash: row.get(0)?,
                token: row.get(1)?,
                role: role(row, 2)?,
                created_ms: row.get(3)?,
                expires_ms: row.get(4)?,
                last_used_ms: row.get(5)?,
            })
        };
        select.query_row(params![hash, now_ms], read).optional()
    })
    .map_err(StoreError::statement("look up a session"))
}

/// Begins a session, makes room for it, and forgets those that have expired. Does nothing when its token is gone.
pub(super) fn begin_session(db: &Connection, session: &AccessSession) -> Result<bool, StoreError> {
    let failed = StoreError::statement("store a session");
    db.execute("DELETE FROM access_session WHERE expires_ms <= ?1", [session.created_ms]).map_err(&failed)?;
    db.execute(
        "DELETE FROM access_session WHERE hash IN (SELECT hash FROM access_session WHERE token IS ?1
         ORDER BY last_used_ms DESC LIMIT -1 OFFSET ?2)",
        params![session.token, MAX_SESSIONS - 1],
    )
    .map_err(&failed)?;
    let begun = db.execute(
        "INSERT INTO access_session (hash, token, role, created_ms, expires_ms, last_used_ms)
         SELECT ?1, id, ?3, ?4, ?5, ?6 FROM access_token WHERE id = ?2",
        params![
            session.hash,
            session.token,
            session.role.word(),
            session.created_ms,
            session.expires_ms,
            session.last_used_ms
        ],
    );
    begun.map(|rows| rows == 1).map_err(&failed)
}

/// Ends a session.
pub(super) fn end_session(db: &Connection, hash: &TokenHash) -> Result<(), StoreError> {
    db.execute("DELETE FROM access_session WHERE hash = ?1", [hash])
        .map(drop)
        .map_err(StoreError::statement("end a session"))
}

/// Notes when something was used.
pub(super) fn used(db: &Connection, used: Used, at_ms: i64) -> Result<(), StoreError> {
    let updated = match used {
        Used::Token(id) => db.execute("UPDATE access_token SET last_used_ms = ?2 WHERE id = ?1", params![id, at_ms]),
        Used::Session(hash) => {
            db.execute("UPDATE access_session SET last_used_ms = ?2 WHERE hash = ?1", params![hash, at_ms])
        }
    };
    updated.map(drop).map_err(StoreError::statement("note that a token was used"))
}

/// The role in a column. One that this version does not know is no role.
pub(super) fn role(row: &Row<'_>, column: usize) -> rusqlite::Result<Role> {
    let word: String = row.get(column)?;
    Role::of_word(&word).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, format!("no role {word:?}").into())
    })
}
