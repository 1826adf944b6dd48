//! Forgets the keys that were trusted of machines of an experiment, because they were set up anew.

use crate::backend::BackendError;
use crate::backend::cloudlab::MachineAddress;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::cloudlab::ExperimentKey;

/// Forgets the keys that were trusted of machines of an experiment, because they were set up anew.
pub(crate) async fn distrust_machines(key: ExperimentKey, machines: Vec<MachineAddress>) -> Result<(), PageError> {
    answer(key, machines).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "cloudlab/distrust", input = Json, output = Json)]
async fn answer(key: ExperimentKey, machines: Vec<MachineAddress>) -> Result<Result<(), BackendError>, PageError> {
    Ok(super::backend()?.distrust_machines(key, machines).await)
}
