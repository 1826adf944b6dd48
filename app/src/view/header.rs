//! The top of every page: name, ways to the other pages, connection and theme.

use crate::state::connection::Connection;
use crate::view::access::{AccessButton, WatchingBanner};
use crate::view::session::Session;
use crate::view::theme::ThemeChoice;
use leptos::html;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

/// The bar at the top.
#[component]
pub(crate) fn Header() -> AnyView {
    let session = Session::get();
    let pages = NodeRef::<html::Nav>::new();
    let location = use_location();
    Effect::new(move |_| {
        location.pathname.track();
        // By then the link says that it is the current one.
        request_animation_frame(move || {
            if let Some(pages) = pages.try_get_untracked().flatten() {
                show_current(&pages);
            }
        });
    });
    view! {
        <header class="top">
            <a class="brand" href="/">
                <Mark/>
                <span>"BFTGym"</span>
            </a>
            <nav aria-label="Pages" node_ref=pages>
                <A href="/" exact=true>"Playground"</A>
                <A href="/trials">"Trials"</A>
                <A href="/sweeps">"Sweeps"</A>
                <A href="/compare">"Compare"</A>
                <A href="/protocols">"Protocols"</A>
                <A href="/testbeds">"Testbeds"</A>
            </nav>
            <span
                class="connection"
                role="status"
                data-connection=move || session.connection.get().name()
            >
                <span class="dot" aria-hidden="true"></span>
                {move || session.connection.get().label()}
            </span>
            <ThemeChoice/>
            <AccessButton/>
        </header>
    }
    .into_any()
}

/// In a narrow window the links are a strip: moves it so far that the current one is seen.
fn show_current(pages: &web_sys::HtmlElement) {
    let found = pages.query_selector("[aria-current=page]").ok().flatten();
    let Some(current) = found.and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok()) else { return };
    let (left, width) = (current.offset_left() - pages.offset_left(), current.offset_width());
    let (from, shown) = (pages.scroll_left(), pages.client_width());
    if left < from || left + width > from + shown {
        pages.set_scroll_left(left + width / 2 - shown / 2);
    }
}

/// Four replicas, each connected with each; one leads.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
            <path d="M6 6h12v12H6zM6 6l12 12M18 6 6 18"/>
            <circle class="leader" cx="6" cy="6" r="3"/>
            <circle cx="18" cy="6" r="3"/>
            <circle cx="6" cy="18" r="3"/>
            <circle cx="18" cy="18" r="3"/>
        </svg>
    }
}

/// Says that what is shown may be old, while it may be.
#[component]
pub(crate) fn ConnectionBanner() -> impl IntoView {
    let session = Session::get();
    view! {
        <Show when=move || session.connection.get() == Connection::Lost>
            <p class="banner" role="alert">"Disconnected from the server. Trying again…"</p>
        </Show>
        <Show when=move || session.connection.get() == Connection::SignedOut>
            <p class="banner" role="alert">
                "You are signed out: your session has ended, or your token was revoked. "
                <a href="/login" rel="external">"Sign in again"</a>
            </p>
        </Show>
        <WatchingBanner/>
    }
}
