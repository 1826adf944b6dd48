//! Ends a sweep and its running trial; it can be resumed.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::SweepId;

/// Ends a sweep and its running trial; it can be resumed.
pub(crate) async fn cancel_sweep(sweep: SweepId) -> Result<(), PageError> {
    answer(sweep).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "sweep_cancel", input = Json, output = Json)]
async fn answer(sweep: SweepId) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::sweeps::backend()?.cancel_sweep(sweep).await)
}
