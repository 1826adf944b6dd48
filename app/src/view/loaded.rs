//! What a page loads from the server by itself: shown when it is there, and why it is not where it cannot be had.

use crate::conn::error::PageError;
use crate::view::session::{Session, load_failure};
use leptos::prelude::*;
use leptos_meta::Title;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Shows what `resource` brings. `what` names it in the sentence that says why it is not there, and `heading` is that of a
/// page that is nothing without it.
pub(crate) fn loaded<T>(
    resource: Resource<Result<T, PageError>>,
    (what, heading): (&'static str, Option<&'static str>),
    show: fn(T) -> AnyView,
) -> AnyView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let session = Session::get();
    view! {
        <Suspense fallback=|| view! { <p class="muted">"Loading…"</p> }>
            {move || Suspend::new(async move {
                let loaded = resource.await;
                if session.is_over() {
                    return ().into_any();
                }
                match loaded {
                    Ok(loaded) => show(loaded),
                    Err(error) => view! {
                        {heading.map(|heading| view! { <Title text=heading/><h1>{heading}</h1> })}
                        <p class="card empty" role="alert">{load_failure(what, &error)}</p>
                    }
                    .into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}
