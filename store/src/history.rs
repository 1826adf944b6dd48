//! Rolling hashes of executed histories: kept once a replica and sequence number, and compared as they arrive.

use crate::record::Divergence;
use model::ids::TrialId;
use model::report::HistoryPoint;
use rusqlite::{Connection, params};

/// Writes a replica's points and compares each with what the other replicas reported for the same sequence number.
pub(crate) fn write_history(
    db: &Connection,
    trial: TrialId,
    replica: u32,
    points: &[HistoryPoint],
) -> rusqlite::Result<Option<Divergence>> {
    let mut first: Option<u64> = None;
    for point in points {
        let sequence = to_column(point.sequence);
        db.prepare_cached("INSERT OR IGNORE INTO history (trial, sequence, replica, hash) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![trial.0, sequence, replica, point.hash])?;
        let differs = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM history WHERE trial = ?1 AND sequence = ?2 AND hash <> ?3)")?
            .query_row(params![trial.0, sequence, point.hash], |row| row.get::<_, bool>(0))?;
        if differs {
            first = Some(first.map_or(point.sequence, |first| first.min(point.sequence)));
        }
    }
    let Some(sequence) = first else { return Ok(None) };
    let mut select =
        db.prepare_cached("SELECT replica, hash FROM history WHERE trial = ?1 AND sequence = ?2 ORDER BY replica")?;
    let replicas = select
        .query_map(params![trial.0, to_column(sequence)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(Divergence { sequence, replicas }))
}

fn to_column(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}
