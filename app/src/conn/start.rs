//! Starts a trial; its phases follow on the live stream.

use crate::backend::{BackendError, StartRequest};
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;

/// Starts a trial; its phases follow on the live stream.
pub(crate) async fn start_trial(request: StartRequest) -> Result<TrialId, PageError> {
    answer(request).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "start", input = Json, output = Json)]
async fn answer(request: StartRequest) -> Result<Result<TrialId, BackendError>, PageError> {
    Ok(crate::conn::backend()?.start(request).await)
}
