//! `GET /stream?after=ID`: the live events as server-sent events.

use super::hub::{Hub, Subscription};
use crate::access::Pass;
use crate::http::pairs;
use crate::service::Service;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use futures::stream::{self, StreamExt};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often an idle stream shows that it is alive.
pub const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// How long a page waits before it connects again.
const RETRY: Duration = Duration::from_secs(1);

/// The stream after the event in the `Last-Event-ID` header, else in `after`, else from now on. It ends when the server
/// does, or when what it was asked for with holds no longer.
pub async fn stream(
    State(service): State<Service>,
    Extension(pass): Extension<Pass>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let query = query.unwrap_or_default();
    let after = headers
        .get("last-event-id")
        .map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned())
        .or_else(|| pairs(query.as_bytes()).into_iter().find(|(key, _)| key == "after").map(|(_, value)| value));
    let subscription = service.hub.subscribe(after.as_deref(), service.clock.now_ms());
    let hello = stream::iter([Ok(Event::default().retry(RETRY))]);
    let events = stream::unfold((subscription, Arc::clone(&service.hub), service.shutdown.clone()), next);
    let events = events.take_until(pass.ended());
    Sse::new(hello.chain(events)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

type Place = (Subscription, Arc<Hub>, CancellationToken);

async fn next((mut subscription, hub, shutdown): Place) -> Option<(Result<Event, Infallible>, Place)> {
    let message = tokio::select! {
        message = subscription.next(&hub) => message?,
        () = shutdown.cancelled() => return None,
    };
    let event = Event::default().id(&message.id).data(&message.json);
    Some((Ok(event), (subscription, hub, shutdown)))
}
