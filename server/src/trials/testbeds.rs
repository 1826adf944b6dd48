//! The testbeds that trials can be started on, each with what brings its trials up.

use super::launcher::Launcher;
use model::testbed::{TestbedName, TestbedState, TestbedSummary};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

struct Known {
    summary: TestbedSummary,
    launcher: Arc<dyn Launcher>,
    /// Its machines are gone; it stays only until its active trial has ended.
    retired: bool,
}

/// All testbeds; this machine is always among them.
pub(super) struct Testbeds(RwLock<BTreeMap<TestbedName, Known>>);

impl Testbeds {
    pub(super) fn new(local: Arc<dyn Launcher>) -> Self {
        let known = Known { summary: TestbedSummary::local(), launcher: local, retired: false };
        Self(RwLock::new(BTreeMap::from([(TestbedName::default(), known)])))
    }

    /// Adds a testbed, or replaces what is known of it.
    pub(super) fn set(&self, summary: TestbedSummary, launcher: Arc<dyn Launcher>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(summary.name.clone(), Known { summary, launcher, retired: false });
    }

    pub(super) fn remove(&self, name: &TestbedName) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// No trial starts there any more.
    pub(super) fn retire(&self, name: &TestbedName, reason: &str) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get_mut(name) {
            known.summary.state = TestbedState::Unavailable { reason: reason.to_owned() };
            known.retired = true;
        }
    }

    /// Forgets a testbed if it is a retired one; whether it was.
    pub(super) fn remove_retired(&self, name: &TestbedName) -> bool {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.get(name).is_some_and(|known| known.retired) && all.remove(name).is_some()
    }

    pub(super) fn find(&self, name: &TestbedName) -> Option<TestbedSummary> {
        self.read().get(name).map(|known| known.summary.clone())
    }

    /// What brings trials up on a testbed that is ready for one.
    pub(super) fn launcher(&self, name: &TestbedName) -> Option<Arc<dyn Launcher>> {
        let all = self.read();
        let known = all.get(name).filter(|known| known.summary.state == TestbedState::Ready)?;
        Some(Arc::clone(&known.launcher))
    }

    /// All of them, this machine first.
    pub(super) fn list(&self) -> Vec<TestbedSummary> {
        let mut list: Vec<_> = self.read().values().map(|known| known.summary.clone()).collect();
        list.sort_by_key(|summary| !summary.name.is_local());
        list
    }

    /// Their names, for messages.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.list().into_iter().map(|summary| summary.name.to_string()).collect();
        names.join(", ")
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<TestbedName, Known>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}
