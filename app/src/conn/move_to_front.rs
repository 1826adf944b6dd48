//! Lets a queued trial be the next one.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;

/// Lets a queued trial be the next one of its testbed.
pub(crate) async fn move_to_front(trial: TrialId) -> Result<(), PageError> {
    answer(trial).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "move_to_front", input = Json, output = Json)]
async fn answer(trial: TrialId) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.move_to_front(trial).await)
}
