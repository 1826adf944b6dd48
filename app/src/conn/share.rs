//! Makes a link with which others can watch.

use crate::access::WatchingLink;
use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// Makes a link with which others can watch.
pub(crate) async fn share() -> Result<WatchingLink, PageError> {
    answer().await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "share", input = Json, output = Json)]
async fn answer() -> Result<Result<WatchingLink, BackendError>, PageError> {
    Ok(crate::conn::desk()?.share().await)
}
