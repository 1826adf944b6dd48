//! Gives a kept configuration another name; answers with the name as kept.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// Gives a kept configuration another name; answers with the name as kept.
pub(crate) async fn rename_configuration(from: String, to: String) -> Result<String, PageError> {
    answer(from, to).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "rename_configuration", input = Json, output = Json)]
async fn answer(from: String, to: String) -> Result<Result<String, BackendError>, PageError> {
    Ok(crate::conn::backend()?.rename_configuration(from, to).await)
}
