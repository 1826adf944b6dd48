//! What this tab lacks of the live stream, fetched at once.

use gloo_net::http::Request;
use model::event::MissedEvent;
use serde_json::value::RawValue;

/// The events after one; none when the server cannot be reached. Events that this page does not know are left out.
pub(super) async fn after(id: &str) -> Option<Vec<MissedEvent>> {
    let id = js_sys::encode_uri_component(id).as_string()?;
    let answer = Request::get(&format!("/missed?after={id}")).send().await.ok()?;
    let list: Vec<Box<RawValue>> = serde_json::from_str(&answer.text().await.ok()?).ok()?;
    Some(list.into_iter().filter_map(|event| serde_json::from_str(event.get()).ok()).collect())
}
