//! The configuration editor, generated from the descriptors.

use crate::state::draft::{is_main_group, matches_search, unknown_keys};
use crate::view::field::{EditorContext, Field};
use crate::view::session::Session;
use crate::view::update::UpdateBar;
use leptos::prelude::*;
use model::descriptor::{Descriptor, Group};
use model::schema;

/// All keys: faults and workload first, the others behind "All settings".
#[component]
pub(crate) fn Editor() -> AnyView {
    let session = Session::get();
    let reference = Memo::new(move |_| session.reference());
    let active = Memo::new(move |_| session.active().is_some());
    provide_context(EditorContext { reference, active });
    let against = move || if active.get() { "Running configuration" } else { "Next start" };
    let main = Group::ALL.into_iter().filter(|group| is_main_group(*group));
    view! {
        <section class="card editor" aria-labelledby="editor-title">
            <header>
                <h2 id="editor-title">"Configuration"</h2>
                <span class="muted">{against}</span>
            </header>
            <div class="scroll" tabindex="-1">
                {main.map(|group| view! { <FieldGroup group fields=of_group(group)/> }).collect_view()}
                <AllSettings/>
            </div>
            <UpdateBar/>
        </section>
    }
    .into_any()
}

fn of_group(group: Group) -> Vec<&'static Descriptor> {
    schema::descriptors().filter(|descriptor| descriptor.group == group).collect()
}

#[component]
fn FieldGroup(group: Group, fields: Vec<&'static Descriptor>) -> AnyView {
    view! {
        <fieldset>
            <legend>{group.label()}</legend>
            {fields.into_iter().map(|descriptor| view! { <Field descriptor/> }).collect_view()}
        </fieldset>
    }
    .into_any()
}

/// The other groups, with a search over all keys, labels and explanations.
#[component]
fn AllSettings() -> AnyView {
    let search = RwSignal::new(String::new());
    let others = || schema::descriptors().filter(|descriptor| !is_main_group(descriptor.group));
    let found = move |descriptor: &Descriptor| search.with(|search| matches_search(descriptor, search));
    let groups = Group::ALL.into_iter().filter(|group| !is_main_group(*group)).map(|group| {
        let any = move || of_group(group).into_iter().any(found);
        view! {
            <fieldset class:gone=move || !any()>
                <legend>{group.label()}</legend>
                {of_group(group).into_iter().map(|descriptor| view! {
                    <div class:gone=move || !found(descriptor)><Field descriptor/></div>
                }).collect_view()}
            </fieldset>
        }
    });
    let in_main = move || {
        let main = schema::descriptors().filter(|descriptor| is_main_group(descriptor.group));
        let labels: Vec<_> = main.filter(|descriptor| found(descriptor)).map(|descriptor| descriptor.label).collect();
        let searching = search.with(|search| !search.trim().is_empty());
        (searching && !labels.is_empty()).then(|| format!("Above, under Fault and Workload: {}.", labels.join(", ")))
    };
    let nothing = move || !schema::descriptors().any(found);
    view! {
        <details class="all-settings">
            <summary>"All settings" <span class="muted">{others().count()} " more keys"</span></summary>
            <input
                type="search"
                class="search"
                aria-label="Search settings"
                placeholder="Search keys, names and explanations"
                prop:value=move || search.get()
                on:input=move |event| search.set(event_target_value(&event))
            />
            <p class="note">{in_main}</p>
            <p class="note" role="status">
                {move || nothing().then(|| format!("No key has “{}” in its name or explanation.", search.get().trim()))}
            </p>
            {groups.collect_view()}
            <OtherKeys/>
        </details>
    }
    .into_any()
}

/// Keys of the configuration file that nothing is known of.
#[component]
fn OtherKeys() -> AnyView {
    let EditorContext { reference, .. } = expect_context();
    let keys = Memo::new(move |_| reference.with(unknown_keys));
    view! {
        <Show when=move || keys.with(|keys| !keys.is_empty())>
            <fieldset>
                <legend>"Other keys, passed on"</legend>
                <dl class="other-keys">
                    {move || keys.get().into_iter().map(|(key, value)| view! {
                        <div><dt><code>{key}</code></dt><dd>{value}</dd></div>
                    }).collect_view()}
                </dl>
            </fieldset>
        </Show>
    }
    .into_any()
}
