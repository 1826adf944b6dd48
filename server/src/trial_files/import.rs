//! `POST /trials/import`: exported trials, taken line by line. Nothing of a file is seen before all of it is there and
//! right; what was stored of a file that turns out to be wrong is removed again.

use super::routes::MAX_TRIALS;
use crate::http::{pairs, refuse};
use crate::service::Service;
use crate::trials::random_hex;
use axum::Json;
use axum::body::{Body, BodyDataStream};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use model::ids::TrialId;
use model::trial::Verdict;
use model::trial_file::TrialLine;
use model::verdict::{Comparison, Voter};
use serde::Serialize;
use std::collections::HashSet;
use store::{Hidden, LatencyInterval, NewTrial, Record, Sample, SampleValue, StoreError};

/// The largest file that is taken, bytes.
pub const IMPORT_LIMIT: u64 = 512 << 20;
/// The longest line, bytes: a head with a large protocol file, or thousands of points.
const LINE_LIMIT: usize = 8 << 20;
/// How many series a trial has at most.
const MAX_SERIES: usize = 40_000;

/// What became of a file.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answer {
    Imported { trials: Vec<TrialId> },
    Refused { error: String },
}

/// Takes a file. A program is refused with a status; the page asks with `?page=1` for refusals that are answers, since
/// browsers write failed requests into their console.
pub(super) async fn import(State(service): State<Service>, RawQuery(query): RawQuery, body: Body) -> Response {
    let from_page = pairs(query.unwrap_or_default().as_bytes()).iter().any(|(key, _)| key == "page");
    let mut importer = Importer { service: &service, current: None, imported: Vec::new(), line: 0 };
    let mut chunks = body.into_data_stream();
    match importer.read(&mut chunks).await {
        Ok(()) => Json(Answer::Imported { trials: importer.imported }).into_response(),
        Err(error) => {
            importer.undo().await;
            drop_rest(&mut chunks).await;
            let sentence = format!("{error}; nothing was imported");
            if from_page {
                return Json(Answer::Refused { error: sentence }).into_response();
            }
            refuse(error.status(), sentence)
        }
    }
}

/// Reads what is left of a refused file, up to what fits. A browser that is still sending does not see an answer, and takes
/// the end of its connection for a failure.
async fn drop_rest(chunks: &mut BodyDataStream) {
    let mut rest = IMPORT_LIMIT;
    while let Some(Ok(chunk)) = chunks.next().await {
        match rest.checked_sub(chunk.len() as u64) {
            Some(left) => rest = left,
            None => return,
        }
    }
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error("the file could not be read to its end: {0}")]
    Broken(axum::Error),
    #[error("the file is larger than the {} MiB that fit", IMPORT_LIMIT >> 20)]
    TooLarge,
    #[error("line {line}: {problem}")]
    Line { line: u64, problem: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Randomness(crate::error::ServerError),
}

impl ImportError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Broken(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Line { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store(_) | Self::Randomness(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A trial whose lines are being read.
struct Current {
    id: TrialId,
    replicas: u32,
    verdict: Option<Verdict>,
    comparison: Comparison,
    series: HashSet<(String, u32)>,
    lines: u64,
}

struct Importer<'a> {
    service: &'a Service,
    current: Option<Current>,
    imported: Vec<TrialId>,
    /// The line that is being read, from 1.
    line: u64,
}

impl Importer<'_> {
    async fn read(&mut self, chunks: &mut BodyDataStream) -> Result<(), ImportError> {
        let mut rest: Vec<u8> = Vec::new();
        let mut total = 0_u64;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(ImportError::Broken)?;
            total += chunk.len() as u64;
            if total > IMPORT_LIMIT {
                return Err(ImportError::TooLarge);
            }
            let mut parts = chunk.split(|byte| *byte == b'\n');
            // There is a part before the first line break, or without any.
            rest.extend_from_slice(parts.next().unwrap_or_default());
            for part in parts {
                self.take(&std::mem::take(&mut rest)).await?;
                rest.extend_from_slice(part);
            }
            if rest.len() > LINE_LIMIT {
                self.line += 1;
                return Err(self.wrong(format!("the line is longer than the {} MiB that fit", LINE_LIMIT >> 20)));
            }
        }
        self.take(&rest).await?;
        if self.current.is_some() {
            return Err(self.wrong("the file ends in the middle of a trial: export it again".to_owned()));
        }
        if self.imported.is_empty() {
            return Err(self.wrong("there is no trial in this file".to_owned()));
        }
        self.show().await
    }

    fn wrong(&self, problem: String) -> ImportError {
        ImportError::Line { line: self.line, problem }
    }

    async fn take(&mut self, line: &[u8]) -> Result<(), ImportError> {
        self.line += 1;
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let line: TrialLine = serde_json::from_slice(line)
            .map_err(|error| self.wrong(format!("this is no line of an exported trial: {error}")))?;
        match (line, self.current.take()) {
            (TrialLine::Head(head), None) => {
                if self.imported.len() == MAX_TRIALS {
                    return Err(self.wrong(format!("there are more than the {MAX_TRIALS} trials that fit")));
                }
                let trial = head.checked().map_err(|problem| self.wrong(problem))?;
                self.current = Some(self.begin(trial).await?);
                Ok(())
            }
            (TrialLine::Head(_), Some(_)) => {
                Err(self.wrong("a trial begins before the one before it has ended".to_owned()))
            }
            (_, None) => Err(self.wrong("a trial's first line is missing: export it again".to_owned())),
            (TrialLine::End { lines }, Some(current)) => {
                if lines != current.lines {
                    let found = current.lines;
                    return Err(self.wrong(format!("the trial should have {lines} lines and has {found}")));
                }
                self.end(current).await
            }
            (line, Some(mut current)) => {
                line.check(current.replicas).map_err(|problem| self.wrong(problem))?;
                current.lines += 1;
                if let TrialLine::Numbers { metric, entity, .. } | TrialLine::Text { metric, entity, .. } = &line {
                    current.series.insert((metric.clone(), *entity));
                    if current.series.len() > MAX_SERIES {
                        return Err(self.wrong(format!("the trial has more than the {MAX_SERIES} series that fit")));
                    }
                }
                let record = current.record(line);
                self.current = Some(current);
                self.service.trials.store().write(record.into_iter().collect()).await?;
                Ok(())
            }
        }
    }

    async fn begin(&mut self, trial: model::trial::TrialDetail) -> Result<Current, ImportError> {
        let store = self.service.trials.store();
        // Nobody has the token of this hash: no unit ever calls.
        let token = random_hex::<32>().map_err(ImportError::Randomness)?;
        let new = NewTrial {
            summary: trial.summary.clone(),
            token_hash: *blake3::hash(token.as_bytes()).as_bytes(),
            config: trial.config,
            environment: trial.environment,
            units: trial.units,
            protocol_text: trial.protocol_text,
            schedule: trial.schedule,
            sweep: None,
        };
        let id = store.create_import(new).await?;
        self.imported.push(id);
        let mut records = vec![Record::Log(id, trial.log)];
        records.extend(trial.phases.into_iter().map(|phase| Record::Phase(id, phase)));
        for record in trial.patches {
            let version = record.patch.version;
            records.push(Record::Patch(id, record.patch));
            let applied = record.applied.into_iter();
            records.extend(applied.map(|(unit, at_ms)| Record::Applied { trial: id, unit, version, at_ms }));
        }
        store.write(records).await?;
        Ok(Current {
            id,
            replicas: trial.summary.replicas,
            verdict: trial.summary.verdict,
            comparison: Comparison::new(),
            series: HashSet::new(),
            lines: 0,
        })
    }

    /// A trial is complete. Its verdict is what the histories in the file say, whatever its head claims.
    async fn end(&mut self, current: Current) -> Result<(), ImportError> {
        let store = self.service.trials.store();
        let mut records = Vec::new();
        if let Some(divergence) = current.comparison.divergence()
            && !matches!(current.verdict, Some(Verdict::Diverged(_)))
            && let Some(mut summary) = store.imported_summary(current.id).await?
        {
            summary.verdict = Some(Verdict::Diverged(divergence.clone()));
            records.push(Record::Summary(summary));
        }
        if let Some(figures) = store.work_out_figures(current.id).await? {
            records.push(Record::Figures(current.id, figures));
        }
        Ok(store.write(records).await?)
    }

    /// All trials of the file are seen from now on.
    async fn show(&self) -> Result<(), ImportError> {
        let records = self.imported.iter().map(|id| Record::Hidden(*id, None)).collect();
        self.service.trials.store().write(records).await?;
        for id in &self.imported {
            self.service.trials.tell_imported(*id).await;
        }
        Ok(())
    }

    async fn undo(&self) {
        let records = self.imported.iter().map(|id| Record::Hidden(*id, Some(Hidden::Condemned))).collect();
        if let Err(error) = self.service.trials.store().write(records).await {
            tracing::warn!("what was stored of a file that was refused goes with the next start: {error}");
        }
    }
}

impl Current {
    /// What is stored for a line between head and end.
    fn record(&mut self, line: TrialLine) -> Option<Record> {
        let trial = self.id;
        match line {
            TrialLine::Numbers { metric, entity, points } => {
                let sample = |(at_ms, value): (i64, f64)| {
                    let metric = metric.clone();
                    Sample { entity, metric, at_ms, value: SampleValue::Number(value) }
                };
                Some(Record::Samples(trial, points.into_iter().map(sample).collect()))
            }
            TrialLine::Text { metric, entity, at_ms, text } => {
                Some(Record::Samples(trial, vec![Sample { entity, metric, at_ms, value: SampleValue::Text(text) }]))
            }
            TrialLine::Latency { entity, at_ms, histogram } => {
                Some(Record::Latency(trial, LatencyInterval { entity, at_ms, histogram }))
            }
            TrialLine::Votes { what, entity, points } => {
                let voter = Voter::of_entity(entity, self.replicas);
                for point in &points {
                    self.comparison.note_vote(voter, what, point.sequence, &point.hash);
                }
                Some(Record::Votes { trial, entity, what, points })
            }
            TrialLine::Head(_) | TrialLine::End { .. } => None,
        }
    }
}
