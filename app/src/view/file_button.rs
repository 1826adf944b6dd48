//! The button with which a file of this machine is chosen.

use leptos::prelude::*;

/// Asks for a YAML file and hands the browser's event over; the event's target has the file.
#[component]
pub(crate) fn YamlFileButton(label: &'static str, take: impl Fn(web_sys::Event) + 'static) -> impl IntoView {
    view! {
        <label class="button file-button">
            {label}
            <input type="file" class="hidden-visually" accept=".yaml,.yml,text/plain" on:change=take/>
        </label>
    }
}
