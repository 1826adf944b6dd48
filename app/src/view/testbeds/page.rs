//! The page of testbeds.

use crate::backend::Overview;
use crate::conn::host_testbeds::load_host_testbeds;
use crate::state::testbeds::TestbedDraft;
use crate::view::cloudlab::CloudlabSection;
use crate::view::loaded::loaded;
use crate::view::protocols::exchange;
use crate::view::session::Session;
use crate::view::testbeds::card::TestbedCard;
use crate::view::testbeds::desk::Desk;
use crate::view::testbeds::form::TestbedForm;
use crate::view::testbeds::question::QuestionDialog;
use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use model::hosts::SshTestbed;
use model::yaml::MAX_CONFIG_BYTES;

/// `/testbeds`.
#[component]
pub(crate) fn TestbedsPage() -> AnyView {
    let testbeds = Resource::new(|| (), |()| load_host_testbeds());
    view! {
        <Title text="Testbeds"/>
        <div class="page testbeds">
            {loaded(testbeds, ("The testbeds", Some("Testbeds")), |loaded| view! { <Testbeds loaded/> }.into_any())}
            <CloudlabSection/>
        </div>
    }
    .into_any()
}

#[component]
fn Testbeds(loaded: Vec<SshTestbed>) -> AnyView {
    let session = Session::get();
    let desk = Desk::new(loaded);
    provide_context(desk);
    let file = NodeRef::<html::Input>::new();
    let choose = move |_| {
        if let Some(input) = file.get_untracked() {
            input.click();
        }
    };
    let import = move |_| {
        if let Some(input) = file.get_untracked() {
            exchange::import(&input, ("testbed's file", MAX_CONFIG_BYTES), move |read| match read {
                Ok((_, text)) => desk.import(&text),
                Err(problem) => desk.failure.set(Some(problem)),
            });
        }
    };
    // Another tab, or another person, may change them as well.
    let names = Memo::new(move |_| {
        let names = |known: &Overview| known.testbeds.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        session.overview.with(|known| known.as_ref().map(names).unwrap_or_default())
    });
    Effect::new(move |before: Option<()>| {
        names.track();
        if before.is_some() {
            desk.reload();
        }
    });
    view! {
        <header class="page-head">
            <h1>"Testbeds"</h1>
            <div class="actions">
                <input
                    type="file"
                    class="hidden-visually"
                    tabindex="-1"
                    aria-label="Testbed file"
                    accept=".yaml,.yml"
                    node_ref=file
                    on:change=import
                />
                <button type="button" disabled=move || !session.drives() || desk.is_editing() on:click=choose>"Import file"</button>
                <button
                    type="button"
                    class="primary"
                    disabled=move || !session.drives() || desk.is_editing()
                    on:click=move |_| desk.edit(TestbedDraft::new())
                >
                    "New testbed"
                </button>
            </div>
        </header>
        <p class="muted">
            "Trials run on this machine, or on Linux hosts that you reach over SSH. Choose the testbed beside Start; each runs one
             trial at a time."
        </p>
        {move || desk.failure.get().map(|message| view! { <p class="field-error" role="alert">{message}</p> })}
        <Show when=move || desk.draft.with(Option::is_some)>
            <TestbedForm/>
        </Show>
        <Show
            when=move || desk.testbeds.with(|all| !all.is_empty())
            fallback=move || view! {
                <Show when=move || desk.draft.with(Option::is_none)>
                    <div class="card empty">
                        <h2>"No hosts yet"</h2>
                        <p>"A testbed is a list of hosts, each with its address and the user who logs in."</p>
                    </div>
                </Show>
            }
        >
            <For each=move || desk.testbeds.get() key=|testbed| format!("{testbed:?}") let:testbed>
                <TestbedCard testbed/>
            </For>
        </Show>
        <QuestionDialog/>
    }
    .into_any()
}
