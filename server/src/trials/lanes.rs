//! Who runs and who waits: on each testbed at most one trial is active, and others wait in a bounded queue.

use super::session::Session;
use model::ids::TrialId;
use model::testbed::TestbedName;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How many trials wait for one testbed at most.
pub(super) const MAX_WAITING: usize = 1_000;

/// The trials of one testbed.
#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) active: Option<Arc<Session>>,
    pub(super) waiting: VecDeque<Arc<Session>>,
}

/// The trials of all testbeds.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    all: BTreeMap<TestbedName, Lane>,
    /// The server ends: nothing more is started.
    pub(super) closed: bool,
}

impl Lane {
    /// Whether a trial that came now would start at once.
    pub(super) fn is_free(&self) -> bool {
        self.active.is_none() && self.waiting.is_empty()
    }
}

impl Lanes {
    /// The lane of a testbed.
    pub(super) fn of(&mut self, testbed: &TestbedName) -> &mut Lane {
        self.all.entry(testbed.clone()).or_default()
    }

    /// The testbeds that have lanes.
    pub(super) fn testbeds(&self) -> Vec<TestbedName> {
        self.all.keys().cloned().collect()
    }

    /// The active trials.
    pub(super) fn active(&self) -> impl Iterator<Item = &Arc<Session>> {
        self.all.values().filter_map(|lane| lane.active.as_ref())
    }

    /// The trials that wait, those of one testbed in their order.
    pub(super) fn waiting(&self) -> Vec<TrialId> {
        self.all.values().flat_map(|lane| &lane.waiting).map(|session| session.id).collect()
    }

    /// A trial that is active or waits.
    pub(super) fn find(&self, trial: TrialId) -> Option<&Arc<Session>> {
        let waiting = self.all.values().flat_map(|lane| &lane.waiting);
        self.active().chain(waiting).find(|session| session.id == trial)
    }

    /// Takes a trial out of the queue; none when it does not wait.
    pub(super) fn take_waiting(&mut self, trial: TrialId) -> Option<Arc<Session>> {
        self.all.values_mut().find_map(|lane| {
            let place = lane.waiting.iter().position(|session| session.id == trial)?;
            lane.waiting.remove(place)
        })
    }
}
