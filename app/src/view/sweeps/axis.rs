//! The keys that vary: found by a search, each with its values.

use crate::state::draft::matches_search;
use crate::state::sweeps::form::{MAX_FORM_AXES, few_values, hint};
use crate::view::sweeps::form::{FieldProblem, FormContext};
use leptos::prelude::*;
use model::descriptor::{Descriptor, Readers};
use model::schema;

/// How many keys a search shows.
const MOST_FOUND: usize = 8;

/// All of them, and the way to add one.
#[component]
pub(crate) fn Axes() -> AnyView {
    let FormContext { form, .. } = expect_context();
    let keys = Memo::new(move |_| form.with(|form| form.axes.iter().map(|axis| axis.key.clone()).collect::<Vec<_>>()));
    view! {
        <fieldset>
            <legend>"What varies"</legend>
            <ul class="sweep-axes">
                <For each=move || keys.get() key=|key| key.clone() let:key><Axis key_=key/></For>
            </ul>
            <FieldProblem key="set"/>
            <Show
                when=move || form.with(|form| form.has_room())
                fallback=|| view! {
                    <p class="note">{format!("{MAX_FORM_AXES} keys vary. A grid file for bftgym sweep may have more.")}</p>
                }
            >
                <Search/>
            </Show>
        </fieldset>
    }
    .into_any()
}

/// One key with its values.
#[component]
fn Axis(key_: String) -> AnyView {
    let FormContext { form, .. } = expect_context();
    let key = StoredValue::new(key_);
    let known = schema::descriptor(&key.get_value());
    let place = move || form.with(|form| form.axes.iter().position(|axis| axis.key == key.get_value()));
    let text = move || {
        form.with(|form| form.axes.iter().find(|axis| axis.key == key.get_value()).map(|axis| axis.text.clone()))
            .unwrap_or_default()
    };
    let (label, unit) = known.map_or((key.get_value(), ""), |known| (known.label.to_owned(), known.unit));
    let remove = move |_| form.update(|form| form.axes.retain(|axis| axis.key != key.get_value()));
    let id = format!("axis-{}", key.get_value().replace('.', "-"));
    let input = match known.and_then(|known| few_values(&known.kind)) {
        Some(all) => {
            let all = StoredValue::new(all);
            let button = move |value: &'static str| {
                let chosen = move || text().split(',').any(|each| each.trim() == value);
                let toggle = move |_| {
                    if let Some(place) = untrack(place) {
                        form.update(|form| form.toggle_value(place, value, &all.get_value()));
                    }
                };
                view! {
                    <button type="button" class="choice" aria-pressed=move || chosen().to_string() on:click=toggle>{value}</button>
                }
            };
            let buttons = all.get_value().into_iter().map(button).collect_view();
            view! { <div class="choices" role="group" aria-labelledby=id.clone()>{buttons}</div> }.into_any()
        }
        None => {
            let set = move |event| {
                let typed = event_target_value(&event);
                form.update(|form| {
                    if let Some(axis) = form.axes.iter_mut().find(|axis| axis.key == key.get_value()) {
                        axis.text = typed;
                    }
                });
            };
            view! {
                <input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    aria-labelledby=id.clone()
                    value=untrack(text)
                    prop:value=text
                    on:input=set
                />
            }
            .into_any()
        }
    };
    view! {
        <li class="sweep-axis" data-axis=key.get_value()>
            <div class="names">
                <strong id=id>{label.clone()}</strong>
                <code>{key.get_value()}</code>
            </div>
            <div class="values">{input} <span class="unit">{unit}</span></div>
            <button type="button" class="icon" title="Remove" aria-label=format!("Remove {label}") on:click=remove>
                <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>
            </button>
            <p class="note">{known.map(|known| hint(&known.kind))}</p>
            <FieldProblem key=key.get_value()/>
        </li>
    }
    .into_any()
}

/// A search over all keys.
#[component]
fn Search() -> AnyView {
    let FormContext { form, .. } = expect_context();
    let search = RwSignal::new(String::new());
    let found = move || {
        let text = search.get();
        if text.trim().is_empty() {
            return Vec::new();
        }
        let there = |known: &Descriptor| form.with(|form| form.axes.iter().any(|axis| axis.key == known.key));
        let ours = schema::descriptors().filter(|known| known.readers != Readers::Framework && !there(known));
        ours.filter(|known| matches_search(known, &text)).take(MOST_FOUND).collect::<Vec<_>>()
    };
    let add = move |known: &'static Descriptor| {
        form.update(|form| form.add_axis(known));
        search.set(String::new());
    };
    let first = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            if let Some(known) = untrack(found).first() {
                add(known);
            }
        }
    };
    let list = move || {
        let row = |known: &'static Descriptor| {
            view! {
                <li>
                    <button type="button" class="quiet" on:click=move |_| add(known)>
                        <strong>{known.label}</strong>
                        <code>{known.key}</code>
                    </button>
                </li>
            }
        };
        found().into_iter().map(row).collect_view()
    };
    let nothing = move || !search.with(|text| text.trim().is_empty()) && found().is_empty();
    view! {
        <div class="axis-search">
            <input
                type="search"
                class="search"
                aria-label="Add a key"
                placeholder="Add a key: search names, keys and explanations"
                prop:value=move || search.get()
                on:input=move |event| search.set(event_target_value(&event))
                on:keydown=first
            />
            <ul class="found">{list}</ul>
            <p class="note" role="status">{move || nothing().then_some("No key has that in its name or explanation.")}</p>
        </div>
    }
    .into_any()
}
