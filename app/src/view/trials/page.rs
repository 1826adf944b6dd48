//! `/trials`: the list of trials.

use crate::view::session::Session;
use crate::view::trials::bulk::BulkBar;
use crate::view::trials::deleted::Deleted;
use crate::view::trials::desk::Desk;
use crate::view::trials::filters::Filters;
use crate::view::trials::import::ImportButton;
use crate::view::trials::table::Table;
use crate::view::with_overview::WithOverview;
use leptos::prelude::*;
use leptos_meta::Title;

/// `/trials`.
#[component]
pub(crate) fn TrialsPage() -> AnyView {
    view! {
        <Title text="Trials"/>
        <div class="page trials-page">
            <div class="page-head">
                <h1>"Trials"</h1>
                <ImportButton/>
            </div>
            <WithOverview what="The trials"><List/></WithOverview>
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
