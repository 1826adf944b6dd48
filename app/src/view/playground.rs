//! The playground: configuration, control, cluster and charts on one screen.

use crate::state::overview::shown;
use crate::view::charts::Charts;
use crate::view::cluster::ClusterCard;
use crate::view::context::OverviewResource;
use crate::view::control::ControlPanel;
use crate::view::editor::Editor;
use crate::view::session::{Session, load_failure};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/`.
#[component]
pub(crate) fn PlaygroundPage() -> AnyView {
    let session = Session::get();
    let overview = expect_context::<OverviewResource>();
    view! {
        <Title text=""/>
        <h1 class="hidden-visually">"Playground"</h1>
        <Suspense fallback=|| view! { <p class="page muted">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match overview.await {
                    Ok(loaded) => {
                        session.adopt(loaded);
                        view! { <Playground/> }.into_any()
                    }
                    Err(error) => view! {
                        <div class="page">
                            <p class="card empty" role="alert">{load_failure("The experiments", &error)}</p>
                        </div>
                    }
                    .into_any(),
                }
            })}
        </Suspense>
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
        <div class="playground">
            <Editor/>
            <ControlPanel/>
            <ClusterCard/>
            <Charts/>
        </div>
    }
    .into_any()
}
