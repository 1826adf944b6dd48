//! The routes of files, with a limit of their own for what comes in.

use super::{export, import, report};
use crate::http::pairs;
use crate::service::Service;
use axum::Router;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use model::ids::TrialId;
use tower_http::compression::CompressionLayer;

/// The most trials in one file.
pub(super) const MAX_TRIALS: usize = 100;

/// `GET /trials/export?ids=3,5`, `POST /trials/import`, `GET /trials/7/report`.
pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/trials/export", get(export::export))
        .route("/trials/{id}/report", get(report::report))
        .layer(CompressionLayer::new())
        .route("/trials/import", post(import::import))
}

/// The trials that a query names.
///
/// # Errors
/// A sentence, when it names none, too many, or what is no number.
pub(super) fn named(query: Option<&str>) -> Result<Vec<TrialId>, String> {
    let pairs = pairs(query.unwrap_or_default().as_bytes());
    let ids = pairs.iter().find(|(key, _)| key == "ids").map(|(_, ids)| ids.as_str()).unwrap_or_default();
    let ids: Result<Vec<_>, _> =
        ids.split(',').filter(|id| !id.is_empty()).map(|id| id.trim().parse().map(TrialId)).collect();
    match ids {
        Ok(ids) if (1..=MAX_TRIALS).contains(&ids.len()) => Ok(ids),
        Ok(ids) => Err(format!("{} trials are named; 1 to {MAX_TRIALS} fit: ids=3,5", ids.len())),
        Err(_) => Err("the field ids takes numbers of trials with commas between: ids=3,5".to_owned()),
    }
}

/// A file that the browser saves, or shows.
pub(super) fn file(kind: &'static str, name: &str, saved: bool, body: impl IntoResponse) -> Response {
    let way = if saved { "attachment" } else { "inline" };
    // A report may bring its own style, and nothing may run in it.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                  frame-ancestors 'none'; sandbox allow-popups";
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, format!("{way}; filename=\"{name}\"")),
        (CONTENT_SECURITY_POLICY, policy.to_owned()),
    ];
    (headers, body).into_response()
}
