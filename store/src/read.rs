//! Reading trials.

use crate::error::StoreError;
use crate::record::TokenHash;
use crate::state;
use model::config::ConfigTree;
use model::hosts::HostStatus;
use model::ids::{TrialId, UnitId};
use model::patch::Patch;
use model::testbed::{Engine, TestbedName};
use model::trial::{LogLine, PatchRecord, Phase, PhaseName, TrialDetail, TrialSummary};
use model::unit::UnitStatus;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

/// How many log lines a trial's detail has.
const DETAIL_LOG_LINES: i64 = 500;

const SUMMARY: &str = "SELECT id, name, protocol, replicas, created_ms, started_ms, ended_ms, state, failure,
    verdict_json, config_json, environment_json, protocol_text, schedule_json, note, pinned, figures_json, testbed,
    engine FROM trial";

/// A row of the table of trials, before its JSON and words are read.
struct TrialRow {
    summary: TrialSummary,
    state: String,
    failure: Option<String>,
    verdict: Option<String>,
    config: String,
    environment: String,
    protocol_text: Option<String>,
    schedule: Option<String>,
    figures: Option<String>,
    testbed: String,
    engine: String,
}

impl TrialRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            summary: TrialSummary {
                id: TrialId(row.get(0)?),
                name: row.get(1)?,
                protocol: row.get(2)?,
                replicas: row.get(3)?,
                testbed: TestbedName::default(),
                engine: Engine::Native,
                created_ms: row.get(4)?,
                started_ms: row.get(5)?,
                ended_ms: row.get(6)?,
                state: model::trial::TrialState::Interrupted,
                verdict: None,
                note: row.get(14)?,
                pinned: row.get(15)?,
                figures: None,
            },
            state: row.get(7)?,
            failure: row.get(8)?,
            verdict: row.get(9)?,
            config: row.get(10)?,
            environment: row.get(11)?,
            protocol_text: row.get(12)?,
            schedule: row.get(13)?,
            figures: row.get(16)?,
            testbed: row.get(17)?,
            engine: row.get(18)?,
        })
    }

    fn into_summary(mut self) -> Result<(TrialSummary, String, String), StoreError> {
        let id = self.summary.id;
        self.summary.state = state::read(&self.state, self.failure).ok_or_else(|| StoreError::Damaged {
            trial: id.0,
            what: "state",
            reason: format!("{:?} is no state that this version knows", self.state),
        })?;
        let damaged = |what, reason| StoreError::Damaged { trial: id.0, what, reason };
        self.summary.testbed = TestbedName::new(&self.testbed).map_err(|reason| damaged("testbed", reason))?;
        let engine = [Engine::Native, Engine::Bftbrain].into_iter().find(|engine| engine.word() == self.engine);
        self.summary.engine = engine
            .ok_or_else(|| damaged("engine", format!("{:?} is no engine that this version knows", self.engine)))?;
        self.summary.verdict = self.verdict.map(|text| parse(id, "verdict", &text)).transpose()?;
        self.summary.figures = self.figures.map(|text| parse(id, "figures", &text)).transpose()?;
        Ok((self.summary, self.config, self.environment))
    }
}

/// All trials that are shown, newest first.
pub(crate) fn trials(db: &Connection) -> Result<Vec<TrialSummary>, StoreError> {
    summaries(db, "hidden IS NULL", [])
}

/// The trials that were deleted and may come back, newest first.
pub(crate) fn deleted(db: &Connection) -> Result<Vec<TrialSummary>, StoreError> {
    summaries(db, "hidden = 'deleted'", [])
}

fn summaries(db: &Connection, which: &str, values: impl rusqlite::Params) -> Result<Vec<TrialSummary>, StoreError> {
    let rows = rows(db, &format!("{SUMMARY} WHERE {which} ORDER BY id DESC"), values, TrialRow::read)?;
    rows.into_iter().map(|row| row.into_summary().map(|(summary, ..)| summary)).collect()
}

/// The line of one trial that is shown, by its number.
pub(crate) fn summary(db: &Connection, id: TrialId) -> Result<Option<TrialSummary>, StoreError> {
    Ok(summaries(db, "hidden IS NULL AND id = ?1", [id.0])?.pop())
}

/// The line of a trial that is still being imported.
pub(crate) fn imported_summary(db: &Connection, id: TrialId) -> Result<Option<TrialSummary>, StoreError> {
    Ok(summaries(db, "hidden = 'importing' AND id = ?1", [id.0])?.pop())
}

/// The configurations that all shown trials started with.
pub(crate) fn configurations(db: &Connection) -> Result<Vec<(TrialId, ConfigTree)>, StoreError> {
    let sql = "SELECT id, config_json FROM trial WHERE hidden IS NULL ORDER BY id DESC";
    let found = rows(db, sql, [], |row| Ok((TrialId(row.get(0)?), row.get::<_, String>(1)?)))?;
    found.into_iter().map(|(id, config)| Ok((id, parse(id, "configuration", &config)?))).collect()
}

/// Every testbed's name with its description.
pub(crate) fn testbeds(db: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    rows(db, "SELECT name, definition_json FROM testbed ORDER BY name", [], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The trials that wait, in their order.
pub(crate) fn queued(db: &Connection) -> Result<Vec<TrialId>, StoreError> {
    let sql = "SELECT id FROM trial WHERE state = 'queued' ORDER BY queue_place IS NULL, queue_place, id";
    rows(db, sql, [], |row| Ok(TrialId(row.get(0)?)))
}

/// One trial that is shown, by its number.
pub(crate) fn trial(db: &Connection, id: TrialId) -> Result<Option<TrialDetail>, StoreError> {
    let row = db
        .prepare_cached(&format!("{SUMMARY} WHERE id = ?1 AND hidden IS NULL"))
        .and_then(|mut select| select.query_row([id.0], TrialRow::read).optional())
        .map_err(StoreError::statement("read the trial"))?;
    row.map(|row| detail(db, row)).transpose()
}

/// One trial, by the hash of its token.
pub(crate) fn trial_by_token(db: &Connection, token: &TokenHash) -> Result<Option<TrialDetail>, StoreError> {
    let row = db
        .prepare_cached(&format!("{SUMMARY} WHERE token_hash = ?1"))
        .and_then(|mut select| select.query_row([&token[..]], TrialRow::read).optional())
        .map_err(StoreError::statement("read the trial of a token"))?;
    row.map(|row| detail(db, row)).transpose()
}

fn detail(db: &Connection, mut row: TrialRow) -> Result<TrialDetail, StoreError> {
    let (protocol_text, schedule) = (row.protocol_text.take(), row.schedule.take());
    let (summary, config, environment) = row.into_summary()?;
    let id = summary.id;
    Ok(TrialDetail {
        config: parse(id, "configuration", &config)?,
        environment: parse(id, "environment", &environment)?,
        schedule: schedule.map(|text| parse(id, "schedule", &text)).transpose()?.unwrap_or_default(),
        phases: phases(db, id)?,
        patches: patches(db, id)?,
        units: units(db, id)?,
        hosts: hosts(db, id)?,
        log: log(db, id, DETAIL_LOG_LINES)?,
        summary,
        protocol_text,
    })
}

fn phases(db: &Connection, trial: TrialId) -> Result<Vec<Phase>, StoreError> {
    let sql =
        "SELECT place, started_ms, ended_ms FROM phase WHERE trial = ?1 ORDER BY started_ms, place = 5 DESC, place";
    let found = rows(db, sql, [trial.0], |row| Ok((row.get::<_, u32>(0)?, row.get(1)?, row.get(2)?)))?;
    let phases = found.into_iter().filter_map(|(place, started_ms, ended_ms)| {
        let name = PhaseName::ALL.into_iter().find(|name| state::phase_place(*name) == place)?;
        Some(Phase { name, started_ms, ended_ms })
    });
    Ok(phases.collect())
}

fn patches(db: &Connection, trial: TrialId) -> Result<Vec<PatchRecord>, StoreError> {
    let sql = "SELECT version, at_ms, items_json FROM patch WHERE trial = ?1 ORDER BY version";
    let found = rows(db, sql, [trial.0], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    let applied_sql = "SELECT unit, at_ms FROM patch_applied WHERE trial = ?1 AND version = ?2 ORDER BY at_ms, unit";
    found
        .into_iter()
        .map(|(version, at_ms, items)| {
            let applied =
                rows(db, applied_sql, [trial.0, version], |row| Ok((UnitId(row.get::<_, u32>(0)?), row.get(1)?)))?;
            let items = parse(trial, "update", &items)?;
            Ok(PatchRecord { patch: Patch { version: version as u64, at_ms, items }, applied })
        })
        .collect()
}

fn units(db: &Connection, trial: TrialId) -> Result<Vec<UnitStatus>, StoreError> {
    let sql = "SELECT unit, role_json, health_json, applied_version FROM unit WHERE trial = ?1 ORDER BY unit";
    let found = rows(db, sql, [trial.0], |row| {
        Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
    })?;
    found
        .into_iter()
        .map(|(unit, role, health, applied)| {
            Ok(UnitStatus {
                unit: UnitId(unit),
                role: parse(trial, "unit", &role)?,
                health: parse(trial, "unit", &health)?,
                applied_version: applied as u64,
            })
        })
        .collect()
}

fn hosts(db: &Connection, trial: TrialId) -> Result<Vec<HostStatus>, StoreError> {
    let sql = "SELECT status_json FROM trial_host WHERE trial = ?1 ORDER BY place";
    let found = rows(db, sql, [trial.0], |row| row.get::<_, String>(0))?;
    found.iter().map(|status| parse(trial, "host", status)).collect()
}

/// The newest lines of a trial's log, oldest first.
pub(crate) fn log(db: &Connection, trial: TrialId, most: i64) -> Result<Vec<LogLine>, StoreError> {
    let sql = "SELECT at_ms, unit, text FROM log WHERE trial = ?1 ORDER BY id DESC LIMIT ?2";
    let mut lines = rows(db, sql, params![trial.0, most], |row| {
        Ok(LogLine { at_ms: row.get(0)?, unit: UnitId(row.get(1)?), text: row.get(2)? })
    })?;
    lines.reverse();
    Ok(lines)
}

/// All rows of a query.
pub(crate) fn rows<T>(
    db: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    db.prepare_cached(sql)
        .and_then(|mut select| select.query_map(values, read)?.collect())
        .map_err(StoreError::statement("read the trials"))
}

fn parse<T: DeserializeOwned>(trial: TrialId, what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged { trial: trial.0, what, reason: error.to_string() })
}
