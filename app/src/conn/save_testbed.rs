//! Keeps a testbed of hosts.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;
use model::hosts::SshTestbed;
use model::testbed::TestbedName;

/// Keeps a testbed of hosts. A name that is taken is a conflict, unless it is that of the testbed that was opened to be edited.
pub(crate) async fn save_testbed(testbed: SshTestbed, edits: Option<TestbedName>) -> Result<(), PageError> {
    answer(testbed, edits).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "save_testbed", input = Json, output = Json)]
async fn answer(testbed: SshTestbed, edits: Option<TestbedName>) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.save_testbed(testbed, edits).await)
}
