//! A trial with its samples.

use crate::backend::{BackendError, TrialView};
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;

/// A trial with its samples.
pub(crate) async fn load_trial(trial: TrialId) -> Result<TrialView, PageError> {
    answer(trial).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "trial", input = Json, output = Json)]
async fn answer(trial: TrialId) -> Result<Result<TrialView, BackendError>, PageError> {
    Ok(crate::conn::backend()?.trial(trial).await)
}
