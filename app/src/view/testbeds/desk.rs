//! What the page of testbeds knows and does.

use crate::conn::check_testbed::check_testbed;
use crate::conn::delete_testbed::delete_testbed;
use crate::conn::error::PageError;
use crate::conn::host_testbeds::load_host_testbeds;
use crate::conn::save_testbed::save_testbed;
use crate::conn::trust_host::trust_host;
use crate::state::cloudlab::UnknownKey;
use crate::state::testbeds::{Checked, TestbedDraft, part, places_of};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::hosts::SshTestbed;
use model::testbed::TestbedName;
use model::validate::Problem;
use std::collections::BTreeMap;

/// How far a check is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Checking {
    /// On its way.
    Underway,
    /// What it found.
    Done(Checked),
    /// It could not be made.
    Failed(String),
}

/// Something that only a person can decide.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Question {
    /// Are these the hosts' keys?
    Trust {
        /// Whose check goes on then.
        testbed: TestbedName,
        /// The keys that they show, one or more.
        keys: Vec<UnknownKey>,
    },
    /// Has the host really been set up anew?
    Forget {
        /// Whose check goes on then.
        testbed: TestbedName,
        /// The host.
        address: String,
        /// Its port.
        port: u16,
        /// The known key's fingerprint.
        known: String,
        /// The one that it shows.
        shown: String,
    },
    /// What opens this key?
    Passphrase {
        /// Whose check goes on then.
        testbed: TestbedName,
        /// The key's file.
        key: String,
        /// Whether one was wrong.
        refused: bool,
    },
    /// Is this testbed to go?
    Delete(TestbedName),
}

/// The signals of the page. Copied freely: each is a handle.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// The testbeds of hosts.
    pub(crate) testbeds: RwSignal<Vec<SshTestbed>>,
    /// What is being typed, if something is.
    pub(crate) draft: RwSignal<Option<TestbedDraft>>,
    /// Which testbed that is; none for one that is not kept yet.
    edits: RwSignal<Option<TestbedName>>,
    /// What is wrong with it.
    pub(crate) problems: RwSignal<Vec<Problem>>,
    /// What could not be done, if something could not.
    pub(crate) failure: RwSignal<Option<String>>,
    /// What checks found, by the testbed's name.
    pub(crate) checks: RwSignal<BTreeMap<TestbedName, Checking>>,
    /// What a person has to decide now.
    pub(crate) question: RwSignal<Option<Question>>,
}

impl Desk {
    /// The one of this page.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Somebody writes in a field: what was wrong with it is said no longer.
    pub(crate) fn heed(self, key: &str) {
        if self.problems.with_untracked(|problems| problems.iter().any(|problem| problem.key == key)) {
            self.problems.update(|problems| problems.retain(|problem| problem.key != key));
        }
    }

    pub(crate) fn new(testbeds: Vec<SshTestbed>) -> Self {
        Self {
            testbeds: RwSignal::new(testbeds),
            draft: RwSignal::new(None),
            edits: RwSignal::new(None),
            problems: RwSignal::new(Vec::new()),
            failure: RwSignal::new(None),
            checks: RwSignal::new(BTreeMap::new()),
            question: RwSignal::new(None),
        }
    }

    /// Loads the testbeds again: somebody has changed them.
    pub(crate) fn reload(self) {
        spawn_local(async move {
            match load_host_testbeds().await {
                Ok(testbeds) => self.testbeds.set(testbeds),
                Err(error) => self.failure.set(Some(error.to_string())),
            }
        });
    }

    /// Whether the form is open. It is for one testbed at a time: what has been typed is saved or discarded first.
    pub(crate) fn is_editing(self) -> bool {
        self.draft.with(Option::is_some)
    }

    /// Opens the form for a testbed that is kept.
    pub(crate) fn reopen(self, testbed: &SshTestbed) {
        self.edit(TestbedDraft::of(testbed));
        self.edits.set(Some(testbed.name.clone()));
    }

    /// Opens the form for a new testbed.
    pub(crate) fn edit(self, draft: TestbedDraft) {
        self.edits.set(None);
        self.problems.set(Vec::new());
        self.failure.set(None);
        self.draft.set(Some(draft));
    }

    /// Keeps what was typed, if it is right.
    pub(crate) fn save(self) {
        let Some(draft) = self.draft.get_untracked() else { return };
        match draft.build() {
            Ok(testbed) => self.keep(testbed),
            Err(problems) => self.problems.set(problems),
        }
    }

    /// Keeps a testbed.
    pub(crate) fn keep(self, testbed: SshTestbed) {
        self.failure.set(None);
        spawn_local(async move {
            let name = testbed.name.clone();
            match save_testbed(testbed, self.edits.get_untracked()).await {
                Ok(()) => {
                    self.draft.set(None);
                    self.checks.update(|checks| _ = checks.remove(&name));
                    self.reload();
                }
                Err(error) if !error.problems().is_empty() => self.problems.set(error.problems().to_vec()),
                Err(error) => self.failure.set(Some(error.to_string())),
            }
        });
    }

    /// Takes over a file's text.
    pub(crate) fn import(self, text: &str) {
        match SshTestbed::parse(text) {
            Ok(testbed) => self.edit(TestbedDraft::of(&testbed)),
            Err(problems) => {
                let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
                self.failure.set(Some(format!("Not imported: {}", lines.join("; "))));
            }
        }
    }

    /// Looks at all hosts of a testbed.
    pub(crate) fn check(self, name: &TestbedName) {
        let found = self.testbeds.with_untracked(|all| all.iter().find(|one| one.name == *name).cloned());
        let Some(testbed) = found else { return };
        self.checks.update(|checks| _ = checks.insert(testbed.name.clone(), Checking::Underway));
        spawn_local(async move {
            let name = testbed.name.clone();
            let result = match check_testbed(testbed).await {
                Ok(found) => Checking::Done(Checked::new(found)),
                Err(error) => Checking::Failed(error.to_string()),
            };
            self.checks.update(|checks| _ = checks.insert(name, result));
        });
    }

    /// Looks at some hosts of a testbed once more; what is known of the others stays.
    pub(crate) fn check_again(self, name: &TestbedName, places: Vec<usize>) {
        let found = self.testbeds.with_untracked(|all| all.iter().find(|one| one.name == *name).cloned());
        let Some(testbed) = found else { return };
        let is_done = self.checks.with_untracked(|checks| matches!(checks.get(name), Some(Checking::Done(_))));
        if !is_done {
            return self.check(name);
        }
        let update = move |name: &TestbedName, change: &dyn Fn(&mut Checked)| {
            self.checks.update(|checks| {
                if let Some(Checking::Done(checked)) = checks.get_mut(name) {
                    change(checked);
                }
            });
        };
        self.failure.set(None);
        update(name, &|checked| checked.begin(&places));
        let name = name.clone();
        spawn_local(async move {
            let (answer, failure) = match check_testbed(part(&testbed, &places)).await {
                Ok(found) => (Some(found), None),
                Err(error) => (None, Some(error.to_string())),
            };
            update(&name, &|checked| checked.end(&places, answer.clone()));
            if failure.is_some() {
                self.failure.set(failure);
            }
        });
    }

    /// The places of a testbed's hosts at these addresses and ports.
    pub(crate) fn places_of(self, name: &TestbedName, addresses: &[(String, u16)]) -> Vec<usize> {
        self.testbeds.with_untracked(|all| {
            let found = all.iter().find(|one| one.name == *name);
            found.map(|testbed| places_of(testbed, addresses)).unwrap_or_default()
        })
    }

    /// The places of the hosts for which a key's passphrase was missing.
    pub(crate) fn locked_by(self, name: &TestbedName, key: &str) -> Vec<usize> {
        self.checks.with_untracked(|checks| match checks.get(name) {
            Some(Checking::Done(checked)) => checked.locked_by(key),
            _ => Vec::new(),
        })
    }

    /// Trusts keys that hosts showed, one after the other up to the first that is refused.
    pub(crate) async fn trust(keys: Vec<UnknownKey>) -> Result<(), PageError> {
        for UnknownKey { key, .. } in keys {
            trust_host(key.address, key.port, key.key).await?;
        }
        Ok(())
    }

    /// Forgets a testbed.
    pub(crate) fn delete(self, name: TestbedName) {
        self.failure.set(None);
        spawn_local(async move {
            match delete_testbed(name.clone()).await {
                Ok(()) => {
                    self.checks.update(|checks| _ = checks.remove(&name));
                    self.reload();
                }
                Err(error) => self.failure.set(Some(error.to_string())),
            }
        });
    }
}
