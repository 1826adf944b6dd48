//! What the page shows first.

#[cfg(feature = "ssr")]
use crate::access::Visitor;
#[cfg(feature = "ssr")]
use crate::backend::Backend;
use crate::backend::{BackendError, Overview};
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// The overview that a page is rendered with. The server loads it before the first element is rendered and puts it into
/// the context, so that nothing of the page has to wait for it: neither on the server nor while the browser takes over.
#[derive(Clone, Debug)]
pub struct Opening(Result<Overview, PageError>);

#[cfg(feature = "ssr")]
impl Opening {
    /// Loads it for somebody who was let in. Why it cannot be had is told in the page.
    pub async fn load(backend: &dyn Backend, visitor: Visitor) -> Self {
        let loaded = backend.overview().await;
        Self(loaded.map(|overview| Overview { visitor, ..overview }).map_err(PageError::Backend))
    }
}

/// The overview that this page was rendered with, the same on the server and in the browser.
pub(crate) fn opening() -> Result<Overview, PageError> {
    let missing = || PageError::Unreachable { message: "The page came without it. Reload the page.".to_owned() };
    SharedValue::new(|| use_context::<Opening>().map_or_else(|| Err(missing()), |opening| opening.0)).into_inner()
}

/// What the page shows first.
pub(crate) async fn load_overview() -> Result<Overview, PageError> {
    answer().await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(prefix = "/api/read", endpoint = "overview", input = Json, output = Json)]
async fn answer() -> Result<Result<Overview, BackendError>, PageError> {
    let visitor = crate::conn::visitor();
    Ok(crate::conn::backend()?.overview().await.map(|overview| Overview { visitor, ..overview }))
}
