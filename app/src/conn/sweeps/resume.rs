//! Goes on with the runs that are missing or have failed.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::SweepId;

/// Goes on with the runs that are missing or have failed.
pub(crate) async fn resume_sweep(sweep: SweepId) -> Result<(), PageError> {
    answer(sweep).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "sweep_resume", input = Json, output = Json)]
async fn answer(sweep: SweepId) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::sweeps::backend()?.resume_sweep(sweep).await)
}
