//! Starts a trial like another one.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;

/// Starts a trial like another one.
pub(crate) async fn run_again(trial: TrialId, with_updates: bool) -> Result<TrialId, PageError> {
    answer(trial, with_updates).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "run-again", input = Json, output = Json)]
async fn answer(trial: TrialId, with_updates: bool) -> Result<Result<TrialId, BackendError>, PageError> {
    Ok(crate::conn::backend()?.run_again(trial, with_updates).await)
}
