//! A trial as a comparison shows it.

use crate::backend::{BackendError, ComparedTrial};
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;

/// A trial as a comparison shows it.
pub(crate) async fn load_compared(trial: TrialId) -> Result<ComparedTrial, PageError> {
    answer(trial).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "compared", input = Json, output = Json)]
async fn answer(trial: TrialId) -> Result<Result<ComparedTrial, BackendError>, PageError> {
    Ok(crate::conn::backend()?.compared(trial).await)
}
