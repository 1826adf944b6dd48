//! How much a request may send.

use super::refusal::refuse;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

/// The largest body of a request to the control plane, bytes: a configuration and a protocol file of 1 MiB each, and what
/// JSON adds to them.
pub const CONTROL_LIMIT: usize = 4 << 20;
/// The largest body of a request of a unit, bytes.
pub const UNIT_LIMIT: usize = 4 << 20;

/// Reads the body of a request to the control plane, up to its limit.
pub(super) async fn limit_control(request: Request, next: Next) -> Response {
    limit(CONTROL_LIMIT, request, next).await
}

/// Reads the body of a unit's request, up to its limit.
pub(super) async fn limit_unit(request: Request, next: Next) -> Response {
    limit(UNIT_LIMIT, request, next).await
}

/// Refuses what announces too much without reading it, and what turns out to be too much.
async fn limit(limit: usize, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let too_large =
        || refuse(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is larger than the {limit} bytes that fit here"));
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.is_some_and(|length| length.parse::<u64>().is_ok_and(|length| length > limit as u64)) {
        return too_large();
    }
    let (parts, body) = request.into_parts();
    match to_bytes(body, limit).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error)
            if std::error::Error::source(&error)
                .is_some_and(|source| source.is::<http_body_util::LengthLimitError>()) =>
        {
            too_large()
        }
        Err(error) => refuse(StatusCode::BAD_REQUEST, format!("the body could not be read to its end: {error}")),
    }
}
