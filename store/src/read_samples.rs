//! Reading time series, latencies and histories.

use crate::codec::decode_histogram;
use crate::decimate::decimate;
use crate::error::StoreError;
use crate::history::table;
use crate::read::rows;
use model::ids::TrialId;
use model::latency::{LatencyMap, LatencyReport};
use model::metric;
use model::report::{HistoryPoint, SparseHistogram};
use model::series::{ALL_UNITS, Series};
use model::verdict::Compared;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

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

/// How many of the last seconds of sums come unit by unit, so that what is reported meanwhile can still be added to them.
const OPEN_SECONDS: i64 = 4;

/// The series of a trial that charts show, each of at most about `limit` points. Those of a type of messages are summed over
/// all units, a point a second (the sum of what each unit reported on average in it) under the entity [`ALL_UNITS`]; the
/// last seconds come unit by unit.
pub(crate) fn chart_series(db: &Connection, trial: TrialId, limit: usize) -> Result<Vec<Series>, StoreError> {
    let sql = "SELECT id, entity, metric FROM series WHERE trial = ?1 ORDER BY metric, entity";
    let known = rows(db, sql, [trial.0], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    let known = known.into_iter().filter(|(.., metric)| metric::is_shown(metric));
    let (of_types, others): (Vec<_>, Vec<_>) = known.partition(|(.., metric)| metric::is_of_type(metric));
    let mut all = Vec::with_capacity(others.len());
    for (id, entity, metric) in others {
        let points = decimate(numbers(db, id)?, limit);
        if !points.is_empty() {
            all.push(Series { metric, entity, points });
        }
    }
    for of_type in of_types.chunk_by(|one, other| one.2 == other.2) {
        all.extend(summed(db, of_type, limit)?);
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

/// The sum of one type's series, and the last seconds of each.
fn summed(db: &Connection, of_type: &[(i64, u32, String)], limit: usize) -> Result<Vec<Series>, StoreError> {
    let mut sums = BTreeMap::<i64, f64>::new();
    let mut units = Vec::with_capacity(of_type.len());
    for (id, entity, metric) in of_type {
        let points = numbers(db, *id)?;
        for second in points.chunk_by(|one, other| one.0.div_euclid(1000) == other.0.div_euclid(1000)) {
            let mean = second.iter().map(|point| point.1).sum::<f64>() / second.len() as f64;
            *sums.entry(second[0].0.div_euclid(1000) * 1000).or_default() += mean;
        }
        units.push(Series { metric: metric.clone(), entity: *entity, points });
    }
    let open = sums.last_key_value().map_or(i64::MIN, |(second, _)| second - OPEN_SECONDS * 1000);
    for unit in &mut units {
        unit.points.retain(|point| point.0 >= open);
    }
    units.retain(|unit| !unit.points.is_empty());
    sums.retain(|second, _| *second < open);
    if let (Some((.., metric)), false) = (of_type.first(), sums.is_empty()) {
        let points = decimate(sums.into_iter().collect(), limit);
        units.insert(0, Series { metric: metric.clone(), entity: ALL_UNITS, points });
    }
    Ok(units)
}

/// The latencies of a trial in bands and columns. Memory: that of the map, whatever the number of reports.
pub(crate) fn latency_map(db: &Connection, trial: TrialId) -> Result<LatencyMap, StoreError> {
    let failed = StoreError::statement("read the latencies");
    let sql = "SELECT entity, t_ms, pairs FROM latency WHERE trial = ?1 ORDER BY entity, t_ms, seq";
    let mut select = db.prepare_cached(sql).map_err(&failed)?;
    let mut rows = select.query([trial.0]).map_err(&failed)?;
    let mut map = LatencyMap::default();
    while let Some(row) = rows.next().map_err(&failed)? {
        let (entity, at_ms): (u32, i64) = row.get(0).and_then(|entity| Ok((entity, row.get(1)?))).map_err(&failed)?;
        let pairs: Vec<u8> = row.get(2).map_err(&failed)?;
        let histogram = decode_histogram(&pairs).ok_or_else(|| damaged(trial))?;
        if let Some(report) = LatencyReport::of(entity, at_ms, &histogram) {
            map.add(&report);
        }
    }
    Ok(map)
}

fn damaged(trial: TrialId) -> StoreError {
    StoreError::Damaged { trial: trial.0, what: "latency histogram", reason: "its bytes are no histogram".to_owned() }
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
            let histogram = decode_histogram(&pairs).ok_or_else(|| damaged(trial))?;
            Ok(LatencyInterval { entity, at_ms, histogram })
        })
        .collect()
}
