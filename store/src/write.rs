//! What each record does to the tables.

use crate::cloudlab;
use crate::error::StoreError;
use crate::hidden::{self, Hidden};
use crate::history::{self, Comparisons};
use crate::logs::LogTail;
use crate::record::{NewTrial, Record, ReportOutcome, UnitReport};
use crate::samples::{SeriesCache, write_latency};
use crate::state;
use crate::sweeps;
use model::ids::TrialId;
use model::patch::Patch;
use model::trial::{Phase, TrialEdit, TrialSummary};
use model::unit::UnitStatus;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

/// What the writer remembers between records.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    series: SeriesCache,
    comparisons: Comparisons,
    log: LogTail,
    /// Whether there may be condemned trials to remove; there may be from the start.
    pub(crate) may_remove: bool,
}

impl Memory {
    /// Forgets what may not be in the tables, because a transaction was rolled back.
    pub(crate) fn rolled_back(&mut self) {
        self.series.clear();
        self.comparisons.clear();
    }
}

/// Writes a new trial and gives it its number.
pub(crate) fn create_trial(db: &Connection, new: &NewTrial) -> Result<TrialId, StoreError> {
    let summary = &new.summary;
    let (config, environment) = (json(&new.config)?, json(&new.environment)?);
    let schedule = (!new.schedule.is_empty()).then(|| json(&new.schedule)).transpose()?;
    let verdict = summary.verdict.as_ref().map(json).transpose()?;
    let (word, failure) = (state::word(&summary.state), state::failure(&summary.state));
    let id = db
        .prepare_cached(
            "INSERT INTO trial (name, protocol, replicas, token_hash, created_ms, started_ms, ended_ms, state, failure,
                 config_json, environment_json, protocol_text, schedule_json, note, pinned, verdict_json, testbed, engine)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )
        .and_then(|mut insert| {
            insert.insert(params![
                summary.name,
                summary.protocol,
                summary.replicas,
                new.token_hash,
                summary.created_ms,
                summary.started_ms,
                summary.ended_ms,
                word,
                failure,
                config,
                environment,
                new.protocol_text,
                schedule,
                summary.note,
                summary.pinned,
                verdict,
                summary.testbed.as_str(),
                summary.engine.word()
            ])
        })
        .map_err(StoreError::statement("store the new trial"))?;
    for unit in &new.units {
        write_unit(db, TrialId(id), unit)?;
    }
    if let Some(sweep) = new.sweep {
        sweeps::set_current(db, sweep, TrialId(id))?;
    }
    Ok(TrialId(id))
}

/// Writes one record.
pub(crate) fn write_record(db: &Connection, memory: &mut Memory, record: &Record) -> Result<(), StoreError> {
    match record {
        Record::Summary(summary) => write_summary(db, summary),
        Record::Edit(trial, edit) => write_edit(db, *trial, edit),
        Record::Figures(trial, figures) => execute(
            db,
            "store what the trial came to",
            "UPDATE trial SET figures_json = ?2 WHERE id = ?1",
            params![trial.0, json(figures)?],
        ),
        Record::Hidden(trial, hide) => {
            memory.may_remove |= *hide == Some(Hidden::Condemned);
            hidden::write(db, *trial, *hide).map_err(StoreError::statement("hide or show the trial"))
        }
        Record::Phase(trial, phase) => write_phase(db, *trial, phase),
        Record::Unit(trial, status) => write_unit(db, *trial, status),
        Record::Host(trial, status) => execute(
            db,
            "store a host's state",
            "INSERT OR REPLACE INTO trial_host (trial, place, status_json) VALUES (?1, ?2, ?3)",
            params![trial.0, status.place, json(status)?],
        ),
        Record::Patch(trial, patch) => write_patch(db, *trial, patch),
        Record::Applied { trial, unit, version, at_ms } => execute(
            db,
            "store what a unit applied",
            "INSERT OR IGNORE INTO patch_applied (trial, version, unit, at_ms) VALUES (?1, ?2, ?3, ?4)",
            params![trial.0, column(*version), unit.0, at_ms],
        ),
        Record::Log(trial, lines) => {
            memory.log.write(db, *trial, lines).map_err(StoreError::statement("store the log"))
        }
        Record::Token(trial, hash) => execute(
            db,
            "store the hash of the trial's token",
            "UPDATE trial SET token_hash = ?2 WHERE id = ?1",
            params![trial.0, hash],
        ),
        Record::Testbed(name, Some(description)) => execute(
            db,
            "store the testbed",
            "INSERT OR REPLACE INTO testbed (name, definition_json) VALUES (?1, ?2)",
            params![name.as_str(), description],
        ),
        Record::Testbed(name, None) => {
            execute(db, "delete the testbed", "DELETE FROM testbed WHERE name = ?1", params![name.as_str()])
        }
        Record::Queue(trials) => trials.iter().enumerate().try_for_each(|(place, trial)| {
            execute(
                db,
                "store the order of the queue",
                "UPDATE trial SET queue_place = ?2 WHERE id = ?1",
                params![trial.0, column(place as u64)],
            )
        }),
        Record::Samples(trial, samples) => {
            memory.series.write(db, *trial, samples).map_err(StoreError::statement("store the samples"))
        }
        Record::Latency(trial, interval) => {
            write_latency(db, *trial, interval.entity, interval.at_ms, &interval.histogram)
                .map_err(StoreError::statement("store the latencies"))
        }
        Record::Votes { trial, entity, what, points } => {
            history::insert(db, *what, (*trial, *entity), points).map_err(StoreError::statement("store the history"))
        }
        Record::Cloudlab(experiment) => cloudlab::write(db, experiment),
        Record::CloudlabForgotten(key) => cloudlab::forget(db, *key),
    }
}

/// Writes a report, unless it is there already.
pub(crate) fn write_report(
    db: &Connection,
    memory: &mut Memory,
    report: &UnitReport,
) -> Result<ReportOutcome, StoreError> {
    let trial = report.trial;
    let last: Option<i64> = db
        .prepare_cached("SELECT last_number FROM report WHERE trial = ?1 AND unit = ?2")
        .and_then(|mut select| select.query_row(params![trial.0, report.unit.0], |row| row.get(0)).optional())
        .map_err(StoreError::statement("look up the unit's last report"))?;
    let number = column(report.number);
    if last.is_some_and(|last| number <= last) {
        return Ok(ReportOutcome::default());
    }
    execute(
        db,
        "store the report's number",
        "INSERT INTO report (trial, unit, last_number) VALUES (?1, ?2, ?3)
         ON CONFLICT (trial, unit) DO UPDATE SET last_number = excluded.last_number",
        params![trial.0, report.unit.0, number],
    )?;
    let failed = StoreError::statement("store the report");
    memory.series.write(db, trial, &report.samples).map_err(&failed)?;
    write_latency(db, trial, report.entity, report.at_ms, &report.latency).map_err(&failed)?;
    memory.log.write(db, trial, &report.log).map_err(&failed)?;
    let divergence = memory.comparisons.write(db, report).map_err(&failed)?;
    Ok(ReportOutcome { stored: true, divergence })
}

fn write_summary(db: &Connection, summary: &TrialSummary) -> Result<(), StoreError> {
    let verdict = summary.verdict.as_ref().map(json).transpose()?;
    execute(
        db,
        "store the trial's state",
        "UPDATE trial SET started_ms = ?2, ended_ms = ?3, state = ?4, failure = ?5, verdict_json = ?6 WHERE id = ?1",
        params![
            summary.id.0,
            summary.started_ms,
            summary.ended_ms,
            state::word(&summary.state),
            state::failure(&summary.state),
            verdict
        ],
    )
}

fn write_edit(db: &Connection, trial: TrialId, edit: &TrialEdit) -> Result<(), StoreError> {
    execute(
        db,
        "store what was changed of the trial",
        "UPDATE trial SET name = COALESCE(?2, name), note = COALESCE(?3, note), pinned = COALESCE(?4, pinned)
         WHERE id = ?1",
        params![trial.0, edit.name, edit.note, edit.pinned],
    )
}

fn write_phase(db: &Connection, trial: TrialId, phase: &Phase) -> Result<(), StoreError> {
    let place = state::phase_place(phase.name);
    execute(
        db,
        "store a launch phase",
        "INSERT OR REPLACE INTO phase (trial, place, name, started_ms, ended_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![trial.0, place, phase.name.label(), phase.started_ms, phase.ended_ms],
    )
}

fn write_unit(db: &Connection, trial: TrialId, status: &UnitStatus) -> Result<(), StoreError> {
    let (role, health) = (json(&status.role)?, json(&status.health)?);
    execute(
        db,
        "store a unit's state",
        "INSERT OR REPLACE INTO unit (trial, unit, role_json, health_json, applied_version) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![trial.0, status.unit.0, role, health, column(status.applied_version)],
    )
}

fn write_patch(db: &Connection, trial: TrialId, patch: &Patch) -> Result<(), StoreError> {
    let items = json(&patch.items)?;
    execute(
        db,
        "store the update",
        "INSERT INTO patch (trial, version, at_ms, items_json) VALUES (?1, ?2, ?3, ?4)",
        params![trial.0, column(patch.version), patch.at_ms, items],
    )
}

pub(crate) fn execute(
    db: &Connection,
    action: &'static str,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<(), StoreError> {
    db.prepare_cached(sql)
        .and_then(|mut statement| statement.execute(values))
        .map(drop)
        .map_err(StoreError::statement(action))
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Statement { action: "write a value as JSON", reason: error.to_string() })
}

pub(crate) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
