//! Asks the portal for an experiment; what comes of it follows on the live stream.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::cloudlab::{ExperimentKey, ExperimentRequest};

/// Asks the portal for an experiment; what comes of it follows on the live stream.
pub(crate) async fn create_experiment(request: ExperimentRequest) -> Result<ExperimentKey, PageError> {
    answer(request).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "cloudlab/create", input = Json, output = Json)]
async fn answer(request: ExperimentRequest) -> Result<Result<ExperimentKey, BackendError>, PageError> {
    Ok(super::backend()?.create_experiment(request).await)
}
