//! All trials that this server has to do with: the active ones, those that wait, and any whose units still call.

use super::change::Changes;
use super::lanes::Lanes;
use super::launcher::Launcher;
use super::probes::Probes;
use super::progress::Progress;
use super::session::Session;
use super::ssh::{HostSettings, Hosts};
use super::testbeds::Testbeds;
use super::token;
use crate::bftbrain::BftbrainSettings;
use crate::clock::Clock;
use crate::live::Hub;
use model::config::ConfigTree;
use model::event::LiveEvent;
use model::ids::TrialId;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use store::{Store, StoreError, TokenHash};

/// How long the end of the active trials is waited for when the server ends.
const END_LIMIT: Duration = Duration::from_secs(4);

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The experiment that Start uses.
    pub config: ConfigTree,
    /// The same as YAML, with its comments.
    pub config_text: String,
    /// Where units reach this server.
    pub address: SocketAddr,
    /// How trials get onto other hosts; without it they run on this machine only.
    pub hosts: Option<HostSettings>,
    /// The public framework.
    pub bftbrain: BftbrainSettings,
}

/// The trials' keeper; it implements what the page needs of the host.
pub struct Trials {
    pub(super) store: Arc<Store>,
    pub(super) hub: Arc<Hub>,
    pub(super) clock: Clock,
    pub(super) testbeds: Testbeds,
    pub(super) hosts: Option<Hosts>,
    /// Paths that hosts try before a trial.
    pub probes: Probes,
    pub(super) settings: Settings,
    /// Held while the kept configurations are changed and told, so that pages hear of changes in order.
    pub(super) configurations: tokio::sync::Mutex<()>,
    sessions: RwLock<HashMap<TokenHash, Arc<Session>>>,
    /// Held while a trial's line is changed in the store and told of, so that pages hear of changes in their order.
    pub(super) lines: tokio::sync::Mutex<()>,
    /// Held while a trial starts, so that each testbed has one at a time.
    pub(super) lanes: tokio::sync::Mutex<Lanes>,
}

impl std::fmt::Debug for Trials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Trials")
    }
}

impl Trials {
    /// A keeper that starts experiments on this machine with `local`.
    pub fn new(store: Arc<Store>, hub: Arc<Hub>, clock: Clock, local: Arc<dyn Launcher>, settings: Settings) -> Self {
        let (sessions, lanes, testbeds) = (RwLock::default(), tokio::sync::Mutex::default(), Testbeds::new(local));
        let (configurations, lines) = (tokio::sync::Mutex::default(), tokio::sync::Mutex::default());
        let (hosts, probes) = (settings.hosts.clone().map(Hosts::new), Probes::default());
        Self { store, hub, clock, testbeds, hosts, probes, settings, configurations, sessions, lines, lanes }
    }

    /// The configuration that Start uses when nothing is changed.
    pub fn start_config(&self) -> &ConfigTree {
        &self.settings.config
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The trial whose units have this token, an ended one too, also after a restart of the server.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn by_token(&self, token: &str) -> Result<Option<Arc<Session>>, StoreError> {
        let Some(hash) = token::hash(token) else { return Ok(None) };
        let known = self.sessions.read().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let Some(detail) = self.store.trial_by_token(hash).await? else { return Ok(None) };
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(Arc::clone(sessions.entry(hash).or_insert_with(|| Arc::new(Session::new(detail))))))
    }

    /// The trial of this number, if it is in memory.
    pub(super) fn in_memory(&self, trial: TrialId) -> Option<Arc<Session>> {
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        sessions.values().find(|session| session.id == trial).cloned()
    }

    pub(super) fn keep(&self, hash: TokenHash, session: &Arc<Session>) {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).insert(hash, Arc::clone(session));
    }

    /// Changes a trial: first in the store, then for everybody to see. Runs to its end even when nobody waits for it.
    ///
    /// # Errors
    /// When it could not be stored; nothing has changed then.
    pub async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        session: &Arc<Session>,
        change: impl FnOnce(&mut Progress) -> (T, Changes) + Send + 'static,
    ) -> Result<T, StoreError> {
        let (trials, session) = (Arc::clone(self), Arc::clone(session));
        let work = tokio::spawn(async move {
            let _in_order = session.order.lock().await;
            let mut after = session.read(Progress::clone);
            let (answer, changes) = change(&mut after);
            if !changes.records.is_empty() {
                trials.store.write(changes.records).await?;
            }
            session.replace(after);
            changes.events.iter().for_each(|event| trials.hub.emit(event));
            Ok(answer)
        });
        work.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Like [`Trials::change`], for what may fail without consequence for the caller: it is logged.
    pub async fn note(
        self: &Arc<Self>,
        session: &Arc<Session>,
        change: impl FnOnce(&mut Progress) -> Changes + Send + 'static,
    ) {
        if let Err(error) = self.change(session, |progress| ((), change(progress))).await {
            tracing::error!("trial {}: {error}", session.id);
        }
    }

    /// Tells every page.
    pub fn tell(&self, event: &LiveEvent) {
        self.hub.emit(event);
    }

    /// Ends the active trials because the server ends. Those that wait are started by its next life.
    pub async fn end_active(self: &Arc<Self>) {
        let active: Vec<_> = {
            let mut lanes = self.lanes.lock().await;
            lanes.closed = true;
            lanes.active().cloned().collect()
        };
        let ends = futures::future::join_all(active.iter().map(|session| self.end(session)));
        // When the time is up, the controllers end as their inputs close with this process.
        let _ = tokio::time::timeout(END_LIMIT, ends).await;
    }

    /// The active trial of this number.
    pub(super) async fn active(&self, trial: TrialId) -> Option<Arc<Session>> {
        let lanes = self.lanes.lock().await;
        lanes.active().find(|session| session.id == trial && !session.ended.is_cancelled()).cloned()
    }

    /// Ends a trial and waits until no process of it is left.
    pub(super) async fn end(self: &Arc<Self>, session: &Arc<Session>) {
        if session.ended.is_cancelled() {
            return;
        }
        let (trials, session) = (Arc::clone(self), Arc::clone(session));
        let work = tokio::spawn(async move {
            trials.note(&session, Progress::stopping).await;
            session.wind_down.cancel();
            session.ended.cancelled().await;
        });
        if let Err(error) = work.await {
            tracing::error!("a trial's end broke off: {error}");
        }
    }
}
