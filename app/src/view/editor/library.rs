//! Configurations with names: presets, those saved on the server, and files. Each is looked at before it is used.

mod preview;
mod save;
mod saved;

use crate::conn::configuration::load_configuration;
use crate::state::presets;
use crate::view::file_button::YamlFileButton;
use crate::view::protocols::exchange::import;
use crate::view::session::Session;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::yaml::MAX_CONFIG_BYTES;
use preview::Preview;
use save::SaveForm;

/// A configuration that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// A preset of this name.
    Preset(&'static str),
    /// One that is saved under this name.
    Saved(String),
    /// A file's name and text.
    File(String, String),
}

/// What the parts of the dialog share. Copied freely: each is a handle.
#[derive(Clone, Copy)]
pub(super) struct Shelf {
    /// What is looked at.
    pub(super) choice: RwSignal<Option<Choice>>,
    /// The text of the saved one that is looked at, or why it is not there; none while it is on its way.
    pub(super) text: RwSignal<Option<Result<String, String>>>,
    /// What the last deed came to, and a deleted one that can be brought back: its name and text.
    pub(super) message: RwSignal<Option<Message>>,
    dialog: NodeRef<html::Dialog>,
}

/// What a deed came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// It is done.
    Done(String),
    /// It was refused.
    Refused(String),
    /// This one was deleted; its text would bring it back.
    Deleted { name: String, text: String },
}

impl Shelf {
    /// Looks at one.
    pub(super) fn look_at(self, choice: Choice) {
        self.text.set(None);
        self.choice.set(Some(choice.clone()));
        if let Choice::Saved(name) = choice {
            spawn_local(async move {
                let answer = load_configuration(name.clone()).await;
                if self.choice.with_untracked(|choice| *choice == Some(Choice::Saved(name))) {
                    self.text.set(Some(answer.map(|found| found.text).map_err(|error| error.to_string())));
                }
            });
        }
    }

    /// Looks at none.
    pub(super) fn put_back(self) {
        self.choice.set(None);
        self.text.set(None);
    }

    /// Closes the dialog.
    pub(super) fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }
}

/// The name of what is edited, which opens the dialog, and the way back from what was used last.
#[component]
pub(super) fn Library() -> AnyView {
    let session = Session::get();
    let shelf = Shelf {
        choice: RwSignal::new(None),
        text: RwSignal::new(None),
        message: RwSignal::new(None),
        dialog: NodeRef::new(),
    };
    provide_context(shelf);
    // A button that had the focus may be gone with what was looked at, and without a focus the dialog hears no Escape.
    Effect::new(move |_| {
        shelf.choice.track();
        shelf.text.track();
        request_animation_frame(move || {
            let lost = document().active_element().is_none_or(|focused| focused.tag_name() == "BODY");
            if let Some(dialog) = shelf.dialog.try_get_untracked().flatten().filter(|dialog| dialog.open() && lost) {
                let _ = dialog.focus();
            }
        });
    });
    let name = move || {
        let name = session.editing.with(|editing| editing.name().map(str::to_owned));
        name.unwrap_or_else(|| "Presets and saved".to_owned())
    };
    let open = move |_| {
        shelf.message.set(None);
        shelf.put_back();
        if let Some(dialog) = shelf.dialog.get_untracked().filter(|dialog| !dialog.open()) {
            // Shown already, it would refuse.
            let _ = dialog.show_modal();
        }
    };
    let undoable = Memo::new(move |_| {
        session.editing.with(|editing| editing.undoable().map(|(what, undone)| (what.to_owned(), undone)))
    });
    let undo = move || {
        undoable.get().map(|(what, undone)| {
            let word = if undone { "Redo" } else { "Undo" };
            view! {
                <button
                    type="button"
                    class="quiet undo"
                    title=format!("{word}: {what}")
                    aria-label=format!("{word}: {what}")
                    on:click=move |_| session.edit(|editing, against| editing.undo(against))
                >
                    {word}
                </button>
            }
        })
    };
    view! {
        <div class="library-bar">
            <button type="button" class="library-open" aria-haspopup="dialog" title="Presets, saved configurations, files" on:click=open>
                <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M2.5 4h11M2.5 8h11M2.5 12h7"/></svg>
                <span class="library-name">{name}</span>
            </button>
            {undo}
        </div>
        <dialog class="library" node_ref=shelf.dialog tabindex="-1" aria-labelledby="library-title">
            <header>
                <h2 id="library-title">"Configurations"</h2>
                <button type="button" class="icon" aria-label="Close" title="Close" on:click=move |_| shelf.close()>
                    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>
                </button>
            </header>
            <div class="library-body">
                <List/>
                <Preview/>
            </div>
            <SaveForm/>
        </dialog>
    }
    .into_any()
}

/// What can be chosen.
#[component]
fn List() -> AnyView {
    let session = Session::get();
    let shelf = expect_context::<Shelf>();
    let saved = Memo::new(move |_| {
        session.overview.with(|known| known.as_ref().map(|known| known.configurations.clone()).unwrap_or_default())
    });
    let entry = move |choice: Choice, label: String| {
        let this = choice.clone();
        view! {
            <li>
                <button
                    type="button"
                    class="library-entry"
                    aria-pressed=move || shelf.choice.with(|chosen| chosen.as_ref() == Some(&this)).to_string()
                    on:click=move |_| shelf.look_at(choice.clone())
                >
                    {label}
                </button>
            </li>
        }
    };
    let take_file = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        import(&input, ("configuration", MAX_CONFIG_BYTES), move |read| match read {
            Ok((file, text)) => {
                let name = file.trim_end_matches(".yaml").trim_end_matches(".yml").to_owned();
                shelf.message.set(None);
                shelf.look_at(Choice::File(name, text));
            }
            Err(problem) => shelf.message.set(Some(Message::Refused(problem))),
        });
    };
    view! {
        <div class="library-list">
            <h3 id="saved-title">"Saved on this server"</h3>
            <Show when=move || saved.with(Vec::is_empty)>
                <p class="muted">"None yet. Save what is edited below."</p>
            </Show>
            <ul aria-labelledby="saved-title">
                {move || saved.get().into_iter().map(|one| entry(Choice::Saved(one.name.clone()), one.name)).collect_view()}
            </ul>
            <h3 id="presets-title">"Presets"</h3>
            <ul aria-labelledby="presets-title">
                {presets::all().into_iter().map(|one| entry(Choice::Preset(one.name), one.name.to_owned())).collect_view()}
            </ul>
            <YamlFileButton label="Import a file" take=take_file/>
        </div>
    }
    .into_any()
}
