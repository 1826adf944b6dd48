//! What the page shows first.

use crate::backend::{BackendError, Overview};
use crate::conn::error::PageError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What the page shows first.
pub(crate) async fn load_overview() -> Result<Overview, PageError> {
    answer().await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "overview", input = Json)]
async fn answer() -> Result<Result<Overview, BackendError>, PageError> {
    let visitor = crate::conn::visitor();
    Ok(crate::conn::backend()?.overview().await.map(|overview| Overview { visitor, ..overview }))
}
