//! The playground: configuration, control, cluster and charts on one screen.

use crate::state::overview::shown;
use crate::view::charts::Charts;
use crate::view::cluster::ClusterCard;
use crate::view::control::ControlPanel;
use crate::view::editor::Editor;
use crate::view::session::Session;
use crate::view::with_overview::WithOverview;
use leptos::prelude::*;
use leptos_meta::Title;

/// `/`.
#[component]
pub(crate) fn PlaygroundPage() -> AnyView {
    view! {
        <Title text=""/>
        <h1 class="hidden-visually">"Playground"</h1>
        <WithOverview what="The experiments"><Playground/></WithOverview>
    }
    .into_any()
}

#[component]
fn Playground() -> AnyView {
    let session = Session::get();
    let trial = Memo::new(move |_| {
        let testbed = session.testbed.get();
        session.overview.with(|known| known.as_ref().and_then(|known| shown(known, &testbed)))
    });
    Effect::new(move |_| match trial.get() {
        Some(trial) => {
            session.show(trial, None);
            session.load();
        }
        None => session.show_nothing(),
    });
    view! {
        // In the order of a narrow window, and so that the keyboard is at Start before it is at the many settings.
        <div class="playground">
            <ControlPanel/>
            <ClusterCard/>
            <Charts/>
            <Editor/>
        </div>
    }
    .into_any()
}
