//! One trial: the same charts as in the playground and everything it keeps, live while it runs.

use crate::conn::detail::load_detail;
use crate::conn::error::PageError;
use crate::conn::run_again::run_again;
use crate::conn::stop::stop_trial;
use crate::state::engine;
use crate::state::format;
use crate::state::overview::duration_ms;
use crate::state::summary::verdict_text;
use crate::state::testbeds;
use crate::state::trials::figures::{estimate, milliseconds};
use crate::view::badges::{StateBadge, VerdictBadge};
use crate::view::charts::Charts;
use crate::view::control::UnitGrid;
use crate::view::launch::{Launch, LaunchHosts, failure};
use crate::view::loaded::loaded;
use crate::view::record::{Environment, Log, Patches, Settings};
use crate::view::session::Session;
use crate::view::time::{LocalTime, RunningFor};
use crate::view::trials::desk::{Desk, Field};
use crate::view::trials::edit::{EditButton, NameField, NoteField, PinButton, is_edited};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use model::ids::TrialId;
use model::trial::{TrialDetail, TrialState, TrialSummary};

/// `/trials/:id`.
#[component]
pub(crate) fn TrialPage() -> AnyView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok().map(TrialId))));
    // What belongs to one trial ends before the next one's begins: the address of a page may change to another trial.
    view! { <div class="page trial-page">{move || view! { <TrialAt id=id.get()/> }}</div> }.into_any()
}

#[component]
fn TrialAt(id: Option<TrialId>) -> AnyView {
    let detail = Resource::new(
        move || id,
        |id| async move {
            match id {
                Some(id) => load_detail(id).await,
                None => Err(PageError::Unreachable { message: "A trial's address ends with its number.".to_owned() }),
            }
        },
    );
    loaded(detail, ("This trial", Some("Trial")), |detail| view! { <Trial loaded=detail/> }.into_any())
}

#[component]
fn Trial(loaded: TrialDetail) -> AnyView {
    let session = Session::get();
    let id = loaded.summary.id;
    let first = loaded.summary.clone();
    session.show(id, Some(loaded));
    Effect::new(move |_| session.load());
    let trial = Memo::new(move |_| session.opened().or_else(|| Some(first.clone())));
    let facts = move || {
        let trial = trial.get()?;
        let duration = match (duration_ms(&trial, None), trial.started_ms) {
            (Some(took), _) => format::duration_ms(took).into_any(),
            (None, Some(started_ms)) if trial.state.is_active() => view! { <RunningFor started_ms/> }.into_any(),
            _ => format::NOTHING.into_any(),
        };
        let latency = trial.figures.and_then(|figures| figures.latency);
        let throughput = trial.figures.and_then(|figures| figures.throughput);
        let figures = throughput.map(|throughput| {
            view! {
                <div><dt>"Throughput"</dt><dd data-throughput>{estimate(throughput, format::grouped)} " req/s"</dd></div>
                {latency.map(|latency| view! {
                    <div><dt>"Latency p50"</dt><dd>{milliseconds(latency.p50)} " ms"</dd></div>
                    <div><dt>"Latency p99"</dt><dd>{milliseconds(latency.p99)} " ms"</dd></div>
                })}
            }
        });
        Some(view! {
            <dl class="facts">
                <div><dt>"Protocol"</dt><dd>{session.protocol_title(&trial.protocol)}</dd></div>
                <div><dt>"Replicas"</dt><dd>{trial.replicas}</dd></div>
                <div><dt>"Testbed"</dt><dd>{testbeds::label(&trial.testbed)}</dd></div>
                <div><dt>"Engine"</dt><dd>{engine::label(trial.engine)}</dd></div>
                <div><dt>"Started"</dt><dd><LocalTime at_ms=trial.started_ms.unwrap_or(trial.created_ms)/></dd></div>
                <div><dt>"Duration"</dt><dd>{duration}</dd></div>
                {figures}
            </dl>
        })
    };
    let reason = move || trial.with(|trial| trial.as_ref().and_then(|trial| failure(&trial.state)));
    let phases = Signal::derive(move || {
        session.detail.with(|detail| detail.as_ref().map(|detail| detail.phases.clone()).unwrap_or_default())
    });
    let hosts = Signal::derive(move || {
        session.detail.with(|detail| detail.as_ref().map(|detail| detail.hosts.clone()).unwrap_or_default())
    });
    let over = Signal::derive(move || trial.with(|trial| trial.as_ref().is_some_and(|trial| trial.state.is_over())));
    view! {
        <p class="crumb"><a href="/trials">"Trials"</a></p>
        <Heading id trial/>
        {reason}
        <Gone id/>
        <Actions id trial/>
        <section class="card control" aria-label="Run">
            {facts}
            <Launch phases over/>
            <LaunchHosts hosts state=Signal::derive(move || trial.with(|trial| trial.as_ref().map(|trial| trial.state.clone())))/>
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

/// Name, state, verdict and note; name and note can be written here.
#[component]
fn Heading(id: TrialId, trial: Memo<Option<TrialSummary>>) -> AnyView {
    let of = move |read: fn(&TrialSummary) -> String| {
        Signal::derive(move || trial.with(|trial| trial.as_ref().map(read).unwrap_or_default()))
    };
    let (name, note) = (of(|trial| trial.name.clone()), of(|trial| trial.note.clone()));
    let pinned = Signal::derive(move || trial.with(|trial| trial.as_ref().is_some_and(|trial| trial.pinned)));
    let (writes_name, writes_note) = (is_edited(id, Field::Name), is_edited(id, Field::Note));
    view! {
        // The document asks for its title once more when the next trial's page has taken this one's place.
        <Title text=move || name.try_get().unwrap_or_default()/>
        <div class="status-line">
            <Show when=move || !writes_name.get() fallback=|| view! { <NameField/> }>
                <h1>{name}</h1>
                <EditButton trial=id field=Field::Name label=Signal::derive(move || format!("Rename {}", name.get())) text=name/>
                <PinButton trial=id pinned name/>
            </Show>
            <StateBadge trial=trial/>
            <VerdictBadge trial=trial/>
            <span class="muted">{of(|trial| verdict_text(Some(trial)))}</span>
        </div>
        <div class="trial-note">
            <Show when=move || !writes_note.get() fallback=|| view! { <NoteField/> }>
                <p class:muted=move || note.with(String::is_empty)>
                    {move || if note.with(String::is_empty) { "No note yet".to_owned() } else { note.get() }}
                </p>
                <EditButton trial=id field=Field::Note label=Signal::derive(move || format!("Write a note on {}", name.get())) text=note/>
            </Show>
        </div>
    }
    .into_any()
}

/// Says so when the trial is no longer in the list.
#[component]
fn Gone(id: TrialId) -> impl IntoView {
    let session = Session::get();
    let desk = Desk::get();
    let gone = Memo::new(move |_| {
        session
            .overview
            .with(|known| known.as_ref().is_some_and(|known| known.trials.iter().all(|trial| trial.id != id)))
    });
    view! {
        <Show when=move || gone.get()>
            <p class="card padded notice" role="alert">
                "This trial has been deleted. It can come back until the server is started again. "
                <button
                    type="button"
                    class="small"
                    disabled=move || !session.drives()
                    on:click=move |_| desk.restore(vec![id])
                >
                    "Put it back"
                </button>
            </p>
        </Show>
    }
}

/// What can be done with the trial as a whole.
#[component]
fn Actions(id: TrialId, trial: Memo<Option<TrialSummary>>) -> AnyView {
    let session = Session::get();
    let desk = Desk::get();
    let navigate = use_navigate();
    let go = Callback::new(move |address: String| navigate(&address, NavigateOptions::default()));
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let updates = Memo::new(move |_| {
        session.detail.with(|detail| match detail {
            Some(detail) if detail.summary.id == id => detail.patches.len().saturating_sub(detail.schedule.len()),
            _ => 0,
        })
    });
    let again = move |with_updates: bool| {
        busy.set(true);
        problem.set(None);
        spawn_local(async move {
            let answer = run_again(id, with_updates).await;
            // The page may have been left meanwhile.
            let _ = busy.try_set(false);
            match answer {
                Ok(started) => go.run(format!("/trials/{started}")),
                Err(error) => _ = problem.try_set(Some(format!("Not started: {error}"))),
            }
        });
    };
    let active = Signal::derive(move || trial.with(|trial| trial.as_ref().is_some_and(|trial| !trial.state.is_over())));
    let queued = move || trial.with(|trial| trial.as_ref().is_some_and(|trial| trial.state == TrialState::Queued));
    let ends = move || trial.with(|trial| trial.as_ref().is_some_and(|trial| trial.state == TrialState::Stopping));
    let stop = move |_| {
        busy.set(true);
        problem.set(None);
        spawn_local(async move {
            let answer = stop_trial(id).await;
            let _ = busy.try_set(false);
            if let Err(error) = answer {
                let _ = problem.try_set(Some(error.to_string()));
            }
        });
    };
    let name =
        Signal::derive(move || trial.with(|trial| trial.as_ref().map(|trial| trial.name.clone()).unwrap_or_default()));
    let delete_title = move || if active.get() { "Stop it first, then delete it" } else { "Take it out of the list" };
    let remove = move |_| {
        desk.delete(vec![id], format!("“{}”", name.get_untracked()));
        go.run("/trials".to_owned());
    };
    view! {
        <div class="trial-actions" role="group" aria-label="What to do with this trial">
            <Show when=move || active.get()>
                <button type="button" disabled=move || busy.get() || ends() || !session.drives() on:click=stop>
                    {move || if queued() { "Cancel" } else { "Stop" }}
                </button>
            </Show>
            <button
                type="button"
                disabled=move || busy.get() || !session.drives()
                title="The same protocol, configuration, seed and timeline"
                on:click=move |_| again(false)
            >
                "Run again"
            </button>
            <Show when=move || { updates.get() > 0 }>
                <button
                    type="button"
                    disabled=move || busy.get() || !session.drives()
                    title="The same, and what was changed by hand is changed again at the same times"
                    on:click=move |_| again(true)
                >
                    {move || if updates.get() == 1 { "Run again with its Update".to_owned() } else { format!("Run again with its {} Updates", updates.get()) }}
                </button>
            </Show>
            <a class="button" href=format!("/compare?trials={id}")>"Compare with…"</a>
            <a class="button" href=format!("/trials/{id}/report") target="_blank" rel="external">"Report"</a>
            <a class="button" href=format!("/trials/export?ids={id}") download="" rel="external">"Export"</a>
            <button
                type="button"
                disabled=move || active.get() || !session.drives()
                title=delete_title
                on:click=remove
            >
                "Delete"
            </button>
            {move || problem.get().map(|problem| view! { <p class="field-error" role="alert">{problem}</p> })}
        </div>
    }
    .into_any()
}
