//! Where an entry is written: when, what, at which replicas, with which values.

use crate::state::faults;
use crate::state::timeline::form::Form;
use crate::view::stage::Stage;
use crate::view::timeline::TimelineContext;
use leptos::prelude::*;
use model::schema;

/// The form.
#[component]
pub(super) fn EntryForm() -> AnyView {
    let stage = Stage::get();
    let TimelineContext { editing, .. } = expect_context();
    let form = RwSignal::new(Form::default());
    let tried = RwSignal::new(false);
    let count = Memo::new(move |_| stage.cluster.with(|cluster| cluster.replicas.len() as u32));
    let read = Memo::new(move |_| form.with(|form| form.read(count.get())));
    Effect::new(move |_| {
        tried.set(false);
        if let Some(index) = editing.get() {
            let entry = stage.timeline.with_untracked(|timeline| timeline.entries().get(index).cloned());
            if let Some(entry) = entry {
                form.set(Form::of(&entry));
            }
        }
    });
    let submit = move || match read.get_untracked() {
        Err(_) => tried.set(true),
        Ok(entry) => {
            tried.set(false);
            stage.timeline.update(|timeline| match editing.get_untracked() {
                Some(index) => timeline.replace(index, entry),
                None => timeline.add(entry),
            });
            editing.set(None);
        }
    };
    let wrong = move |field: &'static str| {
        read.with(|read| {
            let wrong = read.as_ref().err().filter(|_| tried.get())?;
            wrong.iter().find(|(at, _)| *at == field).map(|(_, message)| message.clone())
        })
    };
    let text = move |label: &'static str, field: &'static str, get: fn(&Form) -> String, set: fn(&mut Form, String)| {
        view! {
            <label class="stacked">
                <span>{label}</span>
                <input
                    type="text"
                    autocomplete="off"
                    inputmode=if field == "value" { "text" } else { "decimal" }
                    prop:value=move || form.with(get)
                    aria-invalid=move || wrong(field).is_some().to_string()
                    aria-describedby="entry-problems"
                    on:input=move |event| form.update(|form| set(form, event_target_value(&event)))
                />
            </label>
        }
    };
    let what = Memo::new(move |_| form.with(|form| form.what.clone()));
    let needs_replicas = Memo::new(move |_| form.with(Form::needs_replicas));
    let values = move || {
        what.track();
        let Some((fault, true)) = form.with_untracked(Form::fault) else { return Vec::new() };
        let input = |value: &'static model::descriptor::Descriptor| {
            let unit = if value.unit == "ms" { ", ms" } else { "" };
            view! {
                <label class="stacked">
                    <span>{value.label} {unit}</span>
                    <input
                        type="text"
                        inputmode="decimal"
                        autocomplete="off"
                        prop:value=move || form.with(|form| form.value_of(value.key))
                        aria-invalid=move || wrong("values").is_some().to_string()
                        aria-describedby="entry-problems"
                        on:input=move |event| form.update(|form| {
                            form.values.insert(value.key.to_owned(), event_target_value(&event));
                        })
                    />
                </label>
            }
        };
        fault.values().map(input).collect()
    };
    let live = || schema::descriptors().filter(|known| known.is_live());
    let problems = move || {
        let found = read.with(|read| read.as_ref().err().filter(|_| tried.get()).cloned()).unwrap_or_default();
        let name = |field: &str| match field {
            "at" => "At",
            "replicas" => "Replicas",
            _ => "Value",
        };
        found
            .into_iter()
            .map(|(field, message)| view! { <p class="field-error">{name(field)} ": " {message}</p> })
            .collect_view()
    };
    view! {
        <form
            class="entry-form"
            novalidate
            aria-label="A change at its time"
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            {text("At, s", "at", |form| form.at.clone(), |form, text| form.at = text)}
            <label class="stacked wide">
                <span>"What happens"</span>
                <select
                    prop:value=move || what.get()
                    on:change=move |event| form.update(|form| form.what = event_target_value(&event))
                >
                    <Show when=move || form.with(|form| form.kept.is_some())>
                        <option value="kept">"As recorded"</option>
                    </Show>
                    {what_options()}
                </select>
            </label>
            <Show when=move || needs_replicas.get()>
                {text("Replicas", "replicas", |form| form.replicas.clone(), |form, text| form.replicas = text)}
            </Show>
            {values}
            <Show when=move || what.get() == "key">
                <label class="stacked wide">
                    <span>"Setting"</span>
                    <select
                        prop:value=move || form.with(|form| form.key.clone())
                        on:change=move |event| form.update(|form| form.key = event_target_value(&event))
                    >
                        {live().map(|known| view! { <option value=known.key>{known.label}</option> }).collect_view()}
                    </select>
                </label>
                {text("Value", "value", |form| form.value.clone(), |form, text| form.value = text)}
            </Show>
            <div id="entry-problems" class="problems" role="status">{problems}</div>
            <div class="buttons">
                <Show when=move || editing.get().is_some()>
                    <button type="button" class="quiet" on:click=move |_| editing.set(None)>"Cancel"</button>
                </Show>
                <button type="submit" disabled=move || !stage.timeline.with(|timeline| timeline.has_room())>
                    {move || if editing.get().is_some() { "Save the change" } else { "Add to the timeline" }}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn what_options() -> impl IntoView {
    let group = |begins: bool| {
        let options = faults::all().iter().map(move |fault| {
            let deed = if begins { "begin" } else { "end" };
            let words = if begins { fault.words.begins } else { fault.words.ends };
            view! { <option value=format!("{deed}:{}", fault.name)>{words}</option> }
        });
        options.collect_view()
    };
    view! {
        <optgroup label="A replica …">{group(true)} <option value="cut">"is cut off"</option></optgroup>
        <optgroup label="A replica no longer: it …">{group(false)}</optgroup>
        <optgroup label="The whole cluster">
            <option value="heal">"the partition heals"</option>
            <option value="clear">"all faults end"</option>
            <option value="key">"a setting changes"</option>
        </optgroup>
    }
}
