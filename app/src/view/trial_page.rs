//! One trial: the same charts as in the playground and everything it keeps, live while it runs.

use crate::conn::detail::load_detail;
use crate::conn::error::PageError;
use crate::state::format;
use crate::state::overview::duration_ms;
use crate::state::summary::verdict_text;
use crate::view::badges::{StateBadge, VerdictBadge};
use crate::view::charts::Charts;
use crate::view::context::OverviewResource;
use crate::view::control::UnitGrid;
use crate::view::launch::{Launch, LaunchHosts};
use crate::view::record::{Environment, Log, Patches, Settings};
use crate::view::session::{Session, load_failure};
use crate::view::time::{LocalTime, RunningFor};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::ids::TrialId;
use model::trial::{TrialDetail, TrialState};

/// `/trials/:id`.
#[component]
pub(crate) fn TrialPage() -> AnyView {
    let session = Session::get();
    let overview = expect_context::<OverviewResource>();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok().map(TrialId))));
    let detail = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => load_detail(id).await,
                None => Err(PageError::Unreachable { message: "A trial's address ends with its number.".to_owned() }),
            }
        },
    );
    view! {
        <div class="page trial-page">
            <Suspense fallback=|| view! { <p class="muted">"Loading…"</p> }>
                {move || Suspend::new(async move {
                    // The live stream begins where the overview ends: without it the page is still worth reading.
                    if let Ok(loaded) = overview.await {
                        session.adopt(loaded);
                    }
                    match detail.await {
                        Ok(detail) => view! { <Trial loaded=detail/> }.into_any(),
                        Err(error) => view! {
                            <Title text="Trial"/>
                            <h1>"Trial"</h1>
                            <p class="card empty" role="alert">{load_failure("This trial", &error)}</p>
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
fn Trial(loaded: TrialDetail) -> AnyView {
    let session = Session::get();
    let name = loaded.summary.name.clone();
    session.show(loaded.summary.id, Some(loaded));
    Effect::new(move |_| session.load());
    let trial = Memo::new(move |_| session.opened());
    let facts = move || {
        let trial = trial.get()?;
        let duration = match (duration_ms(&trial, None), trial.started_ms) {
            (Some(took), _) => format::duration_ms(took).into_any(),
            (None, Some(started_ms)) if trial.state.is_active() => view! { <RunningFor started_ms/> }.into_any(),
            _ => format::NOTHING.into_any(),
        };
        Some(view! {
            <dl class="facts">
                <div><dt>"Protocol"</dt><dd>{session.protocol_title(&trial.protocol)}</dd></div>
                <div><dt>"Replicas"</dt><dd>{trial.replicas}</dd></div>
                <div><dt>"Started"</dt><dd><LocalTime at_ms=trial.started_ms.unwrap_or(trial.created_ms)/></dd></div>
                <div><dt>"Duration"</dt><dd>{duration}</dd></div>
            </dl>
        })
    };
    let reason = move || {
        trial.get().and_then(|trial| match trial.state {
            TrialState::Failed { reason } => Some(view! {
                <p class="field-error" role="alert">"This trial failed: " {reason}</p>
            }),
            _ => None,
        })
    };
    let phases = Signal::derive(move || {
        session.detail.with(|detail| detail.as_ref().map(|detail| detail.phases.clone()).unwrap_or_default())
    });
    let hosts = Signal::derive(move || {
        session.detail.with(|detail| detail.as_ref().map(|detail| detail.hosts.clone()).unwrap_or_default())
    });
    view! {
        <Title text=name/>
        <p class="crumb"><a href="/trials">"Trials"</a></p>
        <div class="status-line">
            <h1>{move || trial.with(|trial| trial.as_ref().map(|trial| trial.name.clone()))}</h1>
            <StateBadge trial=trial/>
            <VerdictBadge trial=trial/>
            <span class="muted">{move || trial.with(|trial| trial.as_ref().map(|trial| verdict_text(Some(trial))))}</span>
        </div>
        {reason}
        <section class="card control" aria-label="Run">
            {facts}
            <Launch phases/>
            <LaunchHosts hosts/>
            <UnitGrid/>
        </section>
        <Charts all=true/>
        <Patches/>
        <Settings/>
        <Log/>
        <Environment/>
    }
    .into_any()
}
