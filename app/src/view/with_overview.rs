//! What most pages begin with: the overview, without which there is nothing to show.

use crate::view::context::OverviewResource;
use crate::view::session::{Session, load_failure};
use leptos::prelude::*;

/// Shows what is inside once the overview is there, and until then that it is loading, or why `what` cannot be had.
#[component]
pub(crate) fn WithOverview(what: &'static str, children: ChildrenFn) -> AnyView {
    let session = Session::get();
    let overview = expect_context::<OverviewResource>();
    view! {
        <Suspense fallback=|| view! { <p class="muted">"Loading…"</p> }>
            {move || {
                let children = children.clone();
                Suspend::new(async move {
                    match overview.await {
                        Ok(loaded) => {
                            session.adopt(loaded);
                            children()
                        }
                        Err(error) => view! {
                            <p class="card empty" role="alert">{load_failure(what, &error)}</p>
                        }
                        .into_any(),
                    }
                })
            }}
        </Suspense>
    }
    .into_any()
}
