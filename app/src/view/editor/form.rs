//! The form: faults and workload first, the other groups behind "All settings" unless something is searched for.

use crate::state::draft::{is_main_group, unknown_keys};
use crate::view::editor::EditorContext;
use crate::view::editor::field::Field;
use crate::view::editor::filter::{Filter, FilterBar};
use crate::view::session::Session;
use leptos::prelude::*;
use model::descriptor::{Descriptor, Group};
use model::schema;

/// All keys. While the text is `broken`, they are shown and not edited.
#[component]
pub(super) fn Form(#[prop(into)] broken: Signal<bool>) -> AnyView {
    let filter = Filter::new(Session::get(), expect_context::<EditorContext>());
    let main = Group::ALL.into_iter().filter(|group| is_main_group(*group));
    view! {
        <FilterBar filter/>
        <div class="scroll" tabindex="-1">
            <fieldset class="all-fields" disabled=move || broken.get()>
                <legend class="hidden-visually">"Keys"</legend>
                {main.map(|group| view! { <FieldGroup group filter/> }).collect_view()}
                <AllSettings filter/>
            </fieldset>
        </div>
    }
    .into_any()
}

fn of_group(group: Group) -> impl Iterator<Item = &'static Descriptor> {
    schema::descriptors().filter(move |descriptor| descriptor.group == group)
}

#[component]
fn FieldGroup(group: Group, filter: Filter) -> AnyView {
    let any = move || of_group(group).any(|descriptor| filter.shows(descriptor.key));
    view! {
        <fieldset class:gone=move || !any()>
            <legend>{group.label()}</legend>
            {of_group(group).map(|descriptor| view! {
                <div class:gone=move || !filter.shows(descriptor.key)><Field descriptor/></div>
            }).collect_view()}
        </fieldset>
    }
    .into_any()
}

/// The other groups. While a filter is on, they are open.
#[component]
fn AllSettings(filter: Filter) -> AnyView {
    let opened = RwSignal::new(false);
    let others = || schema::descriptors().filter(|descriptor| !is_main_group(descriptor.group));
    let groups = Group::ALL.into_iter().filter(|group| !is_main_group(*group));
    let toggled = move |event: web_sys::Event| {
        if !untrack(|| filter.is_on()) {
            opened.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
        }
    };
    view! {
        <details
            class="all-settings"
            class:filtered=move || filter.is_on()
            open=move || opened.get() || filter.is_on()
            on:toggle=toggled
        >
            <summary>"All settings" <span class="muted">{others().count()} " more keys"</span></summary>
            {groups.map(|group| view! { <FieldGroup group filter/> }).collect_view()}
            <div class:gone=move || filter.is_on()><OtherKeys/></div>
        </details>
    }
    .into_any()
}

/// Keys that nothing is known of.
#[component]
fn OtherKeys() -> AnyView {
    let session = Session::get();
    let keys = Memo::new(move |_| session.editing.with(|editing| unknown_keys(editing.read_tree())));
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
