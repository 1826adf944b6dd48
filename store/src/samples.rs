//! Writing samples: the hot path. Series numbers and the last place in each series are kept in memory.

use crate::codec::encode_histogram;
use crate::record::{Sample, SampleValue};
use model::ids::TrialId;
use model::report::SparseHistogram;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

/// Where the next sample of a series goes.
#[derive(Debug)]
struct Place {
    series: i64,
    /// Time and `seq` of the sample with the greatest time so far; none while the table has not been asked.
    last: Option<(i64, i64)>,
}

/// The series this process has written to. It must be forgotten when a transaction is rolled back.
#[derive(Debug, Default)]
pub(crate) struct SeriesCache {
    places: HashMap<(TrialId, u32), HashMap<String, Place>>,
}

impl SeriesCache {
    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.places.clear();
    }

    /// Writes samples of a trial.
    pub(crate) fn write(&mut self, db: &Connection, trial: TrialId, samples: &[Sample]) -> rusqlite::Result<()> {
        let mut insert =
            db.prepare_cached("INSERT INTO sample (series, t_ms, seq, value, text) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for sample in samples {
            let place = self.place(db, trial, sample)?;
            let seq = place.next_seq(db, sample.at_ms)?;
            let (number, text) = match &sample.value {
                SampleValue::Number(value) if value.is_finite() => (Some(*value), None),
                SampleValue::Number(value) => (None, Some(value.to_string())),
                SampleValue::Text(text) => (None, Some(text.clone())),
            };
            insert.execute(params![place.series, sample.at_ms, seq, number, text])?;
        }
        Ok(())
    }

    fn place(&mut self, db: &Connection, trial: TrialId, sample: &Sample) -> rusqlite::Result<&mut Place> {
        let of_entity = self.places.entry((trial, sample.entity)).or_default();
        if !of_entity.contains_key(&sample.metric) {
            let series = series_id(db, trial, sample)?;
            of_entity.insert(sample.metric.clone(), Place { series, last: None });
        }
        of_entity.get_mut(&sample.metric).ok_or(rusqlite::Error::QueryReturnedNoRows)
    }
}

impl Place {
    fn next_seq(&mut self, db: &Connection, at_ms: i64) -> rusqlite::Result<i64> {
        let seq = match self.last {
            Some((last, _)) if at_ms > last => 0,
            Some((last, seq)) if at_ms == last => seq + 1,
            // Back in time, or the first sample after a start of the server.
            _ => db
                .prepare_cached("SELECT COALESCE(MAX(seq) + 1, 0) FROM sample WHERE series = ?1 AND t_ms = ?2")?
                .query_row([self.series, at_ms], |row| row.get(0))?,
        };
        match self.last {
            Some((last, _)) if at_ms < last => {}
            Some(_) => self.last = Some((at_ms, seq)),
            None => {
                let newest: Option<i64> = db
                    .prepare_cached("SELECT MAX(t_ms) FROM sample WHERE series = ?1")?
                    .query_row([self.series], |row| row.get(0))?;
                // Only a place at the end of the series can be counted on from memory.
                if newest.is_none_or(|newest| newest <= at_ms) {
                    self.last = Some((at_ms, seq));
                }
            }
        }
        Ok(seq)
    }
}

fn series_id(db: &Connection, trial: TrialId, sample: &Sample) -> rusqlite::Result<i64> {
    let known = db
        .prepare_cached("SELECT id FROM series WHERE trial = ?1 AND entity = ?2 AND metric = ?3")?
        .query_row(params![trial.0, sample.entity, sample.metric], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO series (trial, entity, metric) VALUES (?1, ?2, ?3)")?.insert(params![
        trial.0,
        sample.entity,
        sample.metric
    ])
}

/// Writes the latencies of one interval; an empty histogram is not worth a row.
pub(crate) fn write_latency(
    db: &Connection,
    trial: TrialId,
    entity: u32,
    at_ms: i64,
    histogram: &SparseHistogram,
) -> rusqlite::Result<()> {
    if histogram.is_empty() {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO latency (trial, entity, t_ms, seq, pairs) VALUES (?1, ?2, ?3,
             (SELECT COALESCE(MAX(seq) + 1, 0) FROM latency WHERE trial = ?1 AND entity = ?2 AND t_ms = ?3), ?4)",
    )?
    .execute(params![trial.0, entity, at_ms, encode_histogram(histogram)])
    .map(drop)
}
