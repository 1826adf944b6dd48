//! Adding a trial to the comparison.

use crate::state::compare::address::MAX_TRIALS;
use crate::view::compare::desk::CompareDesk;
use crate::view::session::Session;
use leptos::prelude::*;
use model::ids::TrialId;

/// The choice of one more trial.
#[component]
pub(crate) fn Picker() -> AnyView {
    let session = Session::get();
    let desk = CompareDesk::get();
    let others = Memo::new(move |_| {
        let chosen = desk.comparison.with(|comparison| comparison.trials.clone());
        session.overview.with(|known| {
            let trials = known.iter().flat_map(|known| &known.trials).filter(|trial| !chosen.contains(&trial.id));
            trials.map(|trial| (trial.id, trial.name.clone(), trial.protocol.clone())).collect::<Vec<_>>()
        })
    });
    let full = move || desk.comparison.with(|comparison| comparison.trials.len()) >= MAX_TRIALS;
    let add = move |event: web_sys::Event| {
        if let Ok(trial) = event_target_value(&event).parse() {
            desk.change(|comparison| comparison.with(TrialId(trial)));
        }
    };
    let first = move || match (full(), others.with(Vec::is_empty)) {
        (true, _) => format!("{MAX_TRIALS} trials are as many as fit"),
        (false, true) => "There is no other trial".to_owned(),
        (false, false) => "Add a trial…".to_owned(),
    };
    view! {
        <label class="stacked picker">
            <span>"Trials to compare"</span>
            <select
                disabled=move || full() || others.with(Vec::is_empty)
                prop:value=move || { others.track(); "" }
                on:change=add
            >
                <option value="">{first}</option>
                {move || others.get().into_iter().map(|(id, name, protocol)| {
                    let title = untrack(|| session.protocol_title(&protocol));
                    view! { <option value=id.to_string()>{format!("{name} ({title}, number {id})")}</option> }
                }).collect_view()}
            </select>
        </label>
    }
    .into_any()
}
