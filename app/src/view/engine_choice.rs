//! The choice of what the units of the next trial run, and what it means for the choice of a protocol.

use crate::state::engine::{self, Choice, obstacle};
use crate::view::protocols::own::OwnProtocols;
use crate::view::session::Session;
use crate::view::stage::next_config;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::testbed::Engine;
use std::collections::BTreeMap;

/// Why protocols cannot be chosen, by their choices. What finds this out reads whole protocol files; the browser fetches
/// it when somebody chooses an engine that does not run everything.
pub(crate) fn protocol_obstacles(session: Session, own: OwnProtocols) -> RwSignal<BTreeMap<String, String>> {
    let obstacles = RwSignal::new(BTreeMap::new());
    let choice = Memo::new(move |_| {
        let engine = session.engine.get();
        (engine != Engine::Native).then(|| Choice {
            engine,
            testbed: session.testbed.get(),
            f: next_config(session).tolerated_faults(),
            own: own.kept.get(),
        })
    });
    Effect::new(move |_| {
        let Some(asked) = choice.get() else {
            obstacles.set(BTreeMap::new());
            return;
        };
        spawn_local(async move {
            // Without an answer all can be chosen, and Start says what does not go.
            let found = found(asked.clone()).await.unwrap_or_default();
            if choice.try_get_untracked().flatten() == Some(asked) {
                obstacles.set(found);
            }
        });
    });
    obstacles
}

#[cfg(feature = "split")]
#[leptos::wasm_split::wasm_split(protocols, wasm_split_path = ::leptos::wasm_split, fallible)]
fn found(choice: Choice) -> Result<BTreeMap<String, String>, leptos::wasm_split::SplitLoaderError> {
    Ok(engine::protocol_obstacles(&choice))
}

#[cfg(not(feature = "split"))]
async fn found(choice: Choice) -> Result<BTreeMap<String, String>, std::convert::Infallible> {
    Ok(engine::protocol_obstacles(&choice))
}

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
