//! A person's own protocols in this tab: kept by the browser, offered by the playground.

use crate::state::protocols::own::{self, OwnProtocol};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Where the browser keeps them.
const STORAGE_KEY: &str = "bftgym-protocols";

/// The signals. Copied freely: each is a handle.
#[derive(Clone, Copy)]
pub(crate) struct OwnProtocols {
    /// All of them.
    pub(crate) kept: RwSignal<Vec<OwnProtocol>>,
    /// What the playground's next start runs, when somebody has chosen: a shipped protocol's name or an own one's choice.
    pub(crate) chosen: RwSignal<Option<String>>,
    /// Texts that were changed and not saved, by the name of their page.
    pub(crate) drafts: RwSignal<BTreeMap<String, String>>,
    /// Whether the browser has been asked what it keeps.
    pub(crate) attached: RwSignal<bool>,
}

impl OwnProtocols {
    /// Those of this tab.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            kept: RwSignal::new(Vec::new()),
            chosen: RwSignal::new(None),
            drafts: RwSignal::new(BTreeMap::new()),
            attached: RwSignal::new(false),
        }
    }

    /// Reads what the browser keeps. In the browser only.
    pub(crate) fn attach(self) {
        let stored = storage().and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten());
        if let Some(stored) = stored {
            self.kept.set(own::read(&stored));
        }
        self.attached.set(true);
    }

    /// Keeps a protocol under a name; answers with the name as kept.
    pub(crate) fn save(self, name: &str, text: &str) -> Result<String, String> {
        let name = self.kept.try_update(|kept| own::save(kept, name, text)).unwrap_or_else(|| Ok(name.to_owned()))?;
        // Its page shows what was saved, not what was typed there before.
        self.drafts.update_untracked(|drafts| _ = drafts.remove(&name));
        self.store()?;
        Ok(name)
    }

    /// Forgets a protocol.
    pub(crate) fn delete(self, name: &str) {
        self.kept.update(|kept| kept.retain(|one| one.name != name));
        self.chosen.update(|chosen| {
            if chosen.as_deref() == Some(format!("own:{name}").as_str()) {
                *chosen = None;
            }
        });
        // What cannot be stored now could not be stored before.
        let _ = self.store();
    }

    fn store(self) -> Result<(), String> {
        let text = self.kept.with_untracked(|kept| own::write(kept));
        match storage().map(|storage| storage.set_item(STORAGE_KEY, &text)) {
            Some(Ok(())) => Ok(()),
            _ => Err("The browser does not keep it: it is there until this tab is closed. Export it to a file.".into()),
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
