//! A whole trial as a file: one JSON object a line, so that a file of any length is written and read piece by piece. The
//! first line of each trial is its head, the last one says how many lines lie between; several trials may follow one
//! another. Nothing in a file is trusted: [`TrialHead::checked`] and [`TrialLine::check`] say what is wrong.

use crate::ids::{TrialId, UnitId};
use crate::metric;
use crate::report::{HistoryPoint, SparseHistogram};
use crate::schedule::MAX_ENTRIES;
use crate::trial::{PhaseName, TrialDetail, TrialState, check_name, check_note};
use crate::unit::{UnitHealth, UnitRole};
use crate::verdict::Compared;
use serde::{Deserialize, Serialize};

/// What the first line says that the file is.
pub const FORMAT: &str = "bftgym-trial";
/// The version that is written, and the newest that is read.
pub const VERSION: u32 = 1;
/// The most points or votes in one line.
pub const MAX_POINTS_IN_LINE: usize = 5_000;

/// The most replicas of a trial.
const MAX_REPLICAS: u32 = 128;
/// The most client units of a trial.
const MAX_CLIENTS: u32 = 64;
/// The most Updates of a trial, and the most keys of one or of a configuration.
const MAX_CHANGES: usize = 5_000;
const MAX_LOG_LINES: usize = 2_000;
const MAX_TEXT: usize = 10_000;
const MAX_FACTS: usize = 100;
const MAX_BUCKETS: usize = 10_000;
const MAX_HASH: usize = 128;
/// The largest protocol file, bytes.
const MAX_PROTOCOL_BYTES: usize = 1 << 20;
/// The end of the year 9999: times lie between 0 and this, milliseconds since the epoch.
const LATEST_MS: i64 = 253_402_300_799_999;

/// The first line of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialHead {
    /// Always [`FORMAT`].
    pub format: String,
    /// The version of the format.
    pub version: u32,
    /// The version of BFTGym that wrote it.
    pub written_by: String,
    /// Everything but the samples.
    pub trial: TrialDetail,
}

/// Any line of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialLine {
    /// A trial begins.
    Head(Box<TrialHead>),
    /// Numbers of one series.
    Numbers {
        /// One of [`crate::metric`]'s names, or any other.
        metric: String,
        /// Whose: the replica's number, or n + i for client i.
        entity: u32,
        /// (milliseconds since the epoch, value).
        points: Vec<(i64, f64)>,
    },
    /// A value that is no number.
    Text {
        /// Which metric.
        metric: String,
        /// Whose.
        entity: u32,
        /// Milliseconds since the epoch.
        at_ms: i64,
        /// The value as it was reported.
        text: String,
    },
    /// The latencies of one interval.
    Latency {
        /// Whose.
        entity: u32,
        /// The interval's end, milliseconds since the epoch.
        at_ms: i64,
        /// (upper bound in µs, count).
        histogram: SparseHistogram,
    },
    /// What one unit said of its history, or its state.
    Votes {
        /// Of what.
        what: Compared,
        /// Whose.
        entity: u32,
        /// What it said.
        points: Vec<HistoryPoint>,
    },
    /// The trial is complete.
    End {
        /// How many lines lie between the head and this one.
        lines: u64,
    },
}

impl TrialHead {
    /// The first line of a trial's file.
    pub fn of(trial: TrialDetail, written_by: &str) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, written_by: written_by.to_owned(), trial }
    }

    /// The trial as it may be stored: without a number, not running, and with a line about where it comes from.
    ///
    /// # Errors
    /// A sentence that names the field and what fits there.
    pub fn checked(self) -> Result<TrialDetail, String> {
        if self.format != FORMAT {
            return Err(format!(
                "the field format is {:?}, not {FORMAT:?}: this is no exported trial",
                cut(&self.format)
            ));
        }
        if !(1..=VERSION).contains(&self.version) {
            let (found, known) = (self.version, VERSION);
            return Err(format!("the field version is {found}, and this BFTGym reads up to {known}: use a newer one"));
        }
        let mut trial = self.trial;
        let summary = &mut trial.summary;
        summary.id = TrialId(0);
        summary.name = check_name(&summary.name).map_err(|problem| format!("the field name: {problem}"))?;
        summary.note = check_note(&summary.note).map_err(|problem| format!("the field note: {problem}"))?;
        check_name(&summary.protocol).map_err(|_| "the field protocol has no name that fits".to_owned())?;
        if !(1..=MAX_REPLICAS).contains(&summary.replicas) {
            return Err(format!("the field replicas is {}; 1 to {MAX_REPLICAS} fit", summary.replicas));
        }
        if let TrialState::Failed { reason } = &summary.state {
            text("state", reason)?;
        }
        if !summary.state.is_over() {
            summary.state = TrialState::Interrupted;
        }
        summary.pinned = false;
        summary.figures = None;
        time("created_ms", summary.created_ms)?;
        let ends = [("started_ms", summary.started_ms), ("ended_ms", summary.ended_ms)];
        ends.into_iter().try_for_each(|(field, at_ms)| at_ms.map_or(Ok(()), |at_ms| time(field, at_ms)))?;
        let replicas = summary.replicas;
        check_units(&mut trial, replicas)?;
        check_rest(&trial, replicas)?;
        trial.environment.push(("Imported".to_owned(), format!("written by BFTGym {}", cut(&self.written_by))));
        Ok(trial)
    }
}

fn check_units(trial: &mut TrialDetail, replicas: u32) -> Result<(), String> {
    at_most("units", trial.units.len(), (1 + MAX_REPLICAS + MAX_CLIENTS) as usize)?;
    for (index, unit) in trial.units.iter_mut().enumerate() {
        if trial_unit(unit.unit, replicas).is_err() || unit.role != UnitRole::of(unit.unit, replicas) {
            return Err(format!("the field units: number {index} is no unit of a trial with {replicas} replicas"));
        }
        match &unit.health {
            UnitHealth::Died { reason, at_ms } => {
                text("units", reason)?;
                at_ms.map_or(Ok(()), |at_ms| time("units", at_ms))?;
            }
            _ => unit.health = UnitHealth::Stopped,
        }
    }
    let mut numbers: Vec<_> = trial.units.iter().map(|unit| unit.unit).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() != trial.units.len() {
        return Err("the field units names a unit twice".to_owned());
    }
    Ok(())
}

fn check_rest(trial: &TrialDetail, replicas: u32) -> Result<(), String> {
    let keys = trial.config.flatten();
    at_most("config", keys.len(), MAX_CHANGES)?;
    keys.iter().try_for_each(|(key, value)| {
        text("config", key)?;
        text("config", &value.to_string())
    })?;
    at_most("phases", trial.phases.len(), PhaseName::ALL.len())?;
    for phase in &trial.phases {
        time("phases", phase.started_ms)?;
        phase.ended_ms.map_or(Ok(()), |at_ms| time("phases", at_ms))?;
    }
    at_most("patches", trial.patches.len(), MAX_CHANGES)?;
    let mut versions = Vec::new();
    for record in &trial.patches {
        time("patches", record.patch.at_ms)?;
        at_most("patches", record.patch.items.len(), MAX_CHANGES)?;
        for item in &record.patch.items {
            text("patches", &item.key)?;
            text("patches", &item.kind)?;
            text("patches", &item.value.to_string())?;
        }
        at_most("patches", record.applied.len(), trial.units.len())?;
        record.applied.iter().try_for_each(|(unit, at_ms)| {
            trial_unit(*unit, replicas)?;
            time("patches", *at_ms)
        })?;
        versions.push(record.patch.version);
    }
    if versions.windows(2).any(|pair| pair[0] >= pair[1]) || versions.last().is_some_and(|last| *last > i64::MAX as u64)
    {
        return Err("the field patches: the versions do not count up".to_owned());
    }
    at_most("log", trial.log.len(), MAX_LOG_LINES)?;
    for line in &trial.log {
        time("log", line.at_ms)?;
        trial_unit(line.unit, replicas)?;
        text("log", &line.text)?;
    }
    at_most("environment", trial.environment.len(), MAX_FACTS)?;
    trial.environment.iter().try_for_each(|(name, value)| {
        text("environment", name)?;
        text("environment", value)
    })?;
    if let Some(protocol) = &trial.protocol_text
        && protocol.len() > MAX_PROTOCOL_BYTES
    {
        return Err(format!("the field protocol_text has {} bytes; at most {MAX_PROTOCOL_BYTES} fit", protocol.len()));
    }
    at_most("schedule", trial.schedule.len(), MAX_ENTRIES)?;
    trial.schedule.iter().flat_map(|entry| &entry.changes).try_for_each(|change| {
        text("schedule", &change.key)?;
        text("schedule", &change.text)
    })
}

impl TrialLine {
    /// Whether a line between head and end may be stored for a trial with this number of replicas.
    ///
    /// # Errors
    /// A sentence that names the field and what fits there.
    pub fn check(&self, replicas: u32) -> Result<(), String> {
        match self {
            Self::Numbers { metric, entity, points } => {
                series(metric, *entity, replicas)?;
                at_most("points", points.len(), MAX_POINTS_IN_LINE)?;
                points.iter().try_for_each(|(at_ms, value)| {
                    time("points", *at_ms)?;
                    if value.is_finite() { Ok(()) } else { Err("the field points has what is no number".to_owned()) }
                })
            }
            Self::Text { metric, entity, at_ms, text: value } => {
                series(metric, *entity, replicas)?;
                time("at_ms", *at_ms)?;
                text("text", value)
            }
            Self::Latency { entity, at_ms, histogram } => {
                entity_of(*entity, replicas)?;
                time("at_ms", *at_ms)?;
                at_most("histogram", histogram.len(), MAX_BUCKETS)
            }
            Self::Votes { entity, points, .. } => {
                entity_of(*entity, replicas)?;
                at_most("points", points.len(), MAX_POINTS_IN_LINE)?;
                let fits = |point: &HistoryPoint| {
                    point.sequence <= i64::MAX as u64
                        && (1..=MAX_HASH).contains(&point.hash.len())
                        && point.hash.bytes().all(|byte| byte.is_ascii_hexdigit())
                };
                match points.iter().find(|point| !fits(point)) {
                    Some(point) => Err(format!("the field points: {:?} is no hexadecimal hash", cut(&point.hash))),
                    None => Ok(()),
                }
            }
            Self::Head(_) | Self::End { .. } => Ok(()),
        }
    }
}

fn series(name: &str, entity: u32, replicas: u32) -> Result<(), String> {
    metric::check_name(name).map_err(|problem| format!("the field metric {problem}"))?;
    entity_of(entity, replicas)
}

fn entity_of(entity: u32, replicas: u32) -> Result<(), String> {
    let most = replicas + MAX_CLIENTS - 1;
    if entity <= most { Ok(()) } else { Err(format!("the field entity is {entity}; at most {most} fits")) }
}

fn trial_unit(unit: UnitId, replicas: u32) -> Result<(), String> {
    let most = replicas + MAX_CLIENTS;
    if unit.0 <= most { Ok(()) } else { Err(format!("there is no unit {unit}; at most {most} fits")) }
}

fn time(field: &str, at_ms: i64) -> Result<(), String> {
    if (0..=LATEST_MS).contains(&at_ms) {
        Ok(())
    } else {
        Err(format!("the field {field} has the time {at_ms}; milliseconds from 1970 to 9999 fit"))
    }
}

fn text(field: &str, text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length <= MAX_TEXT {
        Ok(())
    } else {
        Err(format!("the field {field} has a text of {length} characters; at most {MAX_TEXT} fit"))
    }
}

fn at_most(field: &str, found: usize, most: usize) -> Result<(), String> {
    if found <= most { Ok(()) } else { Err(format!("the field {field} has {found} entries; at most {most} fit")) }
}

fn cut(text: &str) -> String {
    text.chars().filter(|each| !each.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigTree;
    use crate::figures::TrialFigures;
    use crate::testbed::{Engine, TestbedName};
    use crate::trial::TrialSummary;
    use crate::unit::UnitStatus;

    fn head() -> TrialHead {
        let summary = TrialSummary {
            id: TrialId(7),
            name: "a".into(),
            protocol: "pbft".into(),
            replicas: 4,
            testbed: TestbedName::default(),
            engine: Engine::default(),
            created_ms: 1,
            started_ms: Some(2),
            ended_ms: None,
            state: TrialState::Running,
            verdict: None,
            note: "n".into(),
            pinned: true,
            figures: Some(TrialFigures::default()),
        };
        let unit = |unit| UnitStatus {
            unit: UnitId(unit),
            role: UnitRole::of(UnitId(unit), 4),
            health: UnitHealth::Up,
            applied_version: 0,
        };
        let trial = TrialDetail {
            summary,
            config: ConfigTree::new(),
            phases: vec![],
            patches: vec![],
            units: (0..6).map(unit).collect(),
            hosts: vec![],
            log: vec![],
            environment: vec![],
            protocol_text: None,
            schedule: vec![],
        };
        TrialHead::of(trial, "0.1.0")
    }

    #[test]
    fn an_imported_trial_does_not_run_and_says_where_it_comes_from() {
        let trial = head().checked().unwrap();
        assert_eq!((trial.summary.id, &trial.summary.state), (TrialId(0), &TrialState::Interrupted));
        assert_eq!((trial.summary.pinned, trial.summary.figures, trial.summary.note.as_str()), (false, None, "n"));
        assert!(trial.units.iter().all(|unit| unit.health == UnitHealth::Stopped));
        assert_eq!(trial.environment[0], ("Imported".into(), "written by BFTGym 0.1.0".into()));
    }

    #[test]
    fn what_does_not_fit_in_a_head_is_named() {
        let wrong = |spoil: fn(&mut TrialHead)| {
            let mut head = head();
            spoil(&mut head);
            head.checked().unwrap_err()
        };
        assert!(wrong(|head| head.format = "other".into()).contains("no exported trial"));
        assert!(wrong(|head| head.version = 2).contains("use a newer one"));
        assert!(wrong(|head| head.trial.summary.name = "\u{7}".into()).contains("field name"));
        assert!(wrong(|head| head.trial.summary.replicas = 1_000).contains("1 to 128"));
        assert!(wrong(|head| head.trial.summary.created_ms = i64::MIN).contains("created_ms"));
        assert!(wrong(|head| head.trial.units[3].unit = UnitId(5)).contains("no unit"));
        assert!(wrong(|head| head.trial.units[3] = head.trial.units[2].clone()).contains("twice"));
        assert!(wrong(|head| head.trial.protocol_text = Some("x".repeat(2 << 20))).contains("protocol_text"));
        assert!(wrong(|head| head.trial.environment = vec![("a".into(), "b".repeat(20_000))]).contains("environment"));
    }

    #[test]
    fn what_does_not_fit_in_a_line_is_named() {
        let numbers =
            |metric: &str, entity, point| TrialLine::Numbers { metric: metric.into(), entity, points: vec![point] };
        assert_eq!(numbers("view", 67, (5, 1.0)).check(4), Ok(()));
        assert!(numbers("view", 68, (5, 1.0)).check(4).unwrap_err().contains("entity is 68"));
        assert!(numbers("", 0, (5, 1.0)).check(4).unwrap_err().contains("metric is empty"));
        assert!(numbers("view", 0, (-1, 1.0)).check(4).unwrap_err().contains("time -1"));
        let votes = |hash: &str| TrialLine::Votes {
            what: Compared::State,
            entity: 0,
            points: vec![HistoryPoint { sequence: 1, hash: hash.into() }],
        };
        assert_eq!(votes("aa").check(4), Ok(()));
        assert!(votes("no hash").check(4).unwrap_err().contains("hexadecimal"));
    }

    #[test]
    fn a_line_reads_back_as_it_was_written() {
        for line in [
            TrialLine::Head(Box::new(head())),
            TrialLine::Numbers { metric: "view".into(), entity: 1, points: vec![(1, 2.0), (3, 0.25)] },
            TrialLine::Latency { entity: 4, at_ms: 9, histogram: vec![(100, 2)] },
            TrialLine::End { lines: 2 },
        ] {
            let text = serde_json::to_string(&line).unwrap();
            assert_eq!(serde_json::from_str::<TrialLine>(&text).unwrap(), line, "{text}");
        }
    }
}
