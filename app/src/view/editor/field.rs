//! One key of the configuration as a form field.

use crate::state::document::place_of;
use crate::state::draft::{FieldState, framework_only};
use crate::state::engine::key_obstacle;
use crate::view::editor::EditorContext;
use crate::view::editor::badge::When;
use crate::view::session::Session;
use crate::view::stage::{Pane, Stage};
use leptos::prelude::*;
use model::descriptor::{Descriptor, Effect as TakesEffect, Kind};

/// A key's label, input, and what is to be said of it.
#[component]
pub(super) fn Field(descriptor: &'static Descriptor) -> AnyView {
    let session = Session::get();
    let EditorContext { reference, active, place } = expect_context();
    let stage = Stage::get();
    let state = Memo::new(move |_| {
        session.editing.with(|editing| reference.with(|reference| editing.field(descriptor, reference)))
    });
    let obstacle = Memo::new(move |_| key_obstacle(session.engine_in_question(), descriptor.key));
    let explained = RwSignal::new(false);
    let id = format!("field-{}", descriptor.key.replace('.', "-"));
    let (when_id, help_id, error_id) = (format!("{id}-when"), format!("{id}-help"), format!("{id}-error"));
    let described_by = format!("{when_id} {help_id} {error_id}");
    let changed = move || state.with(|state| state.changed);
    let problem = move || state.with(|state| state.problem.clone());
    let next_start = match descriptor.effect {
        TakesEffect::Live => None,
        TakesEffect::NextStart(reason) => Some(reason),
    };
    let to_text = move |_| {
        place.set(Some(session.editing.with_untracked(|editing| place_of(editing.text(), descriptor.key))));
        stage.pane.set(Pane::Yaml);
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
                <Input descriptor state blocked=Signal::derive(move || obstacle.get().is_some()) id described_by/>
                <span class="unit">{descriptor.unit}</span>
            </div>
            <div class="tools">
                <Show when=changed>
                    <button
                        type="button"
                        class="icon"
                        title="Reset"
                        aria-label=format!("Reset {}", descriptor.label)
                        on:click=move |_| session.edit(|editing, against| editing.reset(descriptor, against))
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
            <div class="when-line"><When descriptor id=when_id/></div>
            <p id=help_id class="help" class:hidden-visually=move || !explained.get()>{help}</p>
            {move || obstacle.get().map(|reason| view! {
                <p class="note" data-engine-obstacle><strong>"No effect with BFTBrain"</strong> ": " {reason} "."</p>
            })}
            {framework_only(descriptor).then(|| view! {
                <p class="note">"Only the BFTBrain framework reads this key."</p>
            })}
            {next_start.map(|reason| view! {
                <Show when=move || active.get()>
                    <p class="note"><strong>"Takes effect at the next start"</strong> ": " {reason} "."</p>
                </Show>
            })}
            <Show when=move || state.with(|state| state.scheduled)>
                <p class="note">
                    "Changes over time. " <button type="button" class="link" on:click=to_text>"Edit it in the YAML"</button>
                </p>
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
fn Input(
    descriptor: &'static Descriptor,
    state: Memo<FieldState>,
    blocked: Signal<bool>,
    id: String,
    described_by: String,
) -> AnyView {
    let session = Session::get();
    let set = move |text: String| {
        // While the text cannot be read, the form is not edited.
        let _ = session.edit(|editing, against| editing.set(descriptor, against, text));
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
                disabled=move || scheduled() || blocked.get()
                on:change=move |event| set(event_target_checked(&event).to_string())
            />
        }
        .into_any(),
        Kind::Choice(words) => view! {
            <select
                id=id
                aria-describedby=described_by
                prop:value=text
                disabled=move || scheduled() || blocked.get()
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
            let wide = move || matches!(kind, Kind::Text | Kind::TextList) || scheduled();
            view! {
                <input
                    type="text"
                    id=id
                    class:wide=wide
                    class:number=move || !wide()
                    inputmode=input_mode(kind)
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=described_by
                    aria-invalid=invalid
                    value=untrack(text)
                    prop:value=text
                    readonly=scheduled
                    disabled=move || blocked.get()
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
