//! Tries everything that a trial needs of an experiment's machines.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::cloudlab::ExperimentKey;
use model::hosts::TestbedCheck;

/// Tries everything that a trial needs of an experiment's machines.
pub(crate) async fn check_machines(key: ExperimentKey) -> Result<TestbedCheck, PageError> {
    answer(key).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "cloudlab/check", input = Json, output = Json)]
async fn answer(key: ExperimentKey) -> Result<Result<TestbedCheck, BackendError>, PageError> {
    Ok(super::backend()?.check_machines(key).await)
}
