//! Trusts keys that the machines of an experiment showed, as long as it lasts.

use crate::backend::BackendError;
use crate::backend::cloudlab::HostKey;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::cloudlab::ExperimentKey;

/// Trusts keys that the machines of an experiment showed, as long as it lasts.
pub(crate) async fn trust_machines(key: ExperimentKey, keys: Vec<HostKey>) -> Result<(), PageError> {
    answer(key, keys).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "cloudlab/trust", input = Json, output = Json)]
async fn answer(key: ExperimentKey, keys: Vec<HostKey>) -> Result<Result<(), BackendError>, PageError> {
    Ok(super::backend()?.trust_machines(key, keys).await)
}
