//! The control panel: what to start, how it is doing, and the way to end it.

use crate::backend::{Overview, StartRequest};
use crate::conn::start::start_trial;
use crate::conn::stop::stop_trial;
use crate::state::connection::Connection;
use crate::state::draft::sentence;
use crate::state::format;
use crate::state::overview::{launch_ms, next_name};
use crate::state::protocols::own as own_protocol;
use crate::state::summary::verdict_text;
use crate::state::trial::newest_version;
use crate::view::badges::{StateBadge, VerdictBadge};
use crate::view::editor::update::refusal;
use crate::view::engine_choice::{EngineChoice, protocol_obstacles};
use crate::view::launch::{Launch, LaunchHosts, failure};
use crate::view::protocols::own::OwnProtocols;
use crate::view::queue::{Queue, TestbedChoice};
use crate::view::session::Session;
use crate::view::shortcuts::Shortcuts;
use crate::view::stage::{Stage, next_config};
use crate::view::units::Units;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::bftbrain::is_frameworks_own;
use model::hosts::{HostStage, HostStatus};
use model::testbed::Engine;
use model::trial::{TrialState, check_name};

/// Name, protocol, Start and Stop, and the state of the trial that the charts show.
#[component]
pub(crate) fn ControlPanel() -> AnyView {
    view! {
        <section class="card control" aria-labelledby="control-title">
            <h2 id="control-title" class="hidden-visually">"Control"</h2>
            <StartForm/>
            <Status/>
            <Queue/>
        </section>
    }
    .into_any()
}

#[component]
fn StartForm() -> AnyView {
    let session = Session::get();
    let typed_name = RwSignal::new(None::<String>);
    let overview = move |read: fn(&Overview) -> String| {
        session.overview.with(|known| known.as_ref().map(read).unwrap_or_default())
    };
    let own = OwnProtocols::get();
    let stage = Stage::get();
    let chosen = own.chosen;
    let name = move || typed_name.get().unwrap_or_else(|| overview(next_name));
    let first = |known: &Overview| known.protocols.first().map(|protocol| protocol.name.clone()).unwrap_or_default();
    let protocol = move || chosen.get().unwrap_or_else(|| overview(first));
    let protocols = Memo::new(move |_| {
        session.overview.with(|known| known.as_ref().map(|known| known.protocols.clone()).unwrap_or_default())
    });
    let note = Memo::new(move |_| {
        let choice = protocol();
        if session.engine.get() == Engine::Bftbrain {
            return is_frameworks_own(&choice).then(|| "BFTBrain runs its own file of this protocol.".to_owned());
        }
        protocols.with(|known| known.iter().find(|one| one.name == choice).map(|one| one.simplified.clone()))
    });
    let obstacles = protocol_obstacles(session, own);
    let blocked = move || obstacles.with(|obstacles| obstacles.get(&protocol()).cloned());
    let active = Memo::new(move |_| session.active());
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<String>);
    let name_problem =
        move || typed_name.get().and_then(|name| check_name(&name).err()).map(|problem| sentence(&problem));

    let start = move || {
        let base = untrack(|| session.start_config());
        let ready = session.edit(|editing, against| {
            editing.settle(against);
            match (editing.broken_sentence(), editing.changes(against.base, |_| true)) {
                (Some(_), _) => Err("The YAML of the configuration cannot be read: mend it first."),
                (None, Err(_)) => Err("Correct the marked values in the configuration first."),
                (None, Ok(_)) => Ok(editing.start(against.base)),
            }
        });
        let config = match ready {
            Ok(config) => config,
            Err(problem) => {
                failure.set(Some(problem.to_owned()));
                return;
            }
        };
        let choice = untrack(protocol);
        let mine = own.kept.with_untracked(|kept| own_protocol::chosen(kept, &choice).cloned());
        let (protocol, protocol_text) = match mine {
            Some(mine) => (mine.name, Some(mine.text)),
            None => (choice, None),
        };
        let schedule = stage.timeline.with_untracked(|timeline| timeline.schedule(&untrack(|| next_config(session))));
        let request = StartRequest {
            name: untrack(name),
            protocol,
            protocol_text,
            config: Some(config),
            schedule,
            testbed: session.testbed.get_untracked(),
            engine: session.engine.get_untracked(),
            ..StartRequest::default()
        };
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = start_trial(request).await;
            busy.set(false);
            match answer {
                Ok(_) => typed_name.set(None),
                Err(error) => failure.set(Some(refusal(session, "Not started", &error, &base))),
            }
            if session.connection.get_untracked() != Connection::Live {
                session.reload();
            }
        });
    };
    let stop = move |_| {
        let Some(trial) = active.get_untracked() else { return };
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = stop_trial(trial.id).await;
            busy.set(false);
            failure.set(answer.err().map(|error| error.to_string()));
        });
    };
    let can_start = move || session.drives() && !busy.get() && name_problem().is_none() && blocked().is_none();
    let start_word = move || if active.with(Option::is_some) { "Queue" } else { "Start" };
    let can_stop = move || {
        session.drives()
            && active.with(|trial| trial.as_ref().is_some_and(|trial| trial.state != TrialState::Stopping))
            && !busy.get()
    };
    view! {
        <form
            class="start-form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                if untrack(can_start) {
                    start();
                }
            }
        >
            <label class="stacked grow">
                <span>"Trial name"</span>
                <input
                    type="text"
                    autocomplete="off"
                    value=untrack(name)
                    prop:value=name
                    aria-invalid=move || name_problem().is_some().to_string()
                    aria-describedby="start-problem"
                    on:input=move |event| typed_name.set(Some(event_target_value(&event)))
                />
            </label>
            <label class="stacked">
                <span>"Protocol"</span>
                <select on:change=move |event| chosen.set(Some(event_target_value(&event))) prop:value=protocol>
                    {move || protocols.get().into_iter().map(|one| {
                        let selected = untrack(protocol) == one.name;
                        let why_not = obstacles.with(|obstacles| obstacles.get(&one.name).cloned());
                        let (blocked, title) = (why_not.is_some(), why_not.unwrap_or(one.paper));
                        view! {
                            <option value=one.name selected=selected disabled=blocked title=title>{one.title}</option>
                        }
                    }).collect_view()}
                    {move || own.kept.get().into_iter().map(|one| {
                        let selected = untrack(protocol) == one.choice();
                        let why_not = obstacles.with(|obstacles| obstacles.get(&one.choice()).cloned());
                        view! {
                            <option value=one.choice() selected=selected disabled=why_not.is_some() title=why_not>
                                {one.name.clone()} " (own)"
                            </option>
                        }
                    }).collect_view()}
                </select>
            </label>
            <TestbedChoice/>
            <EngineChoice/>
            <button type="submit" id="start-button" class="primary" disabled=move || !can_start()>
                <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true"><path class="solid" d="M4 2.5v11l9-5.5z"/></svg>
                {start_word}
            </button>
            <button type="button" id="stop-button" disabled=move || !can_stop() on:click=stop>
                <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true"><path class="solid" d="M3 3h10v10H3z"/></svg>
                "Stop"
            </button>
            <div id="start-problem" class="start-note">
                {move || match name_problem().or_else(blocked).or_else(|| failure.get()) {
                    Some(problem) => view! { <p class="field-error" role="alert">{problem}</p> }.into_any(),
                    None => view! { <p class="muted protocol-note">{note.get()}</p> }.into_any(),
                }}
            </div>
        </form>
    }
    .into_any()
}

/// The trial that is shown, its state, its launch while it lasts, and what its histories say.
#[component]
fn Status() -> AnyView {
    let session = Session::get();
    let opened = Memo::new(move |_| session.opened());
    let title = move || {
        opened.get().map(|trial| {
            let link = format!("/trials/{}", trial.id);
            view! { <a href=link>{trial.name}</a> }
        })
    };
    let reason = move || opened.with(|trial| trial.as_ref().and_then(|trial| failure(&trial.state)));
    let sentence = move || {
        opened.with(|trial| match trial {
            Some(trial) => verdict_text(Some(trial)),
            None => "No trial yet. Choose a protocol and press Start.".to_owned(),
        })
    };
    let phases = Memo::new(move |_| {
        session.detail.with(|detail| detail.as_ref().map(|detail| detail.phases.clone()).unwrap_or_default())
    });
    let hosts = Memo::new(move |_| {
        session.detail.with(|detail| detail.as_ref().map(|detail| detail.hosts.clone()).unwrap_or_default())
    });
    let lost_hosts = Memo::new(move |_| {
        let is_lost = |status: &HostStatus| matches!(status.stage, HostStage::Failed | HostStage::Gone);
        hosts.with(|hosts| hosts.iter().any(is_lost))
    });
    let launching = Memo::new(move |_| {
        opened.with(|trial| trial.as_ref().is_some_and(|trial| trial.state == TrialState::Launching))
    });
    let over = Memo::new(move |_| opened.with(|trial| trial.as_ref().is_some_and(|trial| trial.state.is_over())));
    let launched =
        move || phases.with(|phases| launch_ms(phases)).map(|took| format!("up in {}", format::duration_ms(took)));
    view! {
        <div class="status-line">
            <StateBadge trial=opened/>
            <VerdictBadge trial=opened/>
            <strong class="shown">{title}</strong>
            <Show
                when=move || launching.get()
                fallback=move || view! {
                    <span class="muted verdict-text">{sentence}</span>
                    <span class="muted launched">{launched}</span>
                }
            >
                <Launch phases over/>
            </Show>
            <Shortcuts/>
        </div>
        <Show when=move || launching.get() || lost_hosts.get()>
            <LaunchHosts hosts state=Signal::derive(move || opened.with(|trial| trial.as_ref().map(|trial| trial.state.clone())))/>
        </Show>
        {reason}
    }
    .into_any()
}

/// The units of the open trial.
#[component]
pub(crate) fn UnitGrid() -> AnyView {
    let session = Session::get();
    let units = Memo::new(move |_| {
        session.detail.with(|detail| detail.as_ref().map(|detail| detail.units.clone()).unwrap_or_default())
    });
    let newest = Memo::new(move |_| session.detail.with(|detail| detail.as_ref().map_or(0, newest_version)));
    view! { <Units units newest/> }.into_any()
}
