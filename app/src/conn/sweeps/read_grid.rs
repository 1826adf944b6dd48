//! Reads a grid file; what is wrong is told with line and column.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::sweep::SweepPlan;

/// Reads a grid file; what is wrong is told with line and column.
pub(crate) async fn read_grid(text: String) -> Result<SweepPlan, PageError> {
    answer(text).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "sweep_read_grid", input = Json, output = Json)]
async fn answer(text: String) -> Result<Result<SweepPlan, BackendError>, PageError> {
    Ok(crate::conn::sweeps::backend()?.read_grid(text).await)
}
