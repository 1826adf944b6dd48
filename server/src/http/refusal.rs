//! How a request is refused: a status and a sentence.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// A refusal: `{"error": "a sentence that names the thing and the mend"}`.
pub fn refuse(status: StatusCode, sentence: impl Into<String>) -> Response {
    (status, Json(serde_json::json!({ "error": sentence.into() }))).into_response()
}
