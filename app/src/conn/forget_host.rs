//! Forgets the key that was trusted for a host.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// Forgets the key that was trusted for a host.
pub(crate) async fn forget_host(address: String, port: u16) -> Result<(), PageError> {
    answer(address, port).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "forget_host", input = Json, output = Json)]
async fn answer(address: String, port: u16) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.forget_host(address, port).await)
}
