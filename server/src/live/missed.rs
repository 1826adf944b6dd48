//! `GET /missed?after=ID`: the live events after one, at once and no more. The tabs of one browser share a stream, because
//! browsers open only a handful of connections to a server; a tab that comes later, or slept, fetches what it lacks here.

use crate::http::pairs;
use crate::service::Service;
use axum::extract::{RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use model::event::MissedEvent;

/// The events as a JSON list of [`MissedEvent`]; one `Reset` where they are forgotten. Without an id, none.
pub async fn missed(State(service): State<Service>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let after = pairs(query.as_bytes()).into_iter().find(|(key, _)| key == "after").map(|(_, value)| value);
    let messages = service.hub.subscribe(after.as_deref(), service.clock.now_ms()).missed();
    // Their JSON is ready: it is put together, not parsed.
    let events: Vec<String> = messages.iter().map(|message| MissedEvent::json(&message.id, &message.json)).collect();
    ([(CONTENT_TYPE, "application/json")], format!("[{}]", events.join(","))).into_response()
}
