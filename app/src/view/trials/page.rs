//! `/trials`: the list of trials.

use crate::view::context::OverviewResource;
use crate::view::session::{Session, load_failure};
use crate::view::trials::bulk::BulkBar;
use crate::view::trials::deleted::Deleted;
use crate::view::trials::desk::Desk;
use crate::view::trials::filters::Filters;
use crate::view::trials::import::ImportButton;
use crate::view::trials::table::Table;
use leptos::prelude::*;
use leptos_meta::Title;

/// `/trials`.
#[component]
pub(crate) fn TrialsPage() -> AnyView {
    let session = Session::get();
    let overview = expect_context::<OverviewResource>();
    view! {
        <Title text="Trials"/>
        <div class="page trials-page">
            <div class="page-head">
                <h1>"Trials"</h1>
                <ImportButton/>
            </div>
            <Suspense fallback=|| view! { <p class="muted">"Loading…"</p> }>
                {move || Suspend::new(async move {
                    match overview.await {
                        Ok(loaded) => {
                            session.adopt(loaded);
                            view! { <List/> }.into_any()
                        }
                        Err(error) => view! {
                            <p class="card empty" role="alert">{load_failure("The trials", &error)}</p>
                        }
                        .into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn List() -> AnyView {
    let session = Session::get();
    let desk = Desk::get();
    let count = Memo::new(move |_| session.overview.with(|known| known.as_ref().map_or(0, |known| known.trials.len())));
    Effect::new(move |_| {
        // A new trial has settings of its own.
        count.track();
        desk.load_settings();
    });
    view! {
        <Show
            when=move || { count.get() > 0 }
            fallback=|| view! {
                <div class="card empty">
                    <h2>"No trials yet"</h2>
                    <p>"Each run is kept here with its settings, samples and verdict. Start the first one in the "
                        <a href="/">"playground"</a> ", or import one from a file."</p>
                </div>
            }
        >
            <Filters/>
            <BulkBar/>
            <Table/>
        </Show>
        <Deleted/>
    }
    .into_any()
}
