//! Whose unit calls: the trial of the token in the path.

use crate::http::refuse;
use crate::service::Service;
use crate::trials::Session;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use std::sync::Arc;

/// The trial whose token is in the path.
pub(super) struct Caller(pub(super) Arc<Session>);

impl FromRequestParts<Service> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Response> {
        let unknown = || {
            refuse(
                StatusCode::NOT_FOUND,
                "there is no trial with this token: take the address from the trial's configuration",
            )
        };
        let Path(token) = Path::<String>::from_request_parts(parts, service).await.map_err(|_| unknown())?;
        match service.trials.by_token(&token).await {
            Ok(Some(session)) => Ok(Self(session)),
            Ok(None) => Err(unknown()),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

/// The store could not do it.
pub(super) fn unavailable(error: &store::StoreError) -> Response {
    tracing::error!("{error}");
    refuse(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

/// The number at a field of a form or a query, at most `max`.
pub(super) fn number(pairs: &[(String, String)], field: &str, max: u64) -> Result<u64, String> {
    let text = text(pairs, field)?;
    match text.trim().parse::<u64>() {
        Ok(number) if number <= max => Ok(number),
        Ok(number) => Err(format!("the field {field} is {number}; at most {max} fits")),
        Err(_) => Err(format!("the field {field} is {:?}, which is not a whole number from 0 on", shorten(text))),
    }
}

/// The text at a field of a form or a query.
pub(super) fn text<'a>(pairs: &'a [(String, String)], field: &str) -> Result<&'a str, String> {
    let found = pairs.iter().find(|(key, _)| key == field).map(|(_, value)| value.as_str());
    found.ok_or_else(|| format!("the field {field} is missing"))
}

/// The first characters, for a message.
pub(super) fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

/// A unit's time, unless its clock is far off: then this server's.
pub(super) fn plausible_time(at_ms: i64, now_ms: i64) -> i64 {
    const FAR_OFF_MS: u64 = 60_000;
    if at_ms.abs_diff(now_ms) <= FAR_OFF_MS { at_ms } else { now_ms }
}
