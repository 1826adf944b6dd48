//! Keeps a testbed of hosts.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::hosts::SshTestbed;

/// Keeps a testbed of hosts.
pub(crate) async fn save_testbed(testbed: SshTestbed) -> Result<(), PageError> {
    answer(testbed).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "save_testbed", input = Json, output = Json)]
async fn answer(testbed: SshTestbed) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.save_testbed(testbed).await)
}
