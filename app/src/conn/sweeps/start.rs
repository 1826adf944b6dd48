//! Starts a sweep; its runs follow on the live stream.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::SweepId;
use model::sweep::SweepPlan;

/// Starts a sweep; its runs follow on the live stream.
pub(crate) async fn start_sweep(plan: SweepPlan) -> Result<SweepId, PageError> {
    answer(plan).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "sweep_start", input = Json, output = Json)]
async fn answer(plan: SweepPlan) -> Result<Result<SweepId, BackendError>, PageError> {
    Ok(crate::conn::sweeps::backend()?.start_sweep(plan).await)
}
