//! Ends a trial.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;

/// Ends a trial.
pub(crate) async fn stop_trial(trial: TrialId) -> Result<(), PageError> {
    answer(trial).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "stop", input = Json, output = Json)]
async fn answer(trial: TrialId) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.stop(trial).await)
}
