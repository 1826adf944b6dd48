//! What the parts of the playground share: the cluster as it is drawn, which replicas are chosen, and the way to do
//! something to them.

use crate::conn::update::update_trial;
use crate::state::cluster::Cluster;
use crate::state::faults::action::{Action, changes, put};
use crate::state::protocols::facts;
use crate::state::protocols::own as own_protocol;
use crate::state::timeline::Timeline;
use crate::state::trial::current_config;
use crate::view::pace::paced;
use crate::view::protocols::own::OwnProtocols;
use crate::view::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::bftbrain::is_frameworks_own;
use model::config::ConfigTree;
use model::ids::TrialId;
use model::schema;
use model::testbed::Engine;
use model::trial::TrialState;
use model::validate::Change;
use protocol::definitions;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often the drawing follows the samples at most.
const REDRAW: Duration = Duration::from_millis(100);

/// What a change of a fault changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// This running trial, at once.
    AtOnce(TrialId),
    /// The configuration of the next start.
    NextStart,
}

/// How the last deed went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is on its way to the units, as this version.
    Sent(u64),
    /// It is in the configuration of the next start.
    Planned,
    /// Nothing was to be done.
    Nothing,
    /// It was refused, for this reason.
    Refused(String),
}

/// What is below the cluster's drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    /// The faults of the chosen replicas.
    Faults,
    /// What is to happen when.
    Timeline,
}

/// How the configuration is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    /// As fields.
    Form,
    /// As its text.
    Yaml,
}

/// The signals of the playground. Copied freely: each is a handle.
#[derive(Clone, Copy)]
pub(crate) struct Stage {
    /// The cluster as it is drawn.
    pub(crate) cluster: RwSignal<Cluster>,
    /// The chosen replicas.
    pub(crate) selected: RwSignal<BTreeSet<u32>>,
    /// The replica that the Tab key leads to.
    pub(crate) focus: RwSignal<u32>,
    /// What is below the drawing.
    pub(crate) tab: RwSignal<Tab>,
    /// How the configuration is shown.
    pub(crate) pane: RwSignal<Pane>,
    /// How the last deed went.
    pub(crate) outcome: RwSignal<Option<Outcome>>,
    /// What is to happen by itself after the next start.
    pub(crate) timeline: RwSignal<Timeline>,
}

impl Stage {
    /// The stage of this tab.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// An empty stage.
    pub(crate) fn new() -> Self {
        Self {
            cluster: RwSignal::new(Cluster::default()),
            selected: RwSignal::new(BTreeSet::new()),
            focus: RwSignal::new(0),
            tab: RwSignal::new(Tab::Faults),
            pane: RwSignal::new(Pane::Form),
            outcome: RwSignal::new(None),
            timeline: RwSignal::new(Timeline::default()),
        }
    }

    /// Keeps the drawing up with what the session knows, as long as the calling component lives.
    pub(crate) fn follow(self, session: Session) {
        let config = Memo::new(move |_| target_config(session));
        let own = OwnProtocols::get();
        let planned = Memo::new(move |_| planned_replicas(session.engine.get(), own, &config.get()));
        let redraw = move || {
            let config = config.get();
            let cluster = session.detail.with_untracked(|detail| match detail {
                Some(detail) => {
                    session.series.with_untracked(|series| Cluster::of(detail, series, &config, elapsed_ms(session)))
                }
                None => Cluster::planned(planned.get_untracked(), &config, 0),
            });
            if self.cluster.with_untracked(|known| *known != cluster) {
                let count = cluster.replicas.len() as u32;
                self.cluster.set(cluster);
                if self.selected.with_untracked(|selected| selected.iter().any(|replica| *replica >= count)) {
                    self.selected.update(|selected| selected.retain(|replica| *replica < count));
                }
                if self.focus.get_untracked() >= count {
                    self.focus.set(0);
                }
            }
        };
        let follow = move || {
            session.series.track();
            session.detail.track();
            config.track();
            planned.track();
        };
        paced(REDRAW, follow, redraw);
    }

    /// What a change of a fault changes now.
    pub(crate) fn scope(self, session: Session) -> Scope {
        match session.active() {
            Some(trial) if trial.state == TrialState::Running => Scope::AtOnce(trial.id),
            _ => Scope::NextStart,
        }
    }

    /// Does something to replicas: at once to a running trial, else in the configuration of the next start.
    pub(crate) fn act(self, session: Session, action: Action) {
        self.act_in_turn(session, vec![action]);
    }

    /// Does one thing after the other, each when the one before has been accepted.
    pub(crate) fn act_in_turn(self, session: Session, actions: Vec<Action>) {
        match untrack(|| self.scope(session)) {
            Scope::AtOnce(trial) => {
                let mut config = untrack(|| target_config(session));
                let elapsed_ms = elapsed_ms(session);
                self.outcome.set(None);
                spawn_local(async move {
                    let mut outcome = Outcome::Nothing;
                    for action in actions {
                        let wanted = changes(&config, &action, elapsed_ms);
                        if wanted.is_empty() {
                            continue;
                        }
                        put(&mut config, &wanted);
                        match update_trial(trial, wanted).await {
                            Ok(version) => outcome = Outcome::Sent(version),
                            Err(error) => {
                                outcome = Outcome::Refused(error.to_string());
                                break;
                            }
                        }
                    }
                    self.outcome.set(Some(outcome));
                });
            }
            Scope::NextStart => {
                let mut config = untrack(|| target_config(session));
                let mut outcome = Outcome::Nothing;
                for action in actions {
                    let wanted = changes(&config, &action, 0);
                    put(&mut config, &wanted);
                    for Change { key, text } in wanted {
                        if let Some(descriptor) = schema::descriptor(&key) {
                            outcome = match session.edit(|editing, against| editing.set(descriptor, against, text)) {
                                Ok(()) => Outcome::Planned,
                                Err(reason) => Outcome::Refused(reason),
                            };
                        }
                    }
                }
                self.outcome.set(Some(outcome));
            }
        }
    }
}

/// The configuration that a change of a fault changes: that in force while a trial is active, else that of the next start.
pub(crate) fn target_config(session: Session) -> ConfigTree {
    if let Some(active) = session.active() {
        let running = session
            .detail
            .with(|detail| detail.as_ref().filter(|detail| detail.summary.id == active.id).map(current_config));
        if let Some(running) = running {
            return running;
        }
    }
    next_config(session)
}

/// The configuration of the next start.
pub(crate) fn next_config(session: Session) -> ConfigTree {
    let base = session.start_config();
    session.editing.with(|editing| editing.start(&base))
}

/// How long the open trial has run, by this computer's clock; 0 when it does not run. In the browser only.
pub(crate) fn elapsed_ms(session: Session) -> u64 {
    let started_ms = session.detail.with_untracked(|detail| {
        detail.as_ref().filter(|detail| detail.summary.state.is_active()).and_then(|detail| detail.summary.started_ms)
    });
    started_ms.map_or(0, |started_ms| (js_sys::Date::now() as i64 - started_ms).max(0).unsigned_abs())
}

/// How many replicas the next start has with the chosen protocol.
fn planned_replicas(engine: Engine, own: OwnProtocols, config: &ConfigTree) -> u32 {
    let f = config.tolerated_faults();
    let choice = own.chosen.get();
    let mine = own.kept.with(|kept| choice.as_ref().and_then(|choice| own_protocol::chosen(kept, choice).cloned()));
    if engine == Engine::Bftbrain && choice.as_deref().is_none_or(is_frameworks_own) {
        return model::bftbrain::replicas(f);
    }
    match mine {
        Some(mine) => facts::replicas(&mine.text, f),
        None => choice.as_deref().and_then(definitions::find).unwrap_or(&definitions::ALL[0]).replicas(f),
    }
}
