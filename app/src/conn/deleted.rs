//! The trials that can be put back.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::trial::TrialSummary;

/// The trials that can be put back.
pub(crate) async fn load_deleted() -> Result<Vec<TrialSummary>, PageError> {
    answer().await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "deleted", input = Json, output = Json)]
async fn answer() -> Result<Result<Vec<TrialSummary>, BackendError>, PageError> {
    Ok(crate::conn::backend()?.deleted().await)
}
