//! Hands the passphrase of a private key's file to the server, which keeps it in memory only.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// Hands the passphrase of a private key's file to the server, which keeps it in memory only.
pub(crate) async fn unlock_key(key: String, passphrase: String) -> Result<(), PageError> {
    answer(key, passphrase).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "unlock_key", input = Json, output = Json)]
async fn answer(key: String, passphrase: String) -> Result<Result<(), BackendError>, PageError> {
    Ok(crate::conn::backend()?.unlock_key(key, passphrase).await)
}
