//! `GET /w/<token>/watch?unit=N&applied=V`: the native units' long poll. It acknowledges V and answers as soon as there
//! is something newer.

use super::caller::{Caller, number};
use crate::http::{pairs, refuse};
use crate::service::Service;
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::ids::UnitId;
use model::report::WatchAnswer;
use std::time::Duration;

/// How long an answer without news is held back.
const WAIT: Duration = Duration::from_secs(20);

/// Waits for what comes after the acknowledged version.
pub(super) async fn watch(State(service): State<Service>, caller: Caller, RawQuery(query): RawQuery) -> Response {
    let Caller(session) = caller;
    let query = pairs(query.unwrap_or_default().as_bytes());
    let newest = session.read(|progress| progress.version());
    let (unit, applied) = match (number(&query, "unit", u64::from(u32::MAX)), number(&query, "applied", newest)) {
        (Ok(unit), Ok(applied)) => (UnitId(unit as u32), applied),
        (Err(sentence), _) | (_, Err(sentence)) => return refuse(StatusCode::BAD_REQUEST, sentence),
    };
    if !session.has_unit(unit) {
        return refuse(StatusCode::BAD_REQUEST, format!("the field unit is {unit}; the trial has no such unit"));
    }
    if session.read(|progress| progress.is_news(unit, applied)) {
        let at_ms = service.clock.now_ms();
        service.trials.note(&session, move |progress| progress.heard(unit, applied, at_ms)).await;
    }
    let patches = tokio::select! {
        patches = session.patches_after(applied) => patches,
        () = tokio::time::sleep(WAIT) => Vec::new(),
        () = service.shutdown.cancelled() => Vec::new(),
    };
    let version = patches.last().map_or(applied, |patch| patch.version);
    Json(WatchAnswer { version, patches }).into_response()
}
