//! Reading time series, latencies and histories.

use crate::codec::decode_histogram;
use crate::decimate::decimate;
use crate::error::StoreError;
use crate::history::table;
use crate::read::rows;
use model::ids::TrialId;
use model::report::{HistoryPoint, SparseHistogram};
use model::series::Series;
use model::verdict::Compared;
use rusqlite::{Connection, params};

/// A value that is no number, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleText {
    /// Whose.
    pub entity: u32,
    /// Which metric.
    pub metric: String,
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// The value as it was reported.
    pub text: String,
}

/// A series of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesName {
    /// Its number in the store.
    pub(crate) id: i64,
    /// Whose.
    pub entity: u32,
    /// Which metric.
    pub metric: String,
}

/// What one unit said of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryVote {
    /// Whose.
    pub entity: u32,
    /// The place, and the hash there.
    pub point: HistoryPoint,
}

/// The latencies of one reported interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatencyInterval {
    /// Whose.
    pub entity: u32,
    /// The interval's end, milliseconds since the epoch.
    pub at_ms: i64,
    /// (upper bound of the bucket in µs, count), smallest bound first.
    pub histogram: SparseHistogram,
}

/// All series of a trial that have numbers, each of at most about `limit` points.
pub(crate) fn series(db: &Connection, trial: TrialId, limit: usize) -> Result<Vec<Series>, StoreError> {
    let sql = "SELECT id, entity, metric FROM series WHERE trial = ?1 ORDER BY metric, entity";
    let known = rows(db, sql, [trial.0], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?)))?;
    let mut all = Vec::with_capacity(known.len());
    for (id, entity, metric) in known {
        let points = decimate(numbers(db, id)?, limit);
        if !points.is_empty() {
            all.push(Series { metric, entity, points });
        }
    }
    Ok(all)
}

/// The numbers of one series, in time order.
pub(crate) fn numbers(db: &Connection, series: i64) -> Result<Vec<(i64, f64)>, StoreError> {
    let sql = "SELECT t_ms, value FROM sample WHERE series = ?1 AND value IS NOT NULL ORDER BY t_ms, seq";
    rows(db, sql, [series], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Which series a trial has.
pub(crate) fn series_names(db: &Connection, trial: TrialId) -> Result<Vec<SeriesName>, StoreError> {
    let sql = "SELECT id, entity, metric FROM series WHERE trial = ?1 ORDER BY metric, entity";
    rows(db, sql, [trial.0], |row| Ok(SeriesName { id: row.get(0)?, entity: row.get(1)?, metric: row.get(2)? }))
}

/// What was reported of histories or states, in the order of sequence numbers.
pub(crate) fn votes(db: &Connection, trial: TrialId, what: Compared) -> Result<Vec<HistoryVote>, StoreError> {
    let sql =
        format!("SELECT replica, sequence, hash FROM {} WHERE trial = ?1 ORDER BY sequence, replica", table(what));
    rows(db, &sql, [trial.0], |row| {
        let point = HistoryPoint { sequence: row.get::<_, i64>(1)? as u64, hash: row.get(2)? };
        Ok(HistoryVote { entity: row.get(0)?, point })
    })
}

/// The first `limit` values of a trial that are no numbers, in time order.
pub(crate) fn texts(db: &Connection, trial: TrialId, limit: u32) -> Result<Vec<SampleText>, StoreError> {
    let sql = "SELECT series.entity, series.metric, sample.t_ms, sample.text FROM series
         JOIN sample ON sample.series = series.id
         WHERE series.trial = ?1 AND sample.text IS NOT NULL ORDER BY sample.t_ms, sample.seq LIMIT ?2";
    rows(db, sql, params![trial.0, limit], |row| {
        Ok(SampleText { entity: row.get(0)?, metric: row.get(1)?, at_ms: row.get(2)?, text: row.get(3)? })
    })
}

/// All latencies of a trial, in time order.
pub(crate) fn latencies(db: &Connection, trial: TrialId) -> Result<Vec<LatencyInterval>, StoreError> {
    let sql = "SELECT entity, t_ms, pairs FROM latency WHERE trial = ?1 ORDER BY t_ms, entity, seq";
    let found = rows(db, sql, [trial.0], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?)))?;
    found
        .into_iter()
        .map(|(entity, at_ms, pairs)| {
            let histogram = decode_histogram(&pairs).ok_or_else(|| StoreError::Damaged {
                trial: trial.0,
                what: "latency histogram",
                reason: "its bytes are no histogram".to_owned(),
            })?;
            Ok(LatencyInterval { entity, at_ms, histogram })
        })
        .collect()
}
