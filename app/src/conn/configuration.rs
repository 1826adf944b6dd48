//! The configuration that is kept under a name.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::configuration::NamedConfiguration;

/// The configuration that is kept under a name.
pub(crate) async fn load_configuration(name: String) -> Result<NamedConfiguration, PageError> {
    answer(name).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "configuration", input = Json, output = Json)]
async fn answer(name: String) -> Result<Result<NamedConfiguration, BackendError>, PageError> {
    Ok(crate::conn::backend()?.configuration(name).await)
}
