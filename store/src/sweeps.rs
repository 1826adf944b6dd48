//! Sweeps and their runs.

use crate::error::StoreError;
use crate::read::rows;
use crate::read_samples;
use crate::store::Store;
use crate::write::{column, execute, json};
use crate::writer::{Answer, Job};
use model::ids::{SweepId, TrialId};
use model::metric;
use model::report::SparseHistogram;
use model::series::Series;
use model::sweep::{RunState, SweepPlan, SweepRun, SweepState, SweepSummary, expected_run_ms};
use model::testbed::TestbedName;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

/// The metrics that figures are made of.
const METRICS: [&str; 5] = [metric::THROUGHPUT, metric::MESSAGES_SENT, metric::BYTES_SENT, metric::CPU, metric::MEMORY];

/// One thing to write about a sweep.
#[derive(Clone, Debug)]
pub enum SweepRecord {
    /// Where it is in its life.
    State {
        /// Which.
        sweep: SweepId,
        /// The new state.
        state: SweepState,
        /// When it ended, milliseconds since the epoch.
        ended_ms: Option<i64>,
        /// The number of this change.
        revision: u64,
        /// The trial of the run that is underway.
        current: Option<TrialId>,
    },
    /// A run ended; what was kept of an earlier try of it is replaced.
    Run(SweepId, SweepRun),
    /// All its failed runs are to be tried again.
    ForgetFailed(SweepId),
    /// It is to be gone. Its trials stay.
    Delete(SweepId),
}

/// What the units of a trial reported in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The metrics that figures are made of, each with all its points.
    pub series: Vec<Series>,
    /// (entity, end of its interval in ms since the epoch, histogram) of each report with latencies.
    pub latencies: Vec<(u32, i64, SparseHistogram)>,
}

/// A sweep with everything that is kept of it.
#[derive(Clone, Debug)]
pub struct StoredSweep {
    /// Its line; the run that is underway is not in it.
    pub summary: SweepSummary,
    /// What it is to run.
    pub plan: SweepPlan,
    /// The runs that have ended, in the order of their places.
    pub runs: Vec<SweepRun>,
}

impl Store {
    /// Stores a new sweep, which runs, and answers with its number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn create_sweep(&self, plan: SweepPlan, created_ms: i64) -> Result<SweepId, StoreError> {
        match self.ask(Job::CreateSweep(Box::new(plan), created_ms)).await? {
            Answer::CreatedSweep(id) => Ok(id),
            _ => Err(StoreError::Closed),
        }
    }

    /// Writes about sweeps, all or nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn write_sweep(&self, records: Vec<SweepRecord>) -> Result<(), StoreError> {
        self.ask(Job::Sweep(records)).await.map(drop)
    }

    /// The lines of all sweeps, newest first. The runs that are underway are not in them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn sweeps(&self) -> Result<Vec<SweepSummary>, StoreError> {
        self.read(|db| summaries(db, None)).await
    }

    /// One sweep; none when there is no such sweep.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn sweep(&self, sweep: SweepId) -> Result<Option<StoredSweep>, StoreError> {
        self.read(move |db| stored(db, sweep)).await
    }

    /// What the units of a trial reported in a stretch of time, for the figures of a run.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn measured(&self, trial: TrialId, measured_ms: (i64, i64)) -> Result<Measured, StoreError> {
        self.read(move |db| measured(db, trial, measured_ms)).await
    }
}

/// Pauses every sweep that ran when the last server ended. A trial that waited for its testbed is taken out of the queue:
/// nobody would measure it and end it in time.
pub(crate) fn mark_paused(db: &Connection, now_ms: i64) -> Result<(), StoreError> {
    let paused = json(&SweepState::Paused { reason: "the server ended while it ran".to_owned() })?;
    let marked = db.unchecked_transaction().and_then(|transaction| {
        transaction.execute(
            "UPDATE trial SET state = 'cancelled', ended_ms = ?1
             WHERE state = 'queued' AND id IN (SELECT current_trial FROM sweep)",
            [now_ms],
        )?;
        transaction.execute(
            "UPDATE sweep SET state_json = ?1, ended_ms = ?2, revision = revision + 1, current_trial = NULL
             WHERE json_extract(state_json, '$.state') = 'running'",
            params![paused, now_ms],
        )?;
        transaction.commit()
    });
    marked.map_err(StoreError::statement("pause the interrupted sweeps"))
}

/// Writes a new sweep.
pub(crate) fn create(db: &Connection, plan: &SweepPlan, created_ms: i64) -> Result<SweepId, StoreError> {
    let (state, text) = (json(&SweepState::Running)?, json(plan)?);
    db.prepare_cached(
        "INSERT INTO sweep (name, testbed, created_ms, state_json, revision, total, run_ms, plan_json)
         VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7)",
    )
    .and_then(|mut insert| {
        insert.insert(params![
            plan.name,
            plan.testbed.as_str(),
            created_ms,
            state,
            column(plan.run_count() as u64),
            column(expected_run_ms(plan)),
            text
        ])
    })
    .map(SweepId)
    .map_err(StoreError::statement("store the new sweep"))
}

/// Writes which trial runs for a sweep now.
pub(crate) fn set_current(db: &Connection, sweep: SweepId, trial: TrialId) -> Result<(), StoreError> {
    let sql = "UPDATE sweep SET current_trial = ?2 WHERE id = ?1";
    execute(db, "store the trial of the sweep", sql, params![sweep.0, trial.0])
}

/// Writes one record.
pub(crate) fn write(db: &Connection, record: &SweepRecord) -> Result<(), StoreError> {
    match record {
        SweepRecord::State { sweep, state, ended_ms, revision, current } => execute(
            db,
            "store the sweep's state",
            "UPDATE sweep SET state_json = ?2, ended_ms = ?3, revision = ?4, current_trial = ?5 WHERE id = ?1",
            params![sweep.0, json(state)?, ended_ms, column(*revision), current.map(|trial| trial.0)],
        ),
        SweepRecord::Run(sweep, run) => {
            let failed = run.state != RunState::Done;
            // A trial that has been deleted meanwhile is no reason to lose the run.
            execute(
                db,
                "store a run of the sweep",
                "INSERT OR REPLACE INTO sweep_run (sweep, run, trial, failed, took_ms, run_json)
                 VALUES (?1, ?2, (SELECT id FROM trial WHERE id = ?3), ?4, ?5, ?6)",
                params![
                    sweep.0,
                    column(run.run as u64),
                    run.trial.map(|trial| trial.0),
                    failed,
                    column(run.took_ms),
                    json(run)?
                ],
            )
        }
        SweepRecord::ForgetFailed(sweep) => execute(
            db,
            "forget the failed runs of the sweep",
            "DELETE FROM sweep_run WHERE sweep = ?1 AND failed",
            [sweep.0],
        ),
        SweepRecord::Delete(sweep) => execute(db, "delete the sweep", "DELETE FROM sweep WHERE id = ?1", [sweep.0]),
    }
}

/// A row of the table of sweeps, before its JSON is read.
struct SweepRow {
    summary: SweepSummary,
    state: String,
    testbed: String,
    mean_ms: Option<f64>,
}

impl SweepRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let count = |index: usize| row.get::<_, i64>(index).map(|count| usize::try_from(count).unwrap_or(0));
        Ok(Self {
            summary: SweepSummary {
                id: SweepId(row.get(0)?),
                name: row.get(1)?,
                testbed: TestbedName::default(),
                created_ms: row.get(3)?,
                ended_ms: row.get(4)?,
                state: SweepState::Running,
                revision: row.get::<_, i64>(6)?.unsigned_abs(),
                total: count(7)?,
                run_ms: row.get::<_, i64>(8)?.unsigned_abs(),
                done: count(9)?,
                failed: count(10)?,
                current: None,
            },
            testbed: row.get(2)?,
            state: row.get(5)?,
            mean_ms: row.get(11)?,
        })
    }

    fn into_summary(mut self) -> Result<SweepSummary, StoreError> {
        let id = self.summary.id;
        self.summary.state = parse(id, "state", &self.state)?;
        let damaged = |reason| StoreError::DamagedSweep { sweep: id.0, what: "testbed", reason };
        self.summary.testbed = TestbedName::new(&self.testbed).map_err(damaged)?;
        if let Some(mean_ms) = self.mean_ms {
            self.summary.run_ms = mean_ms as u64;
        }
        Ok(self.summary)
    }
}

fn summaries(db: &Connection, sweep: Option<SweepId>) -> Result<Vec<SweepSummary>, StoreError> {
    let sql = "SELECT id, name, testbed, created_ms, ended_ms, state_json, revision, total, run_ms,
             (SELECT COUNT(*) FROM sweep_run WHERE sweep = id AND NOT failed),
             (SELECT COUNT(*) FROM sweep_run WHERE sweep = id AND failed),
             (SELECT AVG(took_ms) FROM sweep_run WHERE sweep = id AND NOT failed)
         FROM sweep WHERE ?1 IS NULL OR id = ?1 ORDER BY id DESC";
    let found = rows(db, sql, [sweep.map(|sweep| sweep.0)], SweepRow::read)?;
    found.into_iter().map(SweepRow::into_summary).collect()
}

fn stored(db: &Connection, sweep: SweepId) -> Result<Option<StoredSweep>, StoreError> {
    let Some(summary) = summaries(db, Some(sweep))?.pop() else { return Ok(None) };
    let found: Option<String> = db
        .prepare_cached("SELECT plan_json FROM sweep WHERE id = ?1")
        .and_then(|mut select| select.query_row([sweep.0], |row| row.get(0)).optional())
        .map_err(StoreError::statement("read the sweep"))?;
    let Some(plan) = found else { return Ok(None) };
    let sql = "SELECT run_json, trial FROM sweep_run WHERE sweep = ?1 ORDER BY run";
    let texts = rows(db, sql, [sweep.0], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?)))?;
    let run = |(text, trial): (String, Option<i64>)| {
        parse::<SweepRun>(sweep, "run", &text).map(|run| SweepRun { trial: trial.map(TrialId), ..run })
    };
    let runs = texts.into_iter().map(run).collect::<Result<_, _>>()?;
    Ok(Some(StoredSweep { summary, plan: parse(sweep, "plan", &plan)?, runs }))
}

fn measured(db: &Connection, trial: TrialId, (from, to): (i64, i64)) -> Result<Measured, StoreError> {
    let mut series = Vec::new();
    for metric in METRICS {
        let sql = "SELECT id, entity FROM series WHERE trial = ?1 AND metric = ?2 ORDER BY entity";
        for (id, entity) in rows(db, sql, params![trial.0, metric], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))? {
            let sql = "SELECT t_ms, value FROM sample
                 WHERE series = ?1 AND t_ms BETWEEN ?2 AND ?3 AND value IS NOT NULL ORDER BY t_ms, seq";
            let points = rows(db, sql, params![id, from, to], |row| Ok((row.get(0)?, row.get(1)?)))?;
            series.push(Series { metric: metric.to_owned(), entity, points });
        }
    }
    let latencies = read_samples::latencies(db, trial)?.into_iter();
    let within = latencies.filter(|interval| interval.at_ms >= from && interval.at_ms <= to);
    let latencies = within.map(|interval| (interval.entity, interval.at_ms, interval.histogram)).collect();
    Ok(Measured { series, latencies })
}

fn parse<T: DeserializeOwned>(sweep: SweepId, what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::DamagedSweep {
        sweep: sweep.0,
        what,
        reason: error.to_string(),
    })
}
