//! Opening the database: the SQLite version, the settings, the schema, and trials that the last server left behind.

use crate::error::StoreError;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};
use std::path::Path;
use std::time::Duration;

/// The oldest SQLite without the bug that can damage a database when the write-ahead log is reset.
const NEEDED_SQLITE: (i32, &str) = (3_051_003, "3.51.3");
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENT_CACHE: usize = 64;

const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../migrations/001_trials.sql")),
    M::up(include_str!("../migrations/002_samples.sql")),
    M::up(include_str!("../migrations/003_verdicts.sql")),
    M::up(include_str!("../migrations/004_schedule.sql")),
    M::up(include_str!("../migrations/005_trial_lines.sql")),
    M::up(include_str!("../migrations/006_sweeps.sql")),
    M::up(include_str!("../migrations/007_testbeds.sql")),
    M::up(include_str!("../migrations/008_configurations.sql")),
    M::up(include_str!("../migrations/009_access.sql")),
    M::up(include_str!("../migrations/010_cloudlab.sql")),
];

/// The writer's connection, with the newest schema.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    check_version(rusqlite::version_number())?;
    let refused = |reason: String| StoreError::Open { path: path.to_owned(), reason };
    let mut connection = Connection::open(path).map_err(|error| refused(error.to_string()))?;
    connection
        .busy_timeout(BUSY_TIMEOUT)
        .and_then(|()| {
            connection.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;
                 PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000;",
            )
        })
        .map_err(|error| refused(error.to_string()))?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Migrations::from_slice(MIGRATIONS).to_latest(&mut connection).map_err(|error| refused(error.to_string()))?;
    Ok(connection)
}

/// One more connection for reading only.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let refused = |error: rusqlite::Error| StoreError::Open { path: path.to_owned(), reason: error.to_string() };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(refused)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(refused)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Ok(connection)
}

/// Marks every trial that was active when the last server ended. It ended with its last sample, or where it has none,
/// when it was created. Its units are gone.
pub(crate) fn mark_interrupted(connection: &Connection, now_ms: i64) -> Result<(), StoreError> {
    let marked = connection.unchecked_transaction().and_then(|transaction| {
        let gone = serde_json::json!({ "state": "died", "reason": "it ended because the server was gone" });
        transaction.execute(
            "UPDATE unit SET health_json = ?1 WHERE json_extract(health_json, '$.state') IN ('waiting', 'up')
             AND trial IN (SELECT id FROM trial WHERE state IN ('launching', 'running', 'stopping'))",
            [gone.to_string()],
        )?;
        transaction.execute(
            "UPDATE trial SET state = 'interrupted', ended_ms = MIN(?1, MAX(created_ms, COALESCE(
                 (SELECT MAX((SELECT MAX(t_ms) FROM sample WHERE sample.series = series.id))
                  FROM series WHERE series.trial = trial.id), created_ms)))
             WHERE state IN ('launching', 'running', 'stopping')",
            [now_ms],
        )?;
        transaction.commit()
    });
    marked.map_err(StoreError::statement("mark the interrupted trials"))
}

fn check_version(found: i32) -> Result<(), StoreError> {
    if found >= NEEDED_SQLITE.0 {
        return Ok(());
    }
    let found = format!("{}.{}.{}", found / 1_000_000, found / 1000 % 1000, found % 1000);
    Err(StoreError::OldSqlite { found, needed: NEEDED_SQLITE.1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_well_formed() {
        Migrations::from_slice(MIGRATIONS).validate().unwrap();
    }

    #[test]
    fn an_sqlite_that_can_damage_databases_is_refused_by_its_version() {
        assert!(check_version(rusqlite::version_number()).is_ok());
        assert!(check_version(3_051_002).unwrap_err().to_string().contains("SQLite 3.51.2"));
    }
}
