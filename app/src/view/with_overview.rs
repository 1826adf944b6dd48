//! What most pages need: the overview, without which there is nothing to show.

use crate::view::session::Session;
use leptos::prelude::*;

/// Shows what is inside where there is an overview, and why `what` cannot be had where there is none.
#[component]
pub(crate) fn WithOverview(what: &'static str, children: ChildrenFn) -> AnyView {
    let session = Session::get();
    let known = Memo::new(move |_| session.overview.with(Option::is_some));
    view! {
        <Show
            when=move || known.get()
            fallback=move || view! { <p class="card empty" role="alert">{session.unloaded(what)}</p> }
        >
            {children()}
        </Show>
    }
    .into_any()
}
