//! The table of tokens.

use super::sessions::role;
use super::{NewToken, Token};
use crate::error::StoreError;
use crate::record::TokenHash;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};

const TOKEN: &str = "SELECT id, name, role, created_ms, expires_ms, last_used_ms,
    (SELECT COUNT(*) FROM access_session WHERE token = access_token.id) FROM access_token";

/// Adds one. Two of one name are refused.
pub(super) fn add(db: &Connection, token: &NewToken) -> Result<i64, StoreError> {
    let inserted = db
        .prepare_cached(
            "INSERT INTO access_token (name, hash, role, created_ms, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .and_then(|mut insert| {
            insert.insert(params![token.name, token.hash, token.role.word(), token.created_ms, token.expires_ms])
        });
    inserted.map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::TokenName { name: token.name.clone() },
        _ => StoreError::statement("store the token")(error),
    })
}

/// Puts one in the place of the one of this name, or adds it. Sessions that the one before gave go on, and are this one's.
pub(super) fn replace(db: &Connection, token: &NewToken) -> Result<i64, StoreError> {
    let replaced = db
        .prepare_cached(
            "UPDATE access_token SET hash = ?2, role = ?3, created_ms = ?4, expires_ms = ?5, last_used_ms = NULL
             WHERE name = ?1 RETURNING id",
        )
        .and_then(|mut update| {
            let values = params![token.name, token.hash, token.role.word(), token.created_ms, token.expires_ms];
            update.query_row(values, |row| row.get(0)).optional()
        });
    match replaced.map_err(StoreError::statement("replace a token"))? {
        Some(id) => Ok(id),
        None => add(db, token),
    }
}

/// All, oldest first.
pub(super) fn all(db: &Connection) -> Result<Vec<Token>, StoreError> {
    db.prepare_cached(&format!("{TOKEN} ORDER BY id"))
        .and_then(|mut select| select.query_map([], read)?.collect())
        .map_err(StoreError::statement("read the tokens"))
}

/// The one with this hash, unless it has expired.
pub(super) fn by_hash(db: &Connection, hash: &TokenHash, now_ms: i64) -> Result<Option<Token>, StoreError> {
    db.prepare_cached(&format!("{TOKEN} WHERE hash = ?1 AND (expires_ms IS NULL OR expires_ms > ?2)"))
        .and_then(|mut select| select.query_row(params![hash, now_ms], read).optional())
        .map_err(StoreError::statement("look up a token"))
}

/// Removes the one with this name, else with this number, and ends its sessions.
pub(super) fn revoke(db: &Connection, name_or_id: &str) -> Result<Option<Token>, StoreError> {
    let find = |condition: &str, value: &dyn rusqlite::ToSql| {
        db.prepare_cached(&format!("{TOKEN} WHERE {condition} = ?1"))
            .and_then(|mut select| select.query_row([value], read).optional())
            .map_err(StoreError::statement("look up a token"))
    };
    let found = match (find("name", &name_or_id)?, name_or_id.parse::<i64>()) {
        (None, Ok(id)) => find("id", &id)?,
        (found, _) => found,
    };
    if let Some(token) = &found {
        db.execute("DELETE FROM access_session WHERE token = ?1", [token.id])
            .and_then(|_| db.execute("DELETE FROM access_token WHERE id = ?1", [token.id]))
            .map_err(StoreError::statement("revoke a token"))?;
    }
    Ok(found)
}

/// Removes all, and ends all sessions.
pub(super) fn revoke_all(db: &rusqlite::Transaction<'_>) -> Result<(usize, usize), StoreError> {
    let failed = StoreError::statement("revoke all tokens");
    let sessions = db.execute("DELETE FROM access_session", []).map_err(&failed)?;
    let tokens = db.execute("DELETE FROM access_token", []).map_err(&failed)?;
    Ok((tokens, sessions))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Token> {
    Ok(Token {
        id: row.get(0)?,
        name: row.get(1)?,
        role: role(row, 2)?,
        created_ms: row.get(3)?,
        expires_ms: row.get(4)?,
        last_used_ms: row.get(5)?,
        sessions: row.get(6)?,
    })
}
