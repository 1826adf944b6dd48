//! Trusts a host's key from now on.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// Trusts a host's key from now on.
pub(crate) async fn trust_host(address: String, port: u16, key: String) -> Result<(), PageError> {
    answer(address, port, key).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "trust_host", input = Json, output = Json)]
async fn answer(address: String, port: u16, key: String) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.trust_host(address, port, key).await)
}
