//! Who has signed in, the link for those who are to watch, and the way out.

use crate::access::WatchingLink;
use crate::conn::share::share;
use crate::conn::sign_out::sign_out;
use crate::state::connection::Connection;
use crate::view::session::Session;
use crate::view::time::LocalTime;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::access::WATCHING_ONLY;
use wasm_bindgen::{JsCast, JsValue};

/// The button behind which all this is; none where nobody has to sign in.
#[component]
pub(crate) fn AccessButton() -> AnyView {
    let session = Session::get();
    let login =
        Memo::new(move |_| session.overview.with(|known| known.as_ref().is_some_and(|known| known.visitor.login)));
    view! { <Show when=move || login.get()><Access/></Show> }.into_any()
}

/// Says to whom that only watches why nothing can be changed.
#[component]
pub(crate) fn WatchingBanner() -> AnyView {
    let session = Session::get();
    view! {
        <Show when=move || !session.drives() && session.connection.get() != Connection::SignedOut>
            <p class="banner watching">{WATCHING_ONLY} "."</p>
        </Show>
    }
    .into_any()
}

#[component]
fn Access() -> AnyView {
    let session = Session::get();
    let dialog = NodeRef::<html::Dialog>::new();
    let problem = RwSignal::new(None::<String>);
    let open = move |_| {
        if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
            // Shown already, it would refuse.
            let _ = dialog.show_modal();
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let leave = move |_| {
        spawn_local(async move {
            match sign_out().await {
                // Without a location there is no browser either.
                Ok(()) => drop(window().location().assign("/login")),
                Err(error) => problem.set(Some(error.to_string())),
            }
        });
    };
    let role = move || {
        if session.drives() {
            "You are signed in as a driver: you may change everything."
        } else {
            "You are signed in to watch."
        }
    };
    view! {
        <button type="button" class="icon" title="Access" aria-label="Access" aria-haspopup="dialog" on:click=open>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <circle cx="5" cy="11" r="3"/>
                <path d="M7.2 8.8 13 3M10.5 5.5l2 2"/>
            </svg>
        </button>
        <dialog class="access" node_ref=dialog aria-labelledby="access-title">
            <h2 id="access-title">"Access"</h2>
            <p>{role}</p>
            <Show when=move || session.drives()>
                <Share/>
            </Show>
            <p class="field-error" role="alert">{move || problem.get()}</p>
            <footer>
                <button type="button" on:click=leave>"Sign out"</button>
                <button type="button" on:click=close>"Close"</button>
            </footer>
        </dialog>
    }
    .into_any()
}

/// Makes a link for watchers and shows it this once.
#[component]
fn Share() -> AnyView {
    let link = RwSignal::new(None::<WatchingLink>);
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let make = move |_| {
        busy.set(true);
        problem.set(None);
        spawn_local(async move {
            match share().await {
                Ok(made) => link.set(Some(made)),
                Err(error) => problem.set(Some(error.to_string())),
            }
            busy.set(false);
        });
    };
    view! {
        <section aria-labelledby="share-title">
            <h3 id="share-title">"Let others watch"</h3>
            <p class="muted">"Whoever has the link sees everything, and can change nothing."</p>
            <button type="button" disabled=move || busy.get() on:click=make>"Share a watching link"</button>
            {move || link.get().map(|link| view! { <Link link/> })}
            <p class="field-error" role="alert">{move || problem.get()}</p>
        </section>
    }
    .into_any()
}

#[component]
fn Link(link: WatchingLink) -> AnyView {
    let field = NodeRef::<html::Input>::new();
    let copied = RwSignal::new("");
    let address = format!("{}/login#token={}", window().location().origin().unwrap_or_default(), link.token);
    let select = move || {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    let copy = {
        let address = address.clone();
        move |_| {
            select();
            copied.set(if write_to_clipboard(&address) { "Copied" } else { "Selected: press Ctrl+C" });
        }
    };
    view! {
        <div class="share-link">
            <input
                type="text"
                readonly
                node_ref=field
                aria-label="Watching link"
                value=address
                on:focus=move |_| select()
            />
            <button type="button" on:click=copy>"Copy"</button>
        </div>
        <p class="muted">"It works until " <LocalTime at_ms=link.expires_ms/> ", and is not shown again."</p>
        <p role="status">{move || copied.get()}</p>
    }
    .into_any()
}

/// Whether the browser takes it: it does not on a page that came over plain HTTP from another machine.
fn write_to_clipboard(text: &str) -> bool {
    let get = |object: &JsValue, name: &str| js_sys::Reflect::get(object, &JsValue::from_str(name)).ok();
    let clipboard = get(&window(), "navigator").and_then(|navigator| get(&navigator, "clipboard"));
    let Some(clipboard) = clipboard.filter(|clipboard| !clipboard.is_undefined()) else { return false };
    let write = get(&clipboard, "writeText").and_then(|write| write.dyn_into::<js_sys::Function>().ok());
    write.is_some_and(|write| write.call1(&clipboard, &JsValue::from_str(text)).is_ok())
}
