//! Puts deleted trials back.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;

/// Puts deleted trials back.
pub(crate) async fn restore_trials(trials: Vec<TrialId>) -> Result<(), PageError> {
    answer(trials).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "restore", input = Json, output = Json)]
async fn answer(trials: Vec<TrialId>) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.restore(trials).await)
}
