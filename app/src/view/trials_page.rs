//! The list of trials.

use crate::state::format;
use crate::state::overview::duration_ms;
use crate::view::badges::{StateBadge, VerdictBadge};
use crate::view::context::OverviewResource;
use crate::view::session::{Session, load_failure};
use crate::view::time::{LocalTime, RunningFor};
use leptos::prelude::*;
use leptos_meta::Title;
use model::trial::TrialSummary;

/// `/trials`.
#[component]
pub(crate) fn TrialsPage() -> AnyView {
    let session = Session::get();
    let overview = expect_context::<OverviewResource>();
    view! {
        <Title text="Trials"/>
        <div class="page">
            <h1>"Trials"</h1>
            <Suspense fallback=|| view! { <p class="muted">"Loading…"</p> }>
                {move || Suspend::new(async move {
                    match overview.await {
                        Ok(loaded) => {
                            session.adopt(loaded);
                            view! { <Table/> }.into_any()
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
fn Table() -> AnyView {
    let session = Session::get();
    let trials = Memo::new(move |_| {
        session.overview.with(|known| known.as_ref().map(|known| known.trials.clone()).unwrap_or_default())
    });
    view! {
        <Show
            when=move || trials.with(|trials| !trials.is_empty())
            fallback=|| view! {
                <div class="card empty">
                    <h2>"No trials yet"</h2>
                    <p>"Each run is kept here with its settings, samples and verdict. Start the first one in the "
                        <a href="/">"playground"</a> "."</p>
                </div>
            }
        >
            <div class="card table-scroll">
                <table class="trials">
                    <thead>
                        <tr>
                            <th>"Name"</th>
                            <th>"Protocol"</th>
                            <th class="number">"Replicas"</th>
                            <th>"State"</th>
                            <th>"Verdict"</th>
                            <th>"Started"</th>
                            <th class="number">"Duration"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || trials.get() key=|trial| format!("{trial:?}") let:trial>
                            <Row trial/>
                        </For>
                    </tbody>
                </table>
            </div>
        </Show>
    }
    .into_any()
}

#[component]
fn Row(trial: TrialSummary) -> impl IntoView {
    let session = Session::get();
    let title = untrack(|| session.protocol_title(&trial.protocol));
    let duration = match (duration_ms(&trial, None), trial.started_ms) {
        (Some(took), _) => format::duration_ms(took).into_any(),
        (None, Some(started_ms)) if trial.state.is_active() => view! { <RunningFor started_ms/> }.into_any(),
        _ => format::NOTHING.into_any(),
    };
    let badges = Signal::stored(Some(trial.clone()));
    view! {
        <tr data-trial=trial.id.to_string()>
            <td><a href=format!("/trials/{}", trial.id)>{trial.name}</a></td>
            <td>{title}</td>
            <td class="number">{trial.replicas}</td>
            <td><StateBadge trial=badges/></td>
            <td><VerdictBadge trial=badges/></td>
            <td><LocalTime at_ms=trial.started_ms.unwrap_or(trial.created_ms)/></td>
            <td class="number">{duration}</td>
        </tr>
    }
}
