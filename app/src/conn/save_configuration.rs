//! Keeps a configuration under a name; answers with the name as kept.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// Keeps a configuration under a name; answers with the name as kept. A name that is taken is a conflict, unless what is
/// there is to be replaced.
pub(crate) async fn save_configuration(name: String, text: String, replace: bool) -> Result<String, PageError> {
    answer(name, text, replace).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "save_configuration", input = Json, output = Json)]
async fn answer(name: String, text: String, replace: bool) -> Result<Result<String, BackendError>, PageError> {
    Ok(crate::conn::backend()?.save_configuration(name, text, replace).await)
}
