//! What can be done with a saved configuration besides using it.

use super::{Choice, Message, Shelf};
use crate::conn::delete_configuration::delete_configuration;
use crate::conn::rename_configuration::rename_configuration;
use crate::view::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Rename and Delete.
#[component]
pub(super) fn SavedTools(name: String) -> AnyView {
    let session = Session::get();
    let shelf = expect_context::<Shelf>();
    let renaming = RwSignal::new(false);
    let new_name = RwSignal::new(name.clone());
    let (old, gone) = (name.clone(), name);
    let rename = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (from, to) = (old.clone(), new_name.get_untracked());
        spawn_local(async move {
            match rename_configuration(from.clone(), to).await {
                Ok(to) => {
                    session.editing.update(|editing| {
                        if editing.name() == Some(from.as_str()) {
                            editing.rename(Some(to.clone()));
                        }
                    });
                    shelf.message.set(Some(Message::Done(format!("“{from}” is now “{to}”."))));
                    shelf.look_at(Choice::Saved(to));
                }
                Err(error) => shelf.message.set(Some(Message::Refused(error.to_string()))),
            }
        });
    };
    let delete = move |_| {
        let name = gone.clone();
        spawn_local(async move {
            match delete_configuration(name).await {
                Ok(found) => {
                    shelf.put_back();
                    shelf.message.set(Some(Message::Deleted { name: found.name, text: found.text }));
                }
                Err(error) => shelf.message.set(Some(Message::Refused(error.to_string()))),
            }
        });
    };
    view! {
        <Show when=move || !renaming.get()>
            <button
                type="button"
                class="quiet"
                disabled=move || !session.drives()
                on:click=move |_| renaming.set(true)
            >
                "Rename"
            </button>
        </Show>
        <form class="rename" class:gone=move || !renaming.get() on:submit=rename>
            <input
                type="text"
                aria-label="New name"
                autocomplete="off"
                prop:value=move || new_name.get()
                on:input=move |event| new_name.set(event_target_value(&event))
            />
            <button type="submit">"Rename"</button>
        </form>
        <button type="button" class="quiet danger" disabled=move || !session.drives() on:click=delete>"Delete"</button>
    }
    .into_any()
}
