//! Changes name, note or pin of a trial.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;
use model::trial::TrialEdit;

/// Changes name, note or pin of a trial.
pub(crate) async fn edit_trial(trial: TrialId, edit: TrialEdit) -> Result<(), PageError> {
    answer(trial, edit).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "edit", input = Json, output = Json)]
async fn answer(trial: TrialId, edit: TrialEdit) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.edit(trial, edit).await)
}
