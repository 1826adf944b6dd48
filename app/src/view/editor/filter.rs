//! Which keys of the form are shown: those that a search finds, those that are changed.

use crate::state::draft::matches_search;
use crate::view::editor::EditorContext;
use crate::view::session::Session;
use leptos::prelude::*;
use model::descriptor::Descriptor;
use model::schema;
use std::collections::BTreeSet;

/// The filter's signals. Copied freely: each is a handle.
#[derive(Clone, Copy)]
pub(super) struct Filter {
    search: RwSignal<String>,
    only_changed: RwSignal<bool>,
    /// The keys that are shown.
    shown: Memo<BTreeSet<&'static str>>,
    changed: Memo<BTreeSet<&'static str>>,
}

impl Filter {
    /// A filter that lets everything through.
    pub(super) fn new(session: Session, context: EditorContext) -> Self {
        let search = RwSignal::new(String::new());
        let only_changed = RwSignal::new(false);
        let changed = Memo::new(move |_| {
            session.editing.with(|editing| {
                context.reference.with(|reference| {
                    schema::descriptors()
                        .filter(|descriptor| editing.field(descriptor, reference).changed)
                        .map(|descriptor| descriptor.key)
                        .collect()
                })
            })
        });
        let shown = Memo::new(move |_| {
            let wanted = |descriptor: &&Descriptor| {
                (!only_changed.get() || changed.with(|changed: &BTreeSet<&str>| changed.contains(descriptor.key)))
                    && search.with(|search| matches_search(descriptor, search))
            };
            schema::descriptors().filter(wanted).map(|descriptor| descriptor.key).collect()
        });
        Self { search, only_changed, shown, changed }
    }

    /// Whether it holds anything back.
    pub(super) fn is_on(self) -> bool {
        self.only_changed.get() || self.search.with(|search| !search.trim().is_empty())
    }

    /// Whether a key is shown.
    pub(super) fn shows(self, key: &str) -> bool {
        self.shown.with(|shown| shown.contains(key))
    }
}

/// The search and the switch, and how much they leave.
#[component]
pub(super) fn FilterBar(filter: Filter) -> AnyView {
    let Filter { search, only_changed, shown, changed } = filter;
    let count = move || {
        if !filter.is_on() {
            return String::new();
        }
        let (left, all) = (shown.with(BTreeSet::len), schema::descriptors().count());
        let searched = search.with(|search| search.trim().to_owned());
        match (left, only_changed.get(), searched.as_str()) {
            (0, true, "") => "Nothing is changed.".to_owned(),
            (0, true, searched) => format!("No changed key has “{searched}” in its name or explanation."),
            (0, false, searched) => format!("No key has “{searched}” in its name or explanation."),
            _ => format!("{left} of {all} keys"),
        }
    };
    view! {
        <div class="filter-bar" role="search" aria-label="Configuration keys">
            <input
                type="search"
                id="configuration-search"
                aria-label="Search settings"
                aria-keyshortcuts="/"
                placeholder="Search all keys (press /)"
                prop:value=move || search.get()
                on:input=move |event| search.set(event_target_value(&event))
            />
            <button
                type="button"
                class="toggle"
                aria-pressed=move || only_changed.get().to_string()
                on:click=move |_| only_changed.update(|only| *only = !*only)
            >
                "Only changed "
                <span class="count">{move || changed.with(BTreeSet::len)}</span>
            </button>
        </div>
        <p class="filter-count" role="status">{count}</p>
    }
    .into_any()
}
