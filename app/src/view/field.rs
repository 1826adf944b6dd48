//! One key of the configuration as a form field.

use crate::state::draft::{FieldState, framework_only};
use crate::view::session::Session;
use leptos::prelude::*;
use model::config::ConfigTree;
use model::descriptor::{Descriptor, Effect as TakesEffect, Kind};

/// What all fields of the editor share.
#[derive(Clone, Copy)]
pub(crate) struct EditorContext {
    /// The configuration that changes are shown against.
    pub(crate) reference: Memo<ConfigTree>,
    /// Whether a trial is active: some keys wait for the next start then.
    pub(crate) active: Memo<bool>,
}

/// A key's label, input, and what is to be said of it.
#[component]
pub(crate) fn Field(descriptor: &'static Descriptor) -> AnyView {
    let session = Session::get();
    let EditorContext { reference, active } = expect_context();
    let state =
        Memo::new(move |_| session.draft.with(|draft| reference.with(|reference| draft.field(descriptor, reference))));
    let explained = RwSignal::new(false);
    let id = format!("field-{}", descriptor.key.replace('.', "-"));
    let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
    let described_by = format!("{help_id} {error_id}");
    let changed = move || state.with(|state| state.changed);
    let problem = move || state.with(|state| state.problem.clone());
    let next_start = match descriptor.effect {
        TakesEffect::Live => None,
        TakesEffect::NextStart(reason) => Some(reason),
    };
    let help = format!("{} {}", descriptor.help, range_hint(descriptor));
    view! {
        <div
            class="field"
            data-key=descriptor.key
            data-changed=move || changed().to_string()
            data-invalid=move || problem().is_some().to_string()
        >
            <div class="names">
                <label for=id.clone()>{descriptor.label}</label>
                <code>{breakable(descriptor.key)}</code>
            </div>
            <div class="value">
                <Input descriptor state id described_by/>
                <span class="unit">{descriptor.unit}</span>
            </div>
            <div class="tools">
                <Show when=changed>
                    <button
                        type="button"
                        class="icon"
                        title="Reset"
                        aria-label=format!("Reset {}", descriptor.label)
                        on:click=move |_| session.draft.update(|draft| draft.reset(descriptor.key))
                    >
                        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                            <path d="M3 3v4h4M3.5 7A5 5 0 1 1 4.6 11.7"/>
                        </svg>
                    </button>
                </Show>
                <button
                    type="button"
                    class="icon"
                    title="Explain"
                    aria-label=format!("Explain {}", descriptor.label)
                    aria-expanded=move || explained.get().to_string()
                    aria-controls=help_id.clone()
                    on:click=move |_| explained.update(|explained| *explained = !*explained)
                >
                    "?"
                </button>
            </div>
            <p id=help_id class="help" class:hidden-visually=move || !explained.get()>{help}</p>
            {framework_only(descriptor).then(|| view! {
                <p class="note">"Only the BFTBrain framework reads this key."</p>
            })}
            {next_start.map(|reason| view! {
                <Show when=move || active.get()>
                    <p class="note"><strong>"Next start"</strong> ": " {reason}</p>
                </Show>
            })}
            <Show when=move || state.with(|state| state.scheduled)>
                <p class="note">"Scheduled value: edit it in the configuration file."</p>
            </Show>
            <div id=error_id>
                {move || problem().map(|problem| view! { <p class="field-error" role="alert">{problem}</p> })}
            </div>
        </div>
    }
    .into_any()
}

/// A key that may be broken after its dots.
fn breakable(key: &'static str) -> impl IntoView {
    key.split_inclusive('.').map(|part| view! { {part}<wbr/> }).collect_view()
}

fn range_hint(descriptor: &Descriptor) -> String {
    let default = match descriptor.default {
        "" => "Default: empty.".to_owned(),
        default => format!("Default: {default}."),
    };
    match descriptor.kind {
        Kind::Integer { .. } | Kind::Float { .. } => format!("Range: {}. {default}", descriptor.kind.range_text()),
        Kind::IntegerList { .. } | Kind::FloatList { .. } => {
            format!("Commas between; each {}. {default}", descriptor.kind.range_text())
        }
        Kind::TextList => format!("Commas between. {default}"),
        Kind::Boolean | Kind::Text | Kind::Choice(_) => default,
    }
}

/// The input of a key's type. Numbers are text inputs: they keep what was typed, so that a wrong value can be explained.
#[component]
fn Input(descriptor: &'static Descriptor, state: Memo<FieldState>, id: String, described_by: String) -> AnyView {
    let session = Session::get();
    let EditorContext { reference, .. } = expect_context();
    let set = move |text: String| {
        session.draft.update(|draft| reference.with_untracked(|reference| draft.set(descriptor, reference, text)));
    };
    let text = move || state.with(|state| state.text.clone());
    let scheduled = move || state.with(|state| state.scheduled);
    let invalid = move || state.with(|state| state.problem.is_some()).to_string();
    match descriptor.kind {
        Kind::Boolean => view! {
            <input
                type="checkbox"
                id=id
                aria-describedby=described_by
                checked=untrack(text) == "true"
                prop:checked=move || text() == "true"
                disabled=scheduled
                on:change=move |event| set(event_target_checked(&event).to_string())
            />
        }
        .into_any(),
        Kind::Choice(words) => view! {
            <select
                id=id
                aria-describedby=described_by
                prop:value=text
                disabled=scheduled
                on:change=move |event| set(event_target_value(&event))
            >
                {words.iter().map(|word| view! {
                    <option value=*word selected=untrack(text) == *word>{*word}</option>
                }).collect_view()}
            </select>
        }
        .into_any(),
        kind => {
            let step = move |event: web_sys::KeyboardEvent| {
                if let Some(text) = stepped(kind, &state.with_untracked(|state| state.text.clone()), &event.key()) {
                    event.prevent_default();
                    set(text);
                }
            };
            let wide = matches!(kind, Kind::Text | Kind::TextList);
            view! {
                <input
                    type="text"
                    id=id
                    class:wide=wide
                    class:number=!wide
                    inputmode=input_mode(kind)
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=described_by
                    aria-invalid=invalid
                    value=untrack(text)
                    prop:value=text
                    readonly=scheduled
                    on:input=move |event| set(event_target_value(&event))
                    on:keydown=step
                />
            }
            .into_any()
        }
    }
}

fn input_mode(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer { min, .. } if min >= 0 => "numeric",
        Kind::Integer { .. } | Kind::Float { .. } => "decimal",
        _ => "text",
    }
}

/// What the up and down arrows make of a whole number; nothing for other keys and other types.
fn stepped(kind: Kind, text: &str, key: &str) -> Option<String> {
    let Kind::Integer { min, max } = kind else { return None };
    let step = match key {
        "ArrowUp" => 1,
        "ArrowDown" => -1,
        _ => return None,
    };
    Some(text.trim().parse::<i64>().ok()?.saturating_add(step).clamp(min, max).to_string())
}
