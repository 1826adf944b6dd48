//! Light or dark: by the system, or by choice. The choice is kept in the browser; `theme.js` applies it before the first
//! paint.

use leptos::prelude::*;

/// Where the browser keeps the choice.
const STORAGE_KEY: &str = "bftgym-theme";

/// The choices with their words.
const CHOICES: [(&str, &str); 3] = [("system", "System"), ("light", "Light"), ("dark", "Dark")];

/// Counts up when colours have changed: canvases are drawn again.
#[derive(Clone, Copy)]
pub(crate) struct Theme {
    choice: RwSignal<&'static str>,
    /// Changes with each change of colours.
    pub(crate) generation: RwSignal<u32>,
}

impl Theme {
    /// The system's theme, until the browser says what was chosen.
    pub(crate) fn new() -> Self {
        Self { choice: RwSignal::new("system"), generation: RwSignal::new(0) }
    }

    /// Reads the stored choice and listens to the system. In the browser only.
    pub(crate) fn attach(self) {
        let stored = storage().and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten());
        if let Some((name, _)) = CHOICES.into_iter().find(|(name, _)| Some(*name) == stored.as_deref()) {
            self.choice.set(name);
        }
        let Ok(Some(dark)) = window().match_media("(prefers-color-scheme: dark)") else { return };
        let changed = move |_: web_sys::Event| self.generation.update(|generation| *generation += 1);
        let changed = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(changed).into_js_value();
        dark.set_onchange(Some(wasm_bindgen::JsCast::unchecked_ref(&changed)));
    }

    fn choose(self, name: &'static str) {
        self.choice.set(name);
        if let Some(storage) = storage() {
            // A browser that keeps nothing still shows the choice until the tab is closed.
            let _ = storage.set_item(STORAGE_KEY, name);
        }
        if let Some(root) = document().document_element() {
            // Setting a valid attribute name does not fail.
            let _ = match name {
                "system" => root.remove_attribute("data-theme"),
                name => root.set_attribute("data-theme", name),
            };
        }
        self.generation.update(|generation| *generation += 1);
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// The three choices as buttons.
#[component]
pub(crate) fn ThemeChoice() -> impl IntoView {
    let theme = expect_context::<Theme>();
    let buttons = CHOICES.map(|(name, label)| {
        view! {
            <button
                type="button"
                aria-pressed=move || (theme.choice.get() == name).to_string()
                on:click=move |_| theme.choose(name)
            >
                {label}
            </button>
        }
    });
    view! {
        <div class="segments" role="group" aria-label="Theme">
            {buttons.collect_view()}
        </div>
    }
}
