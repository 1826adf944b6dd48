//! How much a request may send.

use super::refusal::refuse;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::time::Duration;

/// The largest body of a request to the control plane, bytes: a configuration and a protocol file of 1 MiB each, and what
/// JSON adds to them.
pub const CONTROL_LIMIT: usize = 4 << 20;
/// The largest body of a request of a unit, bytes.
pub const UNIT_LIMIT: usize = 4 << 20;
/// How much of the body of a refused request is still taken, bytes, ...
const DRAIN_LIMIT: usize = 8 << 20;
/// ... and for how long.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// Takes what a refused request still sends and throws it away, beside the answer: whoever is in the middle of sending often
/// loses an answer after which nothing is taken any more. What announces more than is taken is not waited for.
pub(super) fn drain(announced: Option<u64>, mut body: Body) {
    if body.is_end_stream() || announced.is_some_and(|length| length > DRAIN_LIMIT as u64) {
        return;
    }
    tokio::spawn(async move {
        let taken = async {
            let mut count = 0;
            while let Some(Ok(frame)) = body.frame().await {
                count += frame.data_ref().map_or(0, |data| data.len());
                if count > DRAIN_LIMIT {
                    return;
                }
            }
        };
        // It was refused in any case.
        let _ = tokio::time::timeout(DRAIN_TIME, taken).await;
    });
}

/// How much a request says that it sends.
pub(super) fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads the body of a request to the control plane, up to its limit.
pub(super) async fn limit_control(request: Request, next: Next) -> Response {
    limit(CONTROL_LIMIT, request, next).await
}

/// Reads the body of a unit's request, up to its limit.
pub(super) async fn limit_unit(request: Request, next: Next) -> Response {
    limit(UNIT_LIMIT, request, next).await
}

/// Refuses what announces too much without handing it on, and what turns out to be too much.
async fn limit(limit: usize, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let too_large =
        || refuse(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is larger than the {limit} bytes that fit here"));
    let announced = announced(request.headers());
    let (parts, mut body) = request.into_parts();
    if announced.is_some_and(|length| length > limit as u64) {
        drain(announced, body);
        return too_large();
    }
    match Limited::new(&mut body, limit).collect().await {
        Ok(whole) => next.run(Request::from_parts(parts, Body::from(whole.to_bytes()))).await,
        Err(error) if error.is::<LengthLimitError>() => {
            drain(announced, body);
            too_large()
        }
        Err(error) => refuse(StatusCode::BAD_REQUEST, format!("the body could not be read to its end: {error}")),
    }
}
