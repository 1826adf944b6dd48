//! Taking over an experiment that is there already.

use super::patience::Patience;
use super::{Offered, why};
use crate::backend::cloudlab::OwnExperiment;
use crate::conn::cloudlab::resume::resume_experiment;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A field for the portal's id of an experiment.
#[component]
pub(super) fn ResumeForm() -> AnyView {
    let id = RwSignal::new(String::new());
    let Offered(offers) = expect_context();
    let own = move || {
        let own = offers.with(|offers| offers.experiments.clone());
        let option = |one: OwnExperiment| view! { <option value=one.id.to_string()>{one.title}</option> };
        own.into_iter().map(option).collect_view()
    };
    let busy = RwSignal::new(false);
    let patience = Patience::new();
    let failure = RwSignal::new(None::<String>);
    let submit = move || {
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let asked = id.get_untracked();
            let answer = patience.ask(|| resume_experiment(asked.clone())).await;
            busy.set(false);
            match answer {
                Ok(_) => id.set(String::new()),
                Err(error) => {
                    failure.set(Some(why(&error)));
                }
            }
        });
    };
    view! {
        <details class="card padded resume">
            <summary>"Take over an experiment that is there already"</summary>
            <form
                class="token-form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    submit();
                }
            >
                <label class="stacked grow">
                    <span>"Experiment id"</span>
                    <input
                        type="text"
                        list="own-experiments"
                        autocomplete="off"
                        spellcheck="false"
                        placeholder="a194e2be-1e5b-4617-84de-c4966cb5c578"
                        prop:value=move || id.get()
                        aria-invalid=move || failure.with(Option::is_some).to_string()
                        aria-describedby="resume-problem"
                        on:input=move |event| id.set(event_target_value(&event))
                    />
                </label>
                <datalist id="own-experiments">{own}</datalist>
                <button type="submit" disabled=move || busy.get()>"Take over"</button>
            </form>
            <div id="resume-problem">
                {patience.shown()}
                {move || failure.get().map(|failure| view! { <p class="field-error" role="alert">{failure}</p> })}
            </div>
        </details>
    }
    .into_any()
}
