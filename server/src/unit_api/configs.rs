//! `GET /w/<token>/configs?unit_id=N`: the poll of the public framework. Always 200 and an array, because a unit that is
//! answered anything else never polls again.

use super::caller::{Caller, number};
use crate::http::pairs;
use crate::service::Service;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use model::ids::UnitId;

/// All changes so far, merged. The unit will apply what it gets, so this is its acknowledgement.
pub(super) async fn configs(State(service): State<Service>, caller: Caller, RawQuery(query): RawQuery) -> Response {
    let Caller(session) = caller;
    // The version is read first: what is answered is at least as new.
    let version = session.read(|progress| progress.version());
    let polled = session.polled();
    let query = pairs(query.unwrap_or_default().as_bytes());
    if let Ok(unit) = number(&query, "unit_id", u64::from(u32::MAX)) {
        let (unit, at_ms) = (UnitId(unit as u32), service.clock.now_ms());
        if session.read(|progress| progress.is_news(unit, version)) {
            service.trials.note(&session, move |progress| progress.heard(unit, version, at_ms)).await;
        }
    }
    ([(header::CONTENT_TYPE, "application/json")], polled).into_response()
}
