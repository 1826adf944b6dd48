//! What all trials started with, where it differs from the defaults.

use crate::backend::{BackendError, TrialSettings};
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// What all trials started with, where it differs from the defaults.
pub(crate) async fn load_settings() -> Result<Vec<TrialSettings>, PageError> {
    answer().await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "settings", input = Json, output = Json)]
async fn answer() -> Result<Result<Vec<TrialSettings>, BackendError>, PageError> {
    Ok(crate::conn::backend()?.settings().await)
}
