//! Forgets a sweep; its trials stay.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::SweepId;

/// Forgets a sweep; its trials stay.
pub(crate) async fn delete_sweep(sweep: SweepId) -> Result<(), PageError> {
    answer(sweep).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "sweep_delete", input = Json, output = Json)]
async fn answer(sweep: SweepId) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::sweeps::backend()?.delete_sweep(sweep).await)
}
