//! What one tab knows, as signals: the overview, the open trial, the connection and the editor's draft. The live stream
//! feeds them.

use crate::backend::Overview;
use crate::backend::cloudlab::CloudlabView;
use crate::conn::cloudlab::view::load_cloudlab;
use crate::conn::error::PageError;
use crate::conn::overview::load_overview;
use crate::conn::stream::{self, StreamNews};
use crate::conn::trial::load_trial;
use crate::state::cloudlab;
use crate::state::connection::Connection;
use crate::state::draft::Against;
use crate::state::editing::Editing;
use crate::state::overview;
use crate::state::series::SeriesSet;
use crate::state::sweeps::book::SweepBook;
use crate::state::trial;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::config::ConfigTree;
use model::event::LiveEvent;
use model::ids::TrialId;
use model::testbed::{Engine, TestbedName};
use model::trial::{TrialDetail, TrialSummary};

/// How far the open trial has been loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Loading {
    /// There is none.
    #[default]
    Nothing,
    /// On its way.
    Underway,
    /// There, and followed live.
    Ready,
    /// Not to be had, for this reason.
    Failed(String),
}

/// The signals of one tab. Copied freely: each is a handle.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    /// The overview; none while it could not be loaded.
    pub(crate) overview: RwSignal<Option<Overview>>,
    /// Why the page was rendered without an overview, if it was.
    unloaded: StoredValue<Option<PageError>>,
    /// CloudLab, once its page has been open.
    pub(crate) cloudlab: RwSignal<Option<CloudlabView>>,
    /// The live stream's state.
    pub(crate) connection: RwSignal<Connection>,
    /// The configuration of the next start as it is edited.
    pub(crate) editing: RwSignal<Editing>,
    /// Which testbed the playground is about.
    pub(crate) testbed: RwSignal<TestbedName>,
    /// What the units of the next trial run.
    pub(crate) engine: RwSignal<Engine>,
    /// Which trial is open: its charts are shown.
    pub(crate) open: RwSignal<Option<TrialId>>,
    /// The open trial but its samples.
    pub(crate) detail: RwSignal<Option<TrialDetail>>,
    /// The open trial's samples.
    pub(crate) series: RwSignal<SeriesSet>,
    /// How far the open trial has been loaded.
    pub(crate) loading: RwSignal<Loading>,
    /// All sweeps, and the open one.
    pub(crate) sweeps: RwSignal<SweepBook>,
    /// Counts the loads of open trials: only the newest one's answer counts.
    loads: StoredValue<u64>,
    /// Events about the open trial that came while it was being loaded.
    pending: StoredValue<Vec<LiveEvent>>,
    /// Whether the live stream is followed.
    following: StoredValue<bool>,
}

impl Session {
    /// The session of this tab.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// A session that knows the overview that the page was rendered with.
    pub(crate) fn new(opening: Result<Overview, PageError>) -> Self {
        let editing = opening.as_ref().map(|known| Editing::of(&known.config_text, &known.config)).unwrap_or_default();
        let (overview, unloaded) = match opening {
            Ok(overview) => (Some(overview), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            overview: RwSignal::new(overview),
            unloaded: StoredValue::new(unloaded),
            cloudlab: RwSignal::new(None),
            connection: RwSignal::new(Connection::Connecting),
            editing: RwSignal::new(editing),
            testbed: RwSignal::new(TestbedName::default()),
            engine: RwSignal::new(Engine::default()),
            open: RwSignal::new(None),
            detail: RwSignal::new(None),
            series: RwSignal::new(SeriesSet::default()),
            loading: RwSignal::new(Loading::Nothing),
            sweeps: RwSignal::new(SweepBook::default()),
            loads: StoredValue::new(0),
            pending: StoredValue::new(Vec::new()),
            following: StoredValue::new(false),
        }
    }

    /// Why there is no overview, in the page's words.
    pub(crate) fn unloaded(self, what: &str) -> Option<String> {
        self.unloaded.with_value(|error| error.as_ref().map(|error| load_failure(what, error)))
    }

    /// Whether the page is no longer there: whoever asked the server for it went away while it was being rendered.
    pub(crate) fn is_over(self) -> bool {
        self.overview.is_disposed()
    }

    /// Takes over what the page of CloudLab was rendered with, unless the live stream has brought something newer.
    pub(crate) fn adopt_cloudlab(&self, loaded: CloudlabView) {
        if self.cloudlab.with_untracked(Option::is_none) {
            self.cloudlab.set(Some(loaded));
        }
    }

    /// Loads what is known of CloudLab, unless it is there: every page warns of experiments that are nearly over. In the
    /// browser only.
    pub(crate) fn load_cloudlab(self) {
        if self.cloudlab.with_untracked(Option::is_some) {
            return;
        }
        spawn_local(async move {
            // A server without CloudLab has nothing to warn of.
            if let Ok(loaded) = load_cloudlab().await {
                self.adopt_cloudlab(loaded);
            }
        });
    }

    /// Opens the live stream where the overview ends. In the browser only; called again it does nothing.
    pub(crate) fn follow(self) {
        let after = self.overview.with_untracked(|known| known.as_ref().map(|known| known.event_id.clone()));
        if let Some(after) = after
            && !self.following.get_value()
        {
            self.following.set_value(true);
            stream::follow(after, move |news| match news {
                StreamNews::Connection(connection) => self.connected(connection),
                StreamNews::Event(event) => self.take(*event),
            });
        }
    }

    fn connected(self, connection: Connection) {
        if self.connection.get_untracked() != connection {
            self.connection.set(connection);
        }
        let failed = self.loading.with_untracked(|loading| matches!(loading, Loading::Failed(_)));
        if connection == Connection::Live && failed {
            self.load();
        }
    }

    fn take(self, event: LiveEvent) {
        if event == LiveEvent::Reset {
            self.reload();
            return;
        }
        self.cloudlab.maybe_update(|known| known.as_mut().is_some_and(|known| cloudlab::apply(known, &event)));
        let mut changed = false;
        self.overview.maybe_update(|known| {
            changed = known.as_mut().is_some_and(|known| overview::apply(known, &event));
            changed
        });
        self.sweeps.maybe_update(|book| book.apply(&event));
        if self.open.get_untracked().is_some() && trial::trial_of(&event) == self.open.get_untracked() {
            match self.loading.get_untracked() {
                Loading::Ready => self.apply(&event),
                Loading::Underway => self.pending.update_value(|pending| pending.push(event)),
                // What is loaded later includes it.
                Loading::Nothing | Loading::Failed(_) => {}
            }
        }
    }

    fn apply(self, event: &LiveEvent) {
        match event {
            LiveEvent::Samples { points, latencies, .. } => self.series.update(|series| {
                series.push(points);
                series.push_latencies(latencies);
            }),
            event => self.detail.update(|detail| {
                if let Some(detail) = detail {
                    trial::apply(detail, event);
                }
            }),
        }
    }

    /// Loads everything again: what the page shows may be of another life of the server.
    pub(crate) fn reload(self) {
        spawn_local(async move {
            if let Ok(loaded) = load_overview().await {
                let old = self
                    .overview
                    .with_untracked(|known| known.as_ref().map(|known| Editing::of(&known.config_text, &known.config)));
                // Another life of the server may have another configuration.
                if self.editing.with_untracked(|editing| old.as_ref().is_none_or(|old| old == editing)) {
                    self.editing.set(Editing::of(&loaded.config_text, &loaded.config));
                }
                self.overview.set(Some(loaded));
            }
        });
        spawn_local(async move {
            if let Ok(loaded) = load_cloudlab().await {
                self.cloudlab.set(Some(loaded));
            }
        });
        if self.open.get_untracked().is_some() {
            self.load();
        }
        crate::view::sweeps::reload(self);
    }

    /// Opens a trial; its detail may be there already.
    pub(crate) fn show(self, trial: TrialId, detail: Option<TrialDetail>) {
        if self.open.get_untracked() != Some(trial) {
            self.open.set(Some(trial));
            self.detail.set(detail);
            self.series.set(SeriesSet::default());
            self.pending.set_value(Vec::new());
            self.loading.set(Loading::Underway);
        }
    }

    /// Shows no trial: there is none.
    pub(crate) fn show_nothing(self) {
        if self.open.get_untracked().is_some() {
            self.open.set(None);
            self.detail.set(None);
            self.series.set(SeriesSet::default());
            self.pending.set_value(Vec::new());
            self.loading.set(Loading::Nothing);
        }
    }

    /// Loads the open trial, samples and all. In the browser only.
    pub(crate) fn load(self) {
        let Some(trial) = self.open.get_untracked() else { return };
        let load = self.loads.get_value() + 1;
        self.loads.set_value(load);
        self.pending.set_value(Vec::new());
        self.loading.set(Loading::Underway);
        spawn_local(async move {
            let answer = load_trial(trial).await;
            if self.loads.get_value() != load || self.open.get_untracked() != Some(trial) {
                return;
            }
            match answer {
                Ok(view) => {
                    self.detail.set(Some(view.detail));
                    self.series.set(SeriesSet::load(view.series, view.latencies));
                    self.loading.set(Loading::Ready);
                    // Those that the answer includes already change nothing.
                    for event in self.pending.try_update_value(std::mem::take).unwrap_or_default() {
                        self.apply(&event);
                    }
                }
                Err(error) => self.loading.set(Loading::Failed(error.to_string())),
            }
        });
    }

    /// The name that people read of a protocol.
    pub(crate) fn protocol_title(self, name: &str) -> String {
        self.overview
            .with(|known| {
                let protocols = known.iter().flat_map(|known| &known.protocols);
                protocols.filter(|one| one.name == name).map(|one| one.title.clone()).next()
            })
            .unwrap_or_else(|| name.to_owned())
    }

    /// The line of the chosen testbed's active trial.
    pub(crate) fn active(self) -> Option<TrialSummary> {
        let testbed = self.testbed.get();
        self.overview.with(|known| known.as_ref().and_then(|known| overview::active(known, &testbed)).cloned())
    }

    /// The engine that the configuration and the faults are about: the active trial's, else that of the next start.
    pub(crate) fn engine_in_question(self) -> Engine {
        self.active().map_or_else(|| self.engine.get(), |active| active.engine)
    }

    /// The open trial's line; that of the list while the trial is being loaded.
    pub(crate) fn opened(self) -> Option<TrialSummary> {
        let loaded = self.detail.with(|detail| detail.as_ref().map(|detail| detail.summary.clone()));
        loaded.or_else(|| {
            let open = self.open.get()?;
            self.overview.with(|known| known.as_ref()?.trials.iter().find(|trial| trial.id == open).cloned())
        })
    }

    /// Edits the configuration of the next start.
    pub(crate) fn edit<T>(self, deed: impl FnOnce(&mut Editing, Against<'_>) -> T) -> T {
        let (reference, base) = untrack(|| (self.reference(), self.start_config()));
        let mut guard = self.editing.write();
        deed(&mut guard, Against { reference: &reference, base: &base })
    }

    /// The text of the configuration that Start uses when nothing is changed.
    pub(crate) fn start_text(self) -> String {
        self.overview.with(|known| known.as_ref().map(|known| known.config_text.clone()).unwrap_or_default())
    }

    /// Whether whoever looks may change something. What that would do to a disabled control is said by the banner.
    pub(crate) fn drives(self) -> bool {
        self.overview.with(|known| known.as_ref().is_none_or(|known| known.visitor.drives()))
    }

    /// The configuration that Start uses when nothing is changed.
    pub(crate) fn start_config(self) -> ConfigTree {
        self.overview.with(|known| known.as_ref().map(|known| known.config.clone()).unwrap_or_default())
    }

    /// The configuration that the editor shows changes against: the active trial's, else the one Start uses.
    pub(crate) fn reference(self) -> ConfigTree {
        let base = || self.overview.with(|known| known.as_ref().map(|known| known.config.clone()).unwrap_or_default());
        let Some(active) = self.active() else { return base() };
        let running = self.detail.with(|detail| match detail {
            Some(detail) if detail.summary.id == active.id => Some(trial::current_config(detail)),
            _ => None,
        });
        running.unwrap_or_else(base)
    }
}

/// A failure to load, in the page's words.
pub(crate) fn load_failure(what: &str, error: &PageError) -> String {
    format!("{what} could not be loaded: {error}")
}
