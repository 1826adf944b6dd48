//! Forgets a kept configuration; answers with it, so that it can be saved again.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::configuration::NamedConfiguration;

/// Forgets a kept configuration; answers with it, so that it can be saved again.
pub(crate) async fn delete_configuration(name: String) -> Result<NamedConfiguration, PageError> {
    answer(name).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "delete_configuration", input = Json, output = Json)]
async fn answer(name: String) -> Result<Result<NamedConfiguration, BackendError>, PageError> {
    Ok(crate::conn::backend()?.delete_configuration(name).await)
}
