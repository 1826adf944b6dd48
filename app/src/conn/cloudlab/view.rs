//! CloudLab as the page shows it.

use crate::backend::BackendError;
use crate::backend::cloudlab::CloudlabView;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// CloudLab as the page shows it.
pub(crate) async fn load_cloudlab() -> Result<CloudlabView, PageError> {
    answer().await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "cloudlab/view", input = Json, output = Json)]
async fn answer() -> Result<Result<CloudlabView, BackendError>, PageError> {
    Ok(super::backend()?.cloudlab().await)
}
