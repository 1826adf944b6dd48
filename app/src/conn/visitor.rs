//! Who looks at the page, as the server knows them now.

use crate::access::Visitor;
use crate::conn::error::PageError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Who looks at the page; refused when they are signed out.
pub(crate) async fn load_visitor() -> Result<Visitor, PageError> {
    answer().await
}

#[server(prefix = "/api/read", endpoint = "visitor", input = Json)]
async fn answer() -> Result<Visitor, PageError> {
    Ok(crate::conn::visitor())
}
