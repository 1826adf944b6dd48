//! The search of the list of trials, and its filters.

use crate::state::summary::verdict_label;
use crate::state::trials::column::Column;
use crate::view::session::Session;
use crate::view::trials::desk::Desk;
use leptos::prelude::*;
use model::trial::TrialSummary;
use std::collections::BTreeSet;

/// A choice of one value among those that there are; the first choice is all of them.
#[component]
fn Choice(
    label: &'static str,
    all: &'static str,
    /// (value, words).
    choices: Signal<Vec<(String, String)>>,
    chosen: Signal<Option<String>>,
    choose: Callback<Option<String>>,
) -> impl IntoView {
    view! {
        <label class="stacked">
            <span>{label}</span>
            <select
                prop:value=move || chosen.get().unwrap_or_default()
                on:change=move |event| choose.run(Some(event_target_value(&event)).filter(|value| !value.is_empty()))
            >
                <option value="">{all}</option>
                {move || choices.get().into_iter().map(|(value, words)| {
                    let selected = chosen.get_untracked().as_deref() == Some(value.as_str());
                    view! { <option value=value selected=selected>{words}</option> }
                }).collect_view()}
            </select>
        </label>
    }
}

/// The search and its filters.
#[component]
pub(crate) fn Filters() -> AnyView {
    let session = Session::get();
    let desk = Desk::get();
    let query = desk.query;
    let values = move |read: fn(&TrialSummary) -> String| {
        let all = session
            .overview
            .with(|known| known.iter().flat_map(|known| &known.trials).map(read).collect::<BTreeSet<_>>());
        all.into_iter().collect::<Vec<_>>()
    };
    let words = move |read: fn(&TrialSummary) -> String| {
        values(read).into_iter().map(|word| (word.clone(), word)).collect::<Vec<_>>()
    };
    let protocols = Memo::new(move |_| {
        let named = |name: String| (name.clone(), session.protocol_title(&name));
        values(|trial| trial.protocol.clone()).into_iter().map(named).collect::<Vec<_>>()
    });
    let verdicts = Memo::new(move |_| words(|trial| verdict_label(Some(trial)).to_owned()));
    let states = Memo::new(move |_| words(|trial| trial.state.label().to_owned()));
    let order = Memo::new(move |_| query.with(|query| query.column));
    let orders = Column::ALL.map(|column| {
        view! { <option value=column.label() selected=move || order.get() == column>{column.label()}</option> }
    });
    let sort = move |event: web_sys::Event| {
        let chosen = event_target_value(&event);
        if let Some(column) = Column::ALL.into_iter().find(|column| column.label() == chosen) {
            query.update(|query| {
                query.column = column;
                query.ascending = column.starts_ascending();
            });
        }
    };
    view! {
        <div class="trial-filters" role="search">
            <label class="stacked grow">
                <span>"Search"</span>
                <input
                    type="search"
                    placeholder="Words, or settings such as block-size>=10"
                    autocomplete="off"
                    aria-describedby="search-problem"
                    prop:value=move || query.with(|query| query.search.clone())
                    on:input=move |event| query.update(|query| query.search = event_target_value(&event))
                />
            </label>
            <Choice
                label="Protocol"
                all="All protocols"
                choices=protocols.into()
                chosen=Signal::derive(move || query.with(|query| query.protocol.clone()))
                choose=Callback::new(move |chosen| query.update(|query| query.protocol = chosen))
            />
            <Choice
                label="Verdict"
                all="All verdicts"
                choices=verdicts.into()
                chosen=Signal::derive(move || query.with(|query| query.verdict.clone()))
                choose=Callback::new(move |chosen| query.update(|query| query.verdict = chosen))
            />
            <Choice
                label="State"
                all="All states"
                choices=states.into()
                chosen=Signal::derive(move || query.with(|query| query.state.clone()))
                choose=Callback::new(move |chosen| query.update(|query| query.state = chosen))
            />
            <label class="stacked narrow-only">
                <span>"Sort by"</span>
                <select on:change=sort>{orders.collect_view()}</select>
            </label>
        </div>
    }
    .into_any()
}
