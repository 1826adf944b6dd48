//! Forgets a testbed of hosts.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::testbed::TestbedName;

/// Forgets a testbed of hosts.
pub(crate) async fn delete_testbed(name: TestbedName) -> Result<(), PageError> {
    answer(name).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "delete_testbed", input = Json, output = Json)]
async fn answer(name: TestbedName) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.delete_testbed(name).await)
}
