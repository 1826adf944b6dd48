//! Notices at the bottom of the page, with the way to undo what they tell of.

use crate::view::trials::desk::{Desk, Notice};
use leptos::prelude::*;

/// All notices.
#[component]
pub(crate) fn Toasts() -> AnyView {
    let desk = Desk::get();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || desk.notices.get() key=|notice| notice.number let:notice>
                <Toast notice/>
            </For>
        </div>
    }
    .into_any()
}

#[component]
fn Toast(notice: Notice) -> impl IntoView {
    let desk = Desk::get();
    let Notice { number, text, bad, undo } = notice;
    let undo = (!undo.is_empty()).then(|| {
        view! {
            <button
                type="button"
                class="small"
                on:click=move |_| {
                    desk.dismiss(number);
                    desk.restore(undo.clone());
                }
            >
                "Undo"
            </button>
        }
    });
    view! {
        <div class="toast" class:bad=bad>
            <p>{text}</p>
            {undo}
            <button type="button" class="icon" aria-label="Dismiss" on:click=move |_| desk.dismiss(number)>
                <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>
            </button>
        </div>
    }
}
