//! What units call, under `/w/<token>/`: polls and reports of the public framework, and the native units' better ones.

mod caller;
mod configs;
mod data;
mod events;
mod measure;
mod report;
mod watch;

pub(crate) use events::apply as apply_event;
pub(crate) use report::record as report_record;

use crate::http::refuse;
use crate::service::Service;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};

/// All routes of units.
pub fn routes() -> Router<Service> {
    let calls = Router::new()
        .route("/configs", get(configs::configs))
        .route("/data", put(data::data))
        .route("/watch", get(watch::watch))
        .route("/report", put(report::report))
        .route("/events", put(events::events))
        .fallback(nothing_here);
    Router::new().route("/w/probe/{nonce}", get(probe)).nest("/w/{token}", calls)
}

/// Tells a host that it has reached the server which asked it to try.
async fn probe(State(service): State<Service>, Path(nonce): Path<String>) -> Response {
    if service.trials.probes.knows(&nonce) {
        return StatusCode::OK.into_response();
    }
    refuse(StatusCode::NOT_FOUND, "this server has asked nobody to call here")
}

async fn nothing_here() -> Response {
    refuse(StatusCode::NOT_FOUND, "units call /w/<token>/ followed by configs, data, watch, report or events")
}
