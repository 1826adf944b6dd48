//! Takes over an experiment that is there already, by the portal's id.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::cloudlab::ExperimentKey;

/// Takes over an experiment that is there already, by the portal's id.
pub(crate) async fn resume_experiment(id: String) -> Result<ExperimentKey, PageError> {
    answer(id).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "cloudlab/resume", input = Json, output = Json)]
async fn answer(id: String) -> Result<Result<ExperimentKey, BackendError>, PageError> {
    Ok(super::backend()?.resume_experiment(id).await)
}
