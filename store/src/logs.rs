//! The tail of each trial's log.

use model::ids::TrialId;
use model::trial::LogLine;
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// How many of a trial's lines are kept.
pub(crate) const KEPT_LINES: i64 = 2000;
/// How many lines come in before old ones are looked for.
const LINES_BETWEEN_TRIMS: usize = 100;

/// How many lines of each trial came in since its log was cut.
#[derive(Debug, Default)]
pub(crate) struct LogTail {
    since_trim: HashMap<TrialId, usize>,
}

impl LogTail {
    /// Adds lines and cuts the log to its tail now and then.
    pub(crate) fn write(&mut self, db: &Connection, trial: TrialId, lines: &[LogLine]) -> rusqlite::Result<()> {
        let mut insert = db.prepare_cached("INSERT INTO log (trial, at_ms, unit, text) VALUES (?1, ?2, ?3, ?4)")?;
        for line in lines {
            insert.execute(params![trial.0, line.at_ms, line.unit.0, line.text])?;
        }
        let since = self.since_trim.entry(trial).or_default();
        *since += lines.len();
        if *since >= LINES_BETWEEN_TRIMS {
            *since = 0;
            db.prepare_cached(
                "DELETE FROM log WHERE trial = ?1 AND id <=
                     (SELECT id FROM log WHERE trial = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute(params![trial.0, KEPT_LINES])?;
        }
        Ok(())
    }
}
