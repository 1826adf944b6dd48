//! What the portal lists for the token's user.

use crate::backend::BackendError;
use crate::backend::cloudlab::Offers;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// What the portal lists for the token's user.
pub(crate) async fn load_offers() -> Result<Offers, PageError> {
    answer().await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "cloudlab/offers", input = Json, output = Json)]
async fn answer() -> Result<Result<Offers, BackendError>, PageError> {
    Ok(super::backend()?.offers().await)
}
