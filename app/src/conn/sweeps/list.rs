//! The lines of all sweeps, newest first.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::sweep::SweepSummary;

/// The lines of all sweeps, newest first.
pub(crate) async fn load_sweeps() -> Result<Vec<SweepSummary>, PageError> {
    answer().await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "sweeps", input = Json, output = Json)]
async fn answer() -> Result<Result<Vec<SweepSummary>, BackendError>, PageError> {
    Ok(crate::conn::sweeps::backend()?.sweeps().await)
}
