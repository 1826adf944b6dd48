//! A sweep with its plan and its runs.

use crate::backend::BackendError;
use crate::backend::sweeps::SweepView;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::SweepId;

/// A sweep with its plan and its runs.
pub(crate) async fn load_sweep(sweep: SweepId) -> Result<SweepView, PageError> {
    answer(sweep).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "sweep", input = Json, output = Json)]
async fn answer(sweep: SweepId) -> Result<Result<SweepView, BackendError>, PageError> {
    Ok(crate::conn::sweeps::backend()?.sweep(sweep).await)
}
