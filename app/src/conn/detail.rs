//! A trial without its samples: what its page is rendered from on the server.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::ids::TrialId;
use model::trial::TrialDetail;

/// A trial without its samples: what its page is rendered from on the server.
pub(crate) async fn load_detail(trial: TrialId) -> Result<TrialDetail, PageError> {
    answer(trial).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "detail", input = Json, output = Json)]
async fn answer(trial: TrialId) -> Result<Result<TrialDetail, BackendError>, PageError> {
    Ok(crate::conn::backend()?.trial(trial).await.map(|view| view.detail))
}
