//! The profiles that the portal lists for the token's user, as `PROJECT/NAME`.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The profiles that the portal lists for the token's user, as `PROJECT/NAME`.
pub(crate) async fn load_profiles() -> Result<Vec<String>, PageError> {
    answer().await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "cloudlab/profiles", input = Json)]
async fn answer() -> Result<Result<Vec<String>, BackendError>, PageError> {
    Ok(super::backend()?.profiles().await)
}
