//! Changes live keys of a running trial; answers with the new version.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;
use model::validate::Change;

/// Changes live keys of a running trial; answers with the new version.
pub(crate) async fn update_trial(trial: TrialId, changes: Vec<Change>) -> Result<u64, PageError> {
    answer(trial, changes).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "update", input = Json, output = Json)]
async fn answer(trial: TrialId, changes: Vec<Change>) -> Result<Result<u64, BackendError>, PageError> {
    Ok(crate::conn::backend()?.update(trial, changes).await)
}
