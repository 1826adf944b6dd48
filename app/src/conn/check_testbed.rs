//! Looks at every host of a testbed.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::hosts::{SshTestbed, TestbedCheck};

/// Looks at every host of a testbed.
pub(crate) async fn check_testbed(testbed: SshTestbed) -> Result<TestbedCheck, PageError> {
    answer(testbed).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "check_testbed", input = Json, output = Json)]
async fn answer(testbed: SshTestbed) -> Result<Result<TestbedCheck, BackendError>, PageError> {
    Ok(crate::conn::backend()?.check_testbed(testbed).await)
}
