//! CloudLab on the page of testbeds: the token, experiments and their machines, and the form for a new one.

mod actions;
mod banner;
mod create;
mod experiment;
mod lan;
mod machines;
mod patience;
mod resume;
mod token;

use crate::backend::cloudlab::{CloudlabView, Offers, TokenState};
use crate::conn::cloudlab::offers::load_offers;
use crate::conn::cloudlab::view::load_cloudlab;
use crate::conn::error::PageError;
use crate::state::draft::sentence;
use crate::view::loaded::loaded;
use crate::view::session::Session;
pub(crate) use banner::ExpiryBanner;
use create::CreateForm;
use experiment::ExperimentCard;
use leptos::prelude::*;
use leptos::task::spawn_local;
use patience::Patience;
use resume::ResumeForm;
use std::time::Duration;
use token::TokenCard;

/// How often times that are left are told anew.
const CLOCK: Duration = Duration::from_secs(5);

/// The time as the browser knows it, milliseconds since the epoch; none on the server.
#[derive(Clone, Copy)]
struct Now(RwSignal<Option<i64>>);

/// What the portal lists for the token's user, once it has been asked.
#[derive(Clone, Copy)]
struct Offered(RwSignal<Offers>);

/// Why something was not done, as a sentence: what is wrong with the input, or else the whole refusal.
fn why(error: &PageError) -> String {
    match error.problems().first() {
        Some(problem) => sentence(&problem.message),
        None => sentence(&error.to_string()),
    }
}

/// Everything about CloudLab.
#[component]
pub(crate) fn CloudlabSection() -> AnyView {
    let found = Resource::new(|| (), |()| load_cloudlab());
    let now = RwSignal::new(None);
    provide_context(Now(now));
    Effect::new(move |_| {
        let tick = move || now.set(Some(js_sys::Date::now() as i64));
        tick();
        if let Ok(handle) = set_interval_with_handle(tick, CLOCK) {
            on_cleanup(move || handle.clear());
        }
    });
    view! {
        <section class="cloudlab" aria-labelledby="cloudlab-title">
            <header class="page-head">
                <h2 id="cloudlab-title">"CloudLab"</h2>
            </header>
            <p class="muted">
                "Machines that "
                <a href="https://www.cloudlab.us/" rel="noreferrer" target="_blank">"CloudLab"</a>
                " lends to researchers for some hours."
            </p>
            {loaded(found, ("CloudLab", None), |view| {
                let session = Session::get();
                session.adopt_cloudlab(view);
                view! {
                    <fieldset class="for-drivers" disabled=move || !session.drives()><Content/></fieldset>
                }
                .into_any()
            })}
        </section>
    }
    .into_any()
}

#[component]
fn Content() -> AnyView {
    let session = Session::get();
    let read = move |read: fn(&CloudlabView) -> bool| {
        Memo::new(move |_| session.cloudlab.with(|view| view.as_ref().is_some_and(read)))
    };
    let has_token = read(|view| !matches!(view.token, TokenState::Missing | TokenState::Refused { .. }));
    let has_held = read(|view| view.experiments.iter().any(|experiment| experiment.held));
    let has_any = read(|view| !view.experiments.is_empty());
    let offers = RwSignal::new(Offers::default());
    provide_context(Offered(offers));
    let patience = Patience::new();
    Effect::new(move |_| {
        if has_token.get() {
            spawn_local(async move {
                // Everything can be typed, too.
                if let Ok(found) = patience.ask(load_offers).await {
                    offers.set(found);
                }
            });
        }
    });
    let keys = Memo::new(move |_| {
        session.cloudlab.with(|view| {
            let experiments = view.iter().flat_map(|view| &view.experiments);
            experiments.map(|experiment| experiment.key).collect::<Vec<_>>()
        })
    });
    view! {
        <TokenCard/>
        <Show when=move || !has_token.get() && has_held.get()>
            <p class="experiment-note" role="status">
                "Without a token, experiments are not followed: they are shown as they were last."
            </p>
        </Show>
        <Show when=move || has_token.get()>
            <CreateForm/>
        </Show>
        <Show when=move || has_any.get()>
            <ul class="experiments" aria-label="Experiments">
                <For each=move || keys.get() key=|key| *key let:key>
                    <ExperimentCard key/>
                </For>
            </ul>
        </Show>
        <Show when=move || has_token.get()>
            <ResumeForm/>
        </Show>
    }
    .into_any()
}
