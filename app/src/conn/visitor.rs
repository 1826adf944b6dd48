//! Who looks at the page, as the server knows them now.

use crate::access::Visitor;
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// Who looks at the page; refused when they are signed out.
pub(crate) async fn load_visitor() -> Result<Visitor, PageError> {
    answer().await
}

#[server(prefix = "/api/read", endpoint = "visitor", input = Json, output = Json)]
async fn answer() -> Result<Visitor, PageError> {
    Ok(crate::conn::visitor())
}
