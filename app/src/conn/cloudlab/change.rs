//! Does something with an experiment.

use crate::backend::BackendError;
use crate::backend::cloudlab::ExperimentAction;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::cloudlab::ExperimentKey;

/// Does something with an experiment.
pub(crate) async fn change_experiment(key: ExperimentKey, action: ExperimentAction) -> Result<(), PageError> {
    answer(key, action).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "cloudlab/change", input = Json, output = Json)]
async fn answer(key: ExperimentKey, action: ExperimentAction) -> Result<Result<(), BackendError>, PageError> {
    Ok(super::backend()?.change_experiment(key, action).await)
}
