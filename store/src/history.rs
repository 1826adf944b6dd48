//! Rolling hashes of executed histories, and digests of states: kept once a unit and sequence number, and compared as they
//! arrive. The comparison itself is the model's; what is stored serves to take it up again after a start of the server.

use crate::record::UnitReport;
use model::ids::TrialId;
use model::report::HistoryPoint;
use model::verdict::{Compared, Comparison, Divergence, Voter};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// How many trials' comparisons are kept in memory. One runs at a time; others may still be sending their last reports.
const KEPT_TRIALS: usize = 4;

/// What has been told of each trial's places.
#[derive(Debug, Default)]
pub(crate) struct Comparisons {
    of_trials: BTreeMap<TrialId, TrialComparison>,
}

#[derive(Debug)]
struct TrialComparison {
    replicas: u32,
    comparison: Comparison,
}

impl Comparisons {
    /// Forgets all: the next report of a trial starts from what is stored.
    pub(crate) fn clear(&mut self) {
        self.of_trials.clear();
    }

    /// Writes a report's points and compares each with what the other units reported for the same sequence number.
    pub(crate) fn write(&mut self, db: &Connection, report: &UnitReport) -> rusqlite::Result<Option<Divergence>> {
        if report.history.is_empty() && report.states.is_empty() {
            return Ok(None);
        }
        let known = self.of_trial(db, report.trial)?;
        let voter = Voter::of_entity(report.entity, known.replicas);
        let mut first: Option<Divergence> = None;
        for (what, points) in [(Compared::History, &report.history), (Compared::State, &report.states)] {
            insert(db, what, (report.trial, report.entity), points)?;
            for point in points {
                let found = known.comparison.note_vote(voter, what, point.sequence, &point.hash);
                if let Some(found) = found
                    && first.as_ref().is_none_or(|first| found.sequence < first.sequence)
                {
                    first = Some(found);
                }
            }
        }
        Ok(first)
    }

    fn of_trial(&mut self, db: &Connection, trial: TrialId) -> rusqlite::Result<&mut TrialComparison> {
        if !self.of_trials.contains_key(&trial) {
            while self.of_trials.len() >= KEPT_TRIALS {
                self.of_trials.pop_first();
            }
            self.of_trials.insert(trial, read(db, trial)?);
        }
        self.of_trials.get_mut(&trial).ok_or(rusqlite::Error::QueryReturnedNoRows)
    }
}

/// Writes points of one entity of a trial.
pub(crate) fn insert(
    db: &Connection,
    what: Compared,
    (trial, entity): (TrialId, u32),
    points: &[HistoryPoint],
) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(&format!(
        "INSERT OR IGNORE INTO {} (trial, sequence, replica, hash) VALUES (?1, ?2, ?3, ?4)",
        table(what)
    ))?;
    for point in points {
        let sequence = i64::try_from(point.sequence).unwrap_or(i64::MAX);
        insert.execute(params![trial.0, sequence, entity, point.hash])?;
    }
    Ok(())
}

/// A trial's comparison from what is stored.
fn read(db: &Connection, trial: TrialId) -> rusqlite::Result<TrialComparison> {
    let replicas =
        db.prepare_cached("SELECT replicas FROM trial WHERE id = ?1")?.query_row([trial.0], |row| row.get(0))?;
    let mut comparison = Comparison::new();
    for what in [Compared::History, Compared::State] {
        let sql = format!("SELECT sequence, replica, hash FROM {} WHERE trial = ?1 ORDER BY sequence", table(what));
        let mut select = db.prepare_cached(&sql)?;
        let mut rows = select.query([trial.0])?;
        while let Some(row) = rows.next()? {
            let (sequence, entity, hash) = (row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, String>(2)?);
            comparison.note_vote(Voter::of_entity(entity, replicas), what, sequence as u64, &hash);
        }
    }
    Ok(TrialComparison { replicas, comparison })
}

/// The table in which it is kept.
pub(crate) fn table(what: Compared) -> &'static str {
    match what {
        Compared::History => "history",
        Compared::State => "state_digest",
    }
}
