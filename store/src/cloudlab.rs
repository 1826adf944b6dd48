//! CloudLab experiments: each a row that is replaced as its life goes on.

use crate::error::StoreError;
use crate::read::rows;
use model::cloudlab::{Experiment, ExperimentKey};
use rusqlite::{Connection, params};

/// Writes an experiment, new or known.
pub(crate) fn write(db: &Connection, experiment: &Experiment) -> Result<(), StoreError> {
    let action = "store the CloudLab experiment";
    let json = serde_json::to_string(experiment)
        .map_err(|error| StoreError::Statement { action, reason: error.to_string() })?;
    db.prepare_cached("INSERT OR REPLACE INTO cloudlab_experiment (key, experiment_json) VALUES (?1, ?2)")
        .and_then(|mut insert| insert.execute(params![experiment.key, json]))
        .map(drop)
        .map_err(StoreError::statement(action))
}

/// Forgets an experiment.
pub(crate) fn forget(db: &Connection, key: ExperimentKey) -> Result<(), StoreError> {
    db.execute("DELETE FROM cloudlab_experiment WHERE key = ?1", [key])
        .map(drop)
        .map_err(StoreError::statement("forget the CloudLab experiment"))
}

/// All experiments, in the order of their keys.
pub(crate) fn all(db: &Connection) -> Result<Vec<Experiment>, StoreError> {
    let sql = "SELECT experiment_json FROM cloudlab_experiment ORDER BY key";
    let texts = rows(db, sql, [], |row| row.get::<_, String>(0))?;
    let read = |text: String| {
        serde_json::from_str(&text)
            .map_err(|error| StoreError::Statement { action: "read a CloudLab experiment", reason: error.to_string() })
    };
    texts.into_iter().map(read).collect()
}
