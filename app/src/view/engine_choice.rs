//! The choice of what the units of the next trial run.

use crate::state::engine::{self, obstacle};
use crate::view::session::Session;
use leptos::prelude::*;
use model::testbed::Engine;

/// The engines; one that cannot be chosen is there, and says why not.
#[component]
pub(crate) fn EngineChoice() -> AnyView {
    let session = Session::get();
    let why_not = move |engine: Engine| {
        let testbed = session.testbed.get();
        session.overview.with(|known| known.as_ref().and_then(|known| obstacle(known, &testbed, engine)))
    };
    let missing = Memo::new(move |_| engine::ALL.into_iter().find_map(why_not));
    // What cannot be chosen here is not kept from elsewhere.
    Effect::new(move |_| {
        if why_not(session.engine.get()).is_some() {
            session.engine.set(Engine::Native);
        }
    });
    let chosen = move || session.engine.get().word();
    let choose = move |event: web_sys::Event| {
        let word = event_target_value(&event);
        if let Some(engine) = engine::ALL.into_iter().find(|engine| engine.word() == word) {
            session.engine.set(engine);
        }
    };
    view! {
        <label class="stacked" title=move || missing.get()>
            <span>"Engine"</span>
            <select id="engine-choice" prop:value=chosen aria-describedby="engine-problem" on:change=choose>
                {engine::ALL.into_iter().map(|one| view! {
                    <option
                        value=one.word()
                        selected=untrack(chosen) == one.word()
                        disabled=move || why_not(one).is_some()
                    >
                        {engine::label(one)}
                        {move || why_not(one).map(|_| ": not set up")}
                    </option>
                }).collect_view()}
            </select>
        </label>
        // Beside the label, whose text is the name of the choice.
        <span id="engine-problem" class="hidden-visually">{move || missing.get()}</span>
    }
    .into_any()
}
