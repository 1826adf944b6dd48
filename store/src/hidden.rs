//! Trials that are in the tables and are not shown: deleted ones, which may come back until the next start, those that
//! are still being imported, and condemned ones, which are removed piece by piece while nobody waits for the writer.

use model::ids::TrialId;
use rusqlite::{Connection, OptionalExtension, params};

/// Why a trial is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// A person deleted it and may want it back.
    Deleted,
    /// It is not complete yet.
    Importing,
    /// It is being removed.
    Condemned,
}

impl Hidden {
    /// The word in the table.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Importing => "importing",
            Self::Condemned => "condemned",
        }
    }
}

/// Hides a trial, or shows it again. A condemned one stays condemned.
pub(crate) fn write(db: &Connection, trial: TrialId, hidden: Option<Hidden>) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE trial SET hidden = ?2 WHERE id = ?1 AND hidden IS NOT 'condemned'")?
        .execute(params![trial.0, hidden.map(Hidden::word)])
        .map(drop)
}

/// Condemns what an earlier life of the server left hidden.
pub(crate) fn condemn_all(db: &Connection) -> rusqlite::Result<()> {
    db.execute("UPDATE trial SET hidden = 'condemned' WHERE hidden IS NOT NULL", []).map(drop)
}

/// Removes a piece of a condemned trial: one of its series or, when none is left, the rest. Whether there was anything
/// to remove.
pub(crate) fn remove_piece(db: &Connection) -> rusqlite::Result<bool> {
    let condemned: Option<i64> = db
        .prepare_cached("SELECT id FROM trial WHERE hidden = 'condemned' LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let Some(trial) = condemned else { return Ok(false) };
    let series: Option<i64> = db
        .prepare_cached("SELECT id FROM series WHERE trial = ?1 LIMIT 1")?
        .query_row([trial], |row| row.get(0))
        .optional()?;
    match series {
        Some(series) => db.prepare_cached("DELETE FROM series WHERE id = ?1")?.execute([series])?,
        None => db.prepare_cached("DELETE FROM trial WHERE id = ?1")?.execute([trial])?,
    };
    Ok(true)
}
