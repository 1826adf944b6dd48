//! What trials come to: worked out from their samples, kept with their lines.

use crate::error::StoreError;
use crate::read::rows;
use crate::read_samples;
use model::figures::{TrialFigures, trial_figures};
use model::ids::TrialId;
use model::metric;
use rusqlite::{Connection, OptionalExtension, params};

/// Works out what a trial comes to; none when there is no such trial.
pub(crate) fn work_out(db: &Connection, trial: TrialId) -> Result<Option<TrialFigures>, StoreError> {
    let replicas: Option<u32> = db
        .prepare_cached("SELECT replicas FROM trial WHERE id = ?1")
        .and_then(|mut select| select.query_row([trial.0], |row| row.get(0)).optional())
        .map_err(StoreError::statement("read the trial"))?;
    let Some(replicas) = replicas else { return Ok(None) };
    let clients = "SELECT id FROM series WHERE trial = ?1 AND metric = ?2 AND entity >= ?3";
    let clients = rows(db, clients, params![trial.0, metric::THROUGHPUT, replicas], |row| row.get::<_, i64>(0))?;
    let rates = clients.into_iter().map(|series| read_samples::numbers(db, series)).collect::<Result<Vec<_>, _>>()?;
    let rates: Vec<&[(i64, f64)]> = rates.iter().map(Vec::as_slice).collect();
    let latencies = read_samples::latencies(db, trial)?;
    Ok(Some(trial_figures(&rates, latencies.iter().map(|interval| (interval.at_ms, &interval.histogram)))))
}

/// The ended trials that have none yet, newest first.
pub(crate) fn missing(db: &Connection) -> Result<Vec<TrialId>, StoreError> {
    let sql = "SELECT id FROM trial WHERE figures_json IS NULL AND hidden IS NULL
         AND state IN ('finished', 'failed', 'interrupted') ORDER BY id DESC";
    rows(db, sql, [], |row| row.get(0).map(TrialId))
}
