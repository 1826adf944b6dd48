//! `PUT /w/<token>/report`: everything a native unit measured in an interval, in one batch.

use super::caller::{Caller, plausible_time, shorten, unavailable};
use super::data::points;
use crate::http::refuse;
use crate::service::Service;
use crate::trials::Session;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use model::event::LiveEvent;
use model::ids::TrialId;
use model::latency::LatencyReport;
use model::metric;
use model::report::Report;
use model::trial::LogLine;
use std::sync::Arc;
use store::{ReportOutcome, Sample, SampleValue, StoreError, UnitReport};

const MAX_SAMPLES: usize = 500;
const MAX_BUCKETS: usize = 10_000;
const MAX_HISTORY: usize = 10_000;
const MAX_HASH: usize = 128;
const MAX_LINES: usize = 100;
/// The longest line of a log, characters.
pub(super) const MAX_LINE: usize = 2_000;

/// Stores a report and answers when it is durable.
pub(super) async fn report(State(service): State<Service>, caller: Caller, body: Bytes) -> Response {
    let Caller(session) = caller;
    let report = match serde_json::from_slice::<Report>(&body) {
        Ok(report) => report,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, format!("the body is not a report: {error}")),
    };
    if let Err(sentence) = check(&session, &report) {
        return refuse(StatusCode::BAD_REQUEST, sentence);
    }
    // A report that has been read is dealt with to its end, also when its unit hangs up.
    match tokio::spawn(take(service, session, report)).await {
        Ok(Ok(())) => StatusCode::OK.into_response(),
        Ok(Err(error)) => unavailable(&error),
        Err(_) => unavailable(&StoreError::Closed),
    }
}

async fn take(service: Service, session: Arc<Session>, report: Report) -> Result<(), StoreError> {
    let now_ms = service.clock.now_ms();
    let (unit, version) = (report.unit, report.applied_version);
    let record = record(session.id, session.replicas, report, now_ms);
    let answered = record.latency.iter().any(|(_, count)| *count > 0);
    let (points, lines) = (points(&record.samples), record.log.clone());
    let latencies = LatencyReport::of(record.entity, record.at_ms, &record.latency);
    let ReportOutcome { stored, divergence } = service.trials.store().write_report(record).await?;
    if !stored {
        return Ok(());
    }
    service.hub.add_points(session.id, points, latencies);
    if !lines.is_empty() {
        service.trials.tell(&LiveEvent::Log { trial: session.id, lines });
    }
    if session.read(|progress| progress.is_news(unit, version)) {
        service.trials.note(&session, move |progress| progress.heard(unit, version, now_ms)).await;
    }
    if let Some(divergence) = divergence {
        service.trials.note(&session, move |progress| progress.diverged(divergence)).await;
    }
    if session.read(|progress| progress.awaits_verdict(answered, now_ms)) {
        service.trials.note(&session, move |progress| progress.reported(answered, now_ms)).await;
    }
    Ok(())
}

/// A report as it is stored, of a trial with this number of replicas.
pub(crate) fn record(trial: TrialId, replicas: u32, report: Report, now_ms: i64) -> UnitReport {
    let at_ms = plausible_time(report.at_ms, now_ms);
    let entity = report.unit.0 - 1;
    let samples = report.samples.into_iter().map(|sample| Sample {
        entity,
        metric: sample.metric,
        at_ms,
        value: SampleValue::Number(sample.value),
    });
    let log = report.log.into_iter().map(|text| LogLine {
        at_ms,
        unit: report.unit,
        text: text.chars().take(MAX_LINE).collect(),
    });
    UnitReport {
        trial,
        unit: report.unit,
        number: report.number,
        at_ms,
        entity,
        samples: samples.collect(),
        latency: report.latency_micros,
        history: report.history,
        // Clients have no state.
        states: if entity < replicas { report.states } else { Vec::new() },
        log: log.collect(),
    }
}

fn check(session: &Session, report: &Report) -> Result<(), String> {
    let at_most = |field: &str, found: usize, most: usize| {
        if found <= most { Ok(()) } else { Err(format!("the field {field} has {found} entries; at most {most} fit")) }
    };
    if report.unit.0 == 0 || !session.has_unit(report.unit) {
        return Err(format!("the field unit is {}; the trial has no such replica or client", report.unit));
    }
    at_most("samples", report.samples.len(), MAX_SAMPLES)?;
    at_most("latency_micros", report.latency_micros.len(), MAX_BUCKETS)?;
    at_most("history", report.history.len(), MAX_HISTORY)?;
    at_most("states", report.states.len(), MAX_HISTORY)?;
    at_most("log", report.log.len(), MAX_LINES)?;
    let numbers = [("number", report.number), ("applied_version", report.applied_version)].into_iter();
    let points = || {
        let histories = report.history.iter().map(|point| ("history", point));
        histories.chain(report.states.iter().map(|point| ("states", point)))
    };
    let sequences = points().map(|(field, point)| (field, point.sequence));
    if let Some((field, number)) = numbers.chain(sequences).find(|(_, number)| *number > i64::MAX as u64) {
        return Err(format!("the field {field} has the number {number}, which is too large"));
    }
    if let Some((field, point)) = points().find(|(_, point)| {
        point.hash.is_empty() || point.hash.len() > MAX_HASH || !point.hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    }) {
        return Err(format!("the field {field} has the hash {:?}, which is not hexadecimal", shorten(&point.hash)));
    }
    for sample in &report.samples {
        metric::check_name(&sample.metric)
            .map_err(|problem| format!("the field samples: a metric's name {problem}"))?;
        if !session.admits_metric(&sample.metric) {
            return Err(format!("the field samples: the metric {:?} is one too many", shorten(&sample.metric)));
        }
    }
    Ok(())
}
