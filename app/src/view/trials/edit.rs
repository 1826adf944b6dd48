//! Writing a trial's name and note where they stand.

use crate::view::session::Session;
use crate::view::trials::desk::{Desk, Field, edit_button};
use leptos::html;
use leptos::prelude::*;
use model::ids::TrialId;

/// Whether this of a trial is being written.
pub(crate) fn is_edited(trial: TrialId, field: Field) -> Signal<bool> {
    let desk = Desk::get();
    Signal::derive(move || desk.editing.get() == Some((trial, field)))
}

/// The button that begins to write.
#[component]
pub(crate) fn EditButton(
    trial: TrialId,
    field: Field,
    /// What the button says to a screen reader.
    #[prop(into)]
    label: Signal<String>,
    /// What stands there now.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let session = Session::get();
    let desk = Desk::get();
    let path = match field {
        Field::Name => "M3 13l1-3 7-7 2 2-7 7zM9.5 4.5l2 2",
        Field::Note => "M3 2.5h10v11H3zM5.5 6h5M5.5 9h5",
    };
    let title = if field == Field::Name { "Rename" } else { "Write a note" };
    view! {
        <button
            type="button"
            class="icon"
            id=edit_button(trial, field)
            title=title
            disabled=move || !session.drives()
            aria-label=label
            on:click=move |_| desk.begin(trial, field, text.get_untracked())
        >
            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d=path/></svg>
        </button>
    }
}

/// The field in which a name is written.
#[component]
pub(crate) fn NameField() -> impl IntoView {
    let desk = Desk::get();
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // What is there can be focused.
            let _ = input.focus();
            input.select();
        }
    });
    let press = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            desk.leave();
        }
    };
    view! {
        <form class="edit-line" on:submit=move |event| { event.prevent_default(); desk.save(); }>
            <input
                type="text"
                node_ref=input
                aria-label="Name"
                autocomplete="off"
                prop:value=move || desk.draft.get()
                aria-invalid=move || desk.problem.with(Option::is_some).to_string()
                on:input=move |event| desk.draft.set(event_target_value(&event))
                on:keydown=press
            />
            <Buttons/>
        </form>
    }
}

/// The field in which a note is written.
#[component]
pub(crate) fn NoteField() -> impl IntoView {
    let desk = Desk::get();
    let input = NodeRef::<html::Textarea>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // What is there can be focused.
            let _ = input.focus();
        }
    });
    let press = move |event: web_sys::KeyboardEvent| match event.key().as_str() {
        "Escape" => desk.leave(),
        "Enter" if event.ctrl_key() || event.meta_key() => {
            event.prevent_default();
            desk.save();
        }
        _ => {}
    };
    view! {
        <form class="edit-note" on:submit=move |event| { event.prevent_default(); desk.save(); }>
            <textarea
                node_ref=input
                rows="4"
                aria-label="Note"
                placeholder="What was it about? Ctrl and Enter save."
                prop:value=move || desk.draft.get()
                aria-invalid=move || desk.problem.with(Option::is_some).to_string()
                on:input=move |event| desk.draft.set(event_target_value(&event))
                on:keydown=press
            ></textarea>
            <Buttons/>
        </form>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let desk = Desk::get();
    view! {
        <button type="submit" class="small primary">"Save"</button>
        <button type="button" class="small" on:click=move |_| desk.leave()>"Cancel"</button>
        {move || desk.problem.get().map(|problem| view! { <p class="field-error" role="alert">{problem}</p> })}
    }
}

/// The button that puts a trial before the others.
#[component]
pub(crate) fn PinButton(
    trial: TrialId,
    #[prop(into)] pinned: Signal<bool>,
    #[prop(into)] name: Signal<String>,
) -> impl IntoView {
    let session = Session::get();
    let desk = Desk::get();
    let title = move || if pinned.get() { "Unpin" } else { "Pin: keep it on top" };
    view! {
        <button
            type="button"
            class="icon pin"
            title=title
            disabled=move || !session.drives()
            aria-pressed=move || pinned.get().to_string()
            aria-label=move || format!("Pin {}", name.get())
            on:click=move |_| desk.pin(trial, !pinned.get_untracked())
        >
            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                <path d="M6 2h4l-.5 5L12 9.5H4L6.5 7zM8 9.5V14"/>
            </svg>
        </button>
    }
}

/// The button that deletes a trial.
#[component]
pub(crate) fn DeleteButton(
    trial: TrialId,
    #[prop(into)] name: Signal<String>,
    #[prop(into)] active: Signal<bool>,
) -> impl IntoView {
    let session = Session::get();
    let desk = Desk::get();
    let title = move || if active.get() { "Stop it first, then delete it" } else { "Delete" };
    view! {
        <button
            type="button"
            class="icon"
            title=title
            disabled=move || active.get() || !session.drives()
            aria-label=move || format!("Delete {}", name.get())
            on:click=move |_| desk.delete(vec![trial], format!("“{}”", name.get_untracked()))
        >
            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                <path d="M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.7 9h5.6l.7-9M7 7v4M9 7v4"/>
            </svg>
        </button>
    }
}
