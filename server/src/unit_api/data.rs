//! `PUT /w/<token>/data`: one measurement of a unit of the public framework. The busiest route: it is short.

use super::caller::{Caller, number, shorten, text, unavailable};
use super::measure::measure;
use crate::http::{pairs, refuse};
use crate::service::Service;
use crate::trials::{MAX_CLIENT_UNITS, Numbered, Session};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use model::ids::UnitId;
use model::metric::{self, is_shown};
use model::series::LivePoint;
use model::trial::LogLine;
use std::sync::Arc;
use store::{Record, Sample, SampleValue};

/// The last second that is taken for a time: the year 2100.
const LAST_SECOND: u64 = 4_102_444_800;
/// How far a unit's clock may be from ours for its measurement to count as of now, ms.
const SAME_CLOCK_MS: u64 = 5_000;

/// Stores a measurement and answers when it is durable, or when it waits for the word that says whose it is.
pub(super) async fn data(State(service): State<Service>, caller: Caller, body: Bytes) -> Response {
    let Caller(session) = caller;
    let samples = match read(&session, &body, service.clock.now_ms()) {
        Ok(samples) => samples,
        Err(sentence) => return refuse(StatusCode::BAD_REQUEST, sentence),
    };
    let Numbered { samples, odd_client } = session.number(samples);
    if let Some(client) = odd_client {
        note_odd_client(&service, &session, client).await;
    }
    if samples.is_empty() {
        return StatusCode::OK.into_response();
    }
    let points = points(&samples);
    if let Err(error) = service.trials.store().write(vec![Record::Samples(session.id, samples)]).await {
        return unavailable(&error);
    }
    service.hub.add_points(session.id, points, None);
    StatusCode::OK.into_response()
}

/// Faults name replicas by the framework's numbers, so that a person has to know where these are not the page's.
async fn note_odd_client(service: &Service, session: &Arc<Session>, client: u32) {
    let at_ms = service.clock.now_ms();
    let text = format!(
        "BFTBrain gave its client the number {client}: in the lists of faults, the page's replicas from {client} on count \
         one higher"
    );
    let line = LogLine { at_ms, unit: UnitId(0), text };
    service.trials.note(session, move |progress| progress.logged(line)).await;
}

/// The numbers among samples that the pages show.
pub(super) fn points(samples: &[Sample]) -> Vec<LivePoint> {
    let number = |sample: &Sample| match sample.value {
        SampleValue::Number(value) if value.is_finite() && is_shown(&sample.metric) => {
            Some(LivePoint { metric: sample.metric.clone(), entity: sample.entity, at_ms: sample.at_ms, value })
        }
        _ => None,
    };
    samples.iter().filter_map(number).collect()
}

fn read(session: &Session, body: &[u8], now_ms: i64) -> Result<Vec<Sample>, String> {
    let form = pairs(body);
    let name = text(&form, "metrics_name")?;
    metric::check_name(name).map_err(|problem| format!("the field metrics_name {problem}"))?;
    let last_entity = u64::from(session.replicas + MAX_CLIENT_UNITS - 1);
    let entity = number(&form, "id", last_entity)? as u32;
    let value = text(&form, "value")?;
    let second_ms = number(&form, "timestamp", LAST_SECOND)? as i64 * 1000;
    // The sender's clock counts whole seconds; ours is finer where the two agree.
    let at_ms = if second_ms.abs_diff(now_ms) <= SAME_CLOCK_MS { now_ms } else { second_ms };
    let samples: Vec<Sample> =
        measure(name, value).into_iter().map(|(metric, value)| Sample { entity, metric, at_ms, value }).collect();
    match samples.iter().find(|sample| !session.admits_metric(&sample.metric)) {
        Some(sample) => Err(format!(
            "the field metrics_name {:?} is one too many: the trial has as many metrics as fit",
            shorten(&sample.metric)
        )),
        None => Ok(samples),
    }
}
