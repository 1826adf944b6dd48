//! What a person does with the list of trials, kept while other pages are looked at: the search, what is selected, what is
//! being written, and notices of what happened.

use crate::conn::delete::delete_trials;
use crate::conn::edit::edit_trial;
use crate::conn::restore::restore_trials;
use crate::conn::settings::load_settings;
use crate::state::trials::Query;
use crate::state::trials::filter::Settings;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::ids::TrialId;
use model::trial::TrialEdit;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(12);

/// What of a trial's line is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// Its name.
    Name,
    /// Its note.
    Note,
}

/// A notice of something that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    /// Its number.
    pub(crate) number: u64,
    /// What happened.
    pub(crate) text: String,
    /// Whether it went wrong.
    pub(crate) bad: bool,
    /// The trials that can be put back.
    pub(crate) undo: Vec<TrialId>,
}

/// The signals. Copied freely: each is a handle.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// What is looked for, and the order.
    pub(crate) query: RwSignal<Query>,
    /// The selected trials.
    pub(crate) selected: RwSignal<BTreeSet<TrialId>>,
    /// What is being written.
    pub(crate) editing: RwSignal<Option<(TrialId, Field)>>,
    /// The text that is being written, and what is wrong with it.
    pub(crate) draft: RwSignal<String>,
    pub(crate) problem: RwSignal<Option<String>>,
    /// Where trials' configurations differ from the defaults, once that is loaded.
    pub(crate) settings: RwSignal<Option<Settings>>,
    /// Notices, oldest first.
    pub(crate) notices: RwSignal<Vec<Notice>>,
    last_notice: StoredValue<u64>,
}

impl Desk {
    /// That of this tab.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Nothing done yet.
    pub(crate) fn new() -> Self {
        Self {
            query: RwSignal::new(Query::default()),
            selected: RwSignal::new(BTreeSet::new()),
            editing: RwSignal::new(None),
            draft: RwSignal::new(String::new()),
            problem: RwSignal::new(None),
            settings: RwSignal::new(None),
            notices: RwSignal::new(Vec::new()),
            last_notice: StoredValue::new(0),
        }
    }

    /// Loads what trials started with. In the browser only.
    pub(crate) fn load_settings(self) {
        spawn_local(async move {
            match load_settings().await {
                Ok(all) => self.settings.set(Some(all.into_iter().map(|one| (one.trial, one.settings)).collect())),
                Err(error) => self.tell(format!("The settings could not be loaded: {error}"), true, Vec::new()),
            }
        });
    }

    /// Begins to write.
    pub(crate) fn begin(self, trial: TrialId, field: Field, text: String) {
        self.draft.set(text);
        self.problem.set(None);
        self.editing.set(Some((trial, field)));
    }

    /// Writes what was typed; what does not fit stays on the desk with the reason.
    pub(crate) fn save(self) {
        let Some((trial, field)) = self.editing.get_untracked() else { return };
        let text = Some(self.draft.get_untracked());
        let edit = match field {
            Field::Name => TrialEdit { name: text, ..TrialEdit::default() },
            Field::Note => TrialEdit { note: text, ..TrialEdit::default() },
        };
        spawn_local(async move {
            match edit_trial(trial, edit).await {
                Ok(()) if self.editing.get_untracked() == Some((trial, field)) => self.leave(),
                Ok(()) => {}
                Err(error) => {
                    let problem = error.problems().first().map(|problem| problem.message.clone());
                    self.problem.set(Some(problem.unwrap_or_else(|| error.to_string())));
                }
            }
        });
    }

    /// Stops writing and gives the focus back to the button that began it.
    pub(crate) fn leave(self) {
        let Some((trial, field)) = self.editing.get_untracked() else { return };
        self.editing.set(None);
        let button = edit_button(trial, field);
        request_animation_frame(move || {
            if let Some(button) = document().get_element_by_id(&button)
                && let Ok(button) = wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(button)
            {
                // What is there can be focused.
                let _ = button.focus();
            }
        });
    }

    /// Puts a trial before the others, or back among them.
    pub(crate) fn pin(self, trial: TrialId, pinned: bool) {
        let edit = TrialEdit { pinned: Some(pinned), ..TrialEdit::default() };
        spawn_local(async move {
            if let Err(error) = edit_trial(trial, edit).await {
                self.tell(format!("Not pinned: {error}"), true, Vec::new());
            }
        });
    }

    /// Takes trials out of the list, with a way back. `what` names them.
    pub(crate) fn delete(self, trials: Vec<TrialId>, what: String) {
        spawn_local(async move {
            match delete_trials(trials.clone()).await {
                Ok(()) => {
                    self.selected.update(|selected| selected.retain(|one| !trials.contains(one)));
                    self.tell(format!("Deleted {what}"), false, trials);
                }
                Err(error) => self.tell(format!("Not deleted: {error}"), true, Vec::new()),
            }
        });
    }

    /// Puts deleted trials back.
    pub(crate) fn restore(self, trials: Vec<TrialId>) {
        spawn_local(async move {
            match restore_trials(trials).await {
                Ok(()) => self.tell("Back in the list".to_owned(), false, Vec::new()),
                Err(error) => self.tell(error.to_string(), true, Vec::new()),
            }
        });
    }

    /// Says what happened, for a while.
    pub(crate) fn tell(self, text: String, bad: bool, undo: Vec<TrialId>) {
        let number = self.last_notice.get_value() + 1;
        self.last_notice.set_value(number);
        self.notices.update(|notices| notices.push(Notice { number, text, bad, undo }));
        set_timeout(move || self.dismiss(number), NOTICE);
    }

    /// Takes a notice away.
    pub(crate) fn dismiss(self, number: u64) {
        self.notices.update(|notices| notices.retain(|notice| notice.number != number));
    }
}

/// The id of the button that begins to write a field.
pub(crate) fn edit_button(trial: TrialId, field: Field) -> String {
    format!("{}-{trial}", if field == Field::Name { "rename" } else { "annotate" })
}
