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
use axum::http::StatusCode;
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
    Router::new().nest("/w/{token}", calls)
}

async fn nothing_here() -> axum::response::Response {
    refuse(StatusCode::NOT_FOUND, "units call /w/<token>/ followed by configs, data, watch, report or events")
}
