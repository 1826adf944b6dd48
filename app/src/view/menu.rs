//! A menu behind a button: closed by a choice, by Escape, and by a click elsewhere.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The menu. What is chosen in it by a button closes it; boxes to tick leave it open.
#[component]
pub(crate) fn Menu(
    /// What the button says.
    label: AnyView,
    /// The button's name, where what it says is a sign.
    #[prop(optional, into)]
    name: Option<String>,
    /// A class besides that of all menus.
    #[prop(default = "")]
    class: &'static str,
    children: Children,
) -> AnyView {
    let details = NodeRef::<html::Details>::new();
    let summary = NodeRef::<html::Summary>::new();
    let open = move || details.get_untracked().filter(|details| details.open());
    let close = move || {
        if let Some(details) = open() {
            details.set_open(false);
            if let Some(summary) = summary.get_untracked() {
                // What cannot take the focus leaves it where it is.
                let _ = summary.focus();
            }
        }
    };
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::click, move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
            if let Some(details) = open().filter(|details| !details.contains(target.as_ref())) {
                details.set_open(false);
            }
        });
        on_cleanup(move || handle.remove());
    });
    let press = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && open().is_some() {
            event.stop_propagation();
            close();
        }
    };
    let chosen = move |event: web_sys::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if target.is_some_and(|target| matches!(target.closest("button"), Ok(Some(_)))) {
            close();
        }
    };
    let title = name.clone();
    view! {
        <details class=format!("chart-menu {class}") node_ref=details on:keydown=press>
            <summary node_ref=summary aria-label=name title=title>{label}</summary>
            <div class="menu-list" on:click=chosen>{children()}</div>
        </details>
    }
    .into_any()
}
