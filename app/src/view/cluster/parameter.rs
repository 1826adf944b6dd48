//! One fault of the chosen replicas: its switch, and the values that it has while it is on.

use crate::state::engine::fault_obstacle;
use crate::state::faults::action::Action;
use crate::state::faults::{Fault, suggestion, value_at, value_text};
use crate::view::session::Session;
use crate::view::stage::Stage;
use leptos::prelude::*;
use model::config::ConfigTree;
use model::descriptor::Descriptor;
use model::validate::Change;
use std::collections::{BTreeMap, BTreeSet};

/// A fault with its switch and its values.
#[component]
pub(super) fn FaultRow(fault: &'static Fault, chosen: Memo<BTreeSet<u32>>, config: Memo<ConfigTree>) -> AnyView {
    let stage = Stage::get();
    let session = Session::get();
    let affected = Memo::new(move |_| {
        stage.cluster.with(|cluster| {
            let has = |number: &u32| cluster.replica(*number).is_some_and(|replica| replica.faults.contains(&fault));
            chosen.with(|chosen| chosen.iter().filter(|number| has(number)).count())
        })
    });
    let obstacle = Memo::new(move |_| fault_obstacle(session.engine_in_question(), fault));
    let blocked = Signal::derive(move || obstacle.get().is_some());
    let all = move || affected.get() > 0 && affected.get() == chosen.with(BTreeSet::len);
    let some = move || affected.get() > 0 && !all();
    let typed = RwSignal::new(BTreeMap::<&'static str, String>::new());
    let switch = move |event: web_sys::Event| {
        let replicas = chosen.get_untracked();
        let fault_name = fault.name.to_owned();
        let action = if event_target_checked(&event) {
            let values = fault.values().filter_map(|value| {
                let text = typed.with_untracked(|typed| typed.get(value.key).cloned())?;
                value.kind.parse(&text).is_ok().then(|| (value.key.to_owned(), text))
            });
            Action::Begin { fault: fault_name, replicas, values: values.collect() }
        } else {
            Action::End { fault: fault_name, replicas }
        };
        stage.act(session, action);
    };
    let id = format!("fault-{}", fault.name);
    let help = fault.list.help;
    let reason_id = format!("fault-reason-{}", fault.name);
    view! {
        <li class="fault-row" data-fault=fault.name data-on=move || affected.get().to_string()>
            <input
                type="checkbox"
                role="switch"
                id=id.clone()
                title=help
                disabled=move || blocked.get()
                aria-describedby=reason_id.clone()
                prop:checked=all
                prop:indeterminate=some
                on:change=switch
            />
            <label for=id title=help>
                {fault.words.title}
                {move || some().then(|| format!(" ({} of {})", affected.get(), chosen.with(BTreeSet::len)))}
            </label>
            <div class="fault-values">
                {fault.values().map(|value| view! { <Value title=fault.words.title value typed config blocked on=Signal::derive(move || affected.get() > 0)/> }).collect_view()}
            </div>
            <p id=reason_id class="fault-reason muted" class:gone=move || !blocked.get()>
                {move || obstacle.get()}
            </p>
        </li>
    }
    .into_any()
}

/// A value: what is in force, or what will be when the fault is switched on.
#[component]
fn Value(
    title: &'static str,
    value: &'static Descriptor,
    typed: RwSignal<BTreeMap<&'static str, String>>,
    config: Memo<ConfigTree>,
    blocked: Signal<bool>,
    on: Signal<bool>,
) -> AnyView {
    let stage = Stage::get();
    let session = Session::get();
    let in_force = move || {
        config.with(|config| match value_at(config, value.key, 0) > 0.0 || on.get() {
            true => value_text(config, value, 0),
            false => suggestion(value).to_owned(),
        })
    };
    let text = move || typed.with(|typed| typed.get(value.key).cloned()).unwrap_or_else(in_force);
    let problem = move || typed.with(|typed| value.kind.parse(typed.get(value.key)?).err());
    let commit = move |_| {
        let Some(text) = typed.with_untracked(|typed| typed.get(value.key).cloned()) else { return };
        if on.get_untracked() && value.kind.parse(&text).is_ok() {
            typed.update(|typed| {
                typed.remove(value.key);
            });
            let changes = vec![Change { key: value.key.to_owned(), text }];
            stage.act(session, Action::Set { changes });
        }
    };
    let error_id = format!("fault-error-{}", value.key.replace('.', "-"));
    view! {
        <label class="fault-value">
            // Not only the key's own label, which the configuration has already.
            <span class="hidden-visually">{format!("{title}: {}", value.label)}</span>
            <input
                type="text"
                inputmode="decimal"
                autocomplete="off"
                title=format!("{}. {} Shared by all replicas with this fault.", value.label, value.help)
                disabled=move || blocked.get()
                prop:value=text
                aria-invalid=move || problem().is_some().to_string()
                aria-describedby=error_id.clone()
                on:input=move |event| typed.update(|typed| { typed.insert(value.key, event_target_value(&event)); })
                on:change=commit
            />
            <span class="unit">{if value.unit == "share" { "" } else { value.unit }}</span>
            <span id=error_id class="fault-error" class:gone=move || problem().is_none() role="alert">{problem}</span>
        </label>
    }
    .into_any()
}
