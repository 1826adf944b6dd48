//! The configuration: as a form that is generated from the descriptors, as its text, and by name.

mod badge;
mod field;
mod filter;
mod form;
mod library;
pub(crate) mod update;
mod yaml;

use crate::view::fetched::fetched_part;
use crate::view::session::Session;
use crate::view::stage::{Pane, Stage};
use form::Form;
use leptos::prelude::*;
use library::Library;
use model::config::ConfigTree;
use protocol::language::diagnostic::Place;
use update::UpdateBar;
use yaml::YamlPane;

fetched_part!(yaml_pane: YamlPane in tools);

/// What all parts of the editor share.
#[derive(Clone, Copy)]
pub(crate) struct EditorContext {
    /// The configuration that changes are shown against.
    pub(crate) reference: Memo<ConfigTree>,
    /// Whether a trial is active: some keys wait for the next start then.
    pub(crate) active: Memo<bool>,
    /// The place of the text that is to be shown next.
    pub(crate) place: RwSignal<Option<Place>>,
}

/// The card with all of it.
#[component]
pub(crate) fn Editor() -> AnyView {
    let session = Session::get();
    let stage = Stage::get();
    let reference = Memo::new(move |_| session.reference());
    let active = Memo::new(move |_| session.active().is_some());
    let place = RwSignal::new(None);
    provide_context(EditorContext { reference, active, place });
    let against = move || if active.get() { "running" } else { "next start" };
    // Keys that nobody touched are those in force, in the text as well.
    Effect::new(move |_| {
        reference.track();
        session.edit(|editing, against| editing.follow(against));
    });
    let broken = Memo::new(move |_| session.editing.with(|editing| editing.broken().cloned()));
    let sentence = move || session.editing.with(|editing| editing.broken_sentence());
    let mend = move |_| {
        place.set(broken.get_untracked().map(|found| found.place));
        stage.pane.set(Pane::Yaml);
    };
    let segment = |pane: Pane, label: &'static str| {
        view! {
            <button
                type="button"
                aria-pressed=move || (stage.pane.get() == pane).to_string()
                on:click=move |_| stage.pane.set(pane)
            >
                {label}
            </button>
        }
    };
    let is_form = move || stage.pane.get() == Pane::Form;
    view! {
        <section
            class="card editor"
            aria-labelledby="editor-title"
            data-pane=move || if is_form() { "form" } else { "yaml" }
        >
            <header>
                <h2 id="editor-title">"Configuration"</h2>
                <span class="muted">{against}</span>
                <div class="segments" role="group" aria-label="How the configuration is shown">
                    {segment(Pane::Form, "Form")}
                    {segment(Pane::Yaml, "YAML")}
                </div>
            </header>
            <Library/>
            <div class="editor-form" class:gone=move || !is_form()>
                <Show when=move || broken.with(Option::is_some)>
                    <div class="editor-alert" role="alert">
                        <p>{sentence}</p>
                        <button type="button" on:click=mend>"Go to the line"</button>
                    </div>
                </Show>
                <Form broken=Signal::derive(move || broken.with(Option::is_some))/>
            </div>
            <Show when=move || !is_form()>{yaml_pane::part()}</Show>
            <UpdateBar/>
        </section>
    }
    .into_any()
}
