//! What the comparison page knows: its address, and the trials as they are loaded.

use crate::backend::ComparedTrial;
use crate::conn::compared::load_compared;
use crate::state::compare::address::Comparison;
use crate::state::compare::groups::groups;
use crate::view::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use model::ids::TrialId;
use model::trial::TrialSummary;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a trial that is still active is loaded again.
const AGAIN: Duration = Duration::from_secs(3);

/// A trial as far as it has been loaded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Loaded {
    /// There.
    Ready(Box<ComparedTrial>),
    /// Not to be had, for this reason.
    Failed(String),
}

/// The signals. Copied freely: each is a handle.
#[derive(Clone, Copy)]
pub(crate) struct CompareDesk {
    /// What the address asks for.
    pub(crate) comparison: Memo<Comparison>,
    /// The trials that have been loaded.
    pub(crate) loaded: RwSignal<BTreeMap<TrialId, Loaded>>,
    /// Those of the comparison that are there, in its order.
    pub(crate) ready: Memo<Vec<ComparedTrial>>,
    /// The lines of those that are there: the newest that the live stream has brought.
    pub(crate) summaries: Memo<Vec<TrialSummary>>,
    /// Which of those that are there are shown as one.
    pub(crate) groups: Memo<Vec<Vec<usize>>>,
    go: Callback<Comparison>,
}

impl CompareDesk {
    /// That of this page.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// One that follows the page's address.
    pub(crate) fn new() -> Self {
        let session = Session::get();
        let query = use_query_map();
        let comparison = Memo::new(move |_| query.with(|query| Comparison::read(|key| query.get(key))));
        let loaded = RwSignal::new(BTreeMap::new());
        let ready = Memo::new(move |_| {
            let wanted = comparison.with(|comparison| comparison.trials.clone());
            loaded.with(|loaded: &BTreeMap<TrialId, Loaded>| {
                let there = wanted.iter().filter_map(|trial| match loaded.get(trial) {
                    Some(Loaded::Ready(trial)) => Some((**trial).clone()),
                    _ => None,
                });
                there.collect::<Vec<_>>()
            })
        });
        let summaries = Memo::new(move |_| {
            session.overview.with(|known| {
                let newest = |id: TrialId| known.as_ref()?.trials.iter().find(|trial| trial.id == id).cloned();
                ready.with(|ready| {
                    let all = ready.iter().map(|trial| &trial.detail.summary);
                    all.map(|summary| newest(summary.id).unwrap_or_else(|| summary.clone())).collect::<Vec<_>>()
                })
            })
        });
        let merged = Memo::new(move |_| comparison.with(|comparison| comparison.merged));
        let groups = Memo::new(move |_| {
            ready.with(|ready| match merged.get() {
                true => groups(&ready.iter().map(|trial| &trial.detail).collect::<Vec<_>>()),
                false => (0..ready.len()).map(|index| vec![index]).collect(),
            })
        });
        let navigate = use_navigate();
        let go = Callback::new(move |comparison: Comparison| {
            let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
            navigate(&format!("/compare{}", comparison.query()), options);
        });
        Self { comparison, loaded, ready, summaries, groups, go }
    }

    /// Shows another comparison, under its address.
    pub(crate) fn change(self, change: impl FnOnce(Comparison) -> Comparison) {
        self.go.run(change(self.comparison.get_untracked()));
    }

    /// Loads what the address asks for, and again what is still active. In the browser only.
    pub(crate) fn follow(self) {
        let session = Session::get();
        let wanted = Memo::new(move |_| self.comparison.with(|comparison| comparison.trials.clone()));
        Effect::new(move |_| {
            for trial in wanted.get() {
                if self.loaded.with_untracked(|loaded| !matches!(loaded.get(&trial), Some(Loaded::Ready(_)))) {
                    self.load(trial);
                }
            }
        });
        // A trial that ends has its last samples then.
        let active = Memo::new(move |_| {
            let active = self.summaries.with(|all| {
                all.iter().filter(|trial| trial.state.is_active()).map(|trial| trial.id).collect::<Vec<_>>()
            });
            active.into_iter().filter(|id| wanted.with(|wanted| wanted.contains(id))).collect::<Vec<_>>()
        });
        Effect::new(move |before: Option<Vec<TrialId>>| {
            let now = active.get();
            for ended in before.into_iter().flatten().filter(|trial| !now.contains(trial)) {
                self.load(ended);
            }
            now
        });
        Effect::new(move |_| {
            let again = move || {
                if session.connection.get_untracked() == crate::state::connection::Connection::Live {
                    active.get_untracked().into_iter().for_each(|trial| self.load(trial));
                }
            };
            if let Ok(handle) = set_interval_with_handle(again, AGAIN) {
                on_cleanup(move || handle.clear());
            }
        });
    }

    fn load(self, trial: TrialId) {
        spawn_local(async move {
            let answer = match load_compared(trial).await {
                Ok(found) => Loaded::Ready(Box::new(found)),
                Err(error) => Loaded::Failed(error.to_string()),
            };
            // The page may have been left meanwhile.
            let _ = self.loaded.try_update(|loaded| {
                // What is there is not given up because the server did not answer once.
                if matches!(answer, Loaded::Ready(_)) || !matches!(loaded.get(&trial), Some(Loaded::Ready(_))) {
                    loaded.insert(trial, answer);
                }
            });
        });
    }
}
