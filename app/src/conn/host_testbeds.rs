//! The testbeds of hosts that people described.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::hosts::SshTestbed;

/// The testbeds of hosts that people described.
pub(crate) async fn load_host_testbeds() -> Result<Vec<SshTestbed>, PageError> {
    answer().await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "host_testbeds", input = Json, output = Json)]
async fn answer() -> Result<Result<Vec<SshTestbed>, BackendError>, PageError> {
    Ok(crate::conn::backend()?.host_testbeds().await)
}
