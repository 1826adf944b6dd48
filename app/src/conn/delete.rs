//! Takes trials out of the list.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;

/// Takes trials out of the list.
pub(crate) async fn delete_trials(trials: Vec<TrialId>) -> Result<(), PageError> {
    answer(trials).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "delete", input = Json, output = Json)]
async fn answer(trials: Vec<TrialId>) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.delete(trials).await)
}
