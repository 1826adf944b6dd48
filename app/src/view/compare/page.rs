//! `/compare`: the address says what is compared, so that a link shows the same.

use crate::state::compare::address::Align;
use crate::state::compare::align::most_marks;
use crate::state::compare::groups::groups;
use crate::state::compare::overlay::Percentile;
use crate::view::compare::charts::ComparedCharts;
use crate::view::compare::desk::{CompareDesk, Loaded};
use crate::view::compare::picker::Picker;
use crate::view::compare::settings::Differences;
use crate::view::compare::table::SummaryTable;
use crate::view::with_overview::WithOverview;
use leptos::prelude::*;
use leptos_meta::Title;

/// `/compare`.
#[component]
pub(crate) fn ComparePage() -> AnyView {
    let desk = CompareDesk::new();
    provide_context(desk);
    desk.follow();
    view! {
        <Title text="Compare"/>
        <div class="page compare-page">
            <div class="page-head">
                <h1>"Compare"</h1>
                <CopyLink/>
            </div>
            <WithOverview what="The trials"><Comparison/></WithOverview>
        </div>
    }
    .into_any()
}

#[component]
fn Comparison() -> AnyView {
    let desk = CompareDesk::get();
    let count = Memo::new(move |_| desk.comparison.with(|comparison| comparison.trials.len()));
    let there = Memo::new(move |_| desk.ready.with(Vec::len));
    let waiting = Memo::new(move |_| {
        let wanted = desk.comparison.with(|comparison| comparison.trials.clone());
        desk.loaded.with(|loaded| wanted.iter().filter(|trial| !loaded.contains_key(trial)).count())
    });
    let failures = move || {
        let wanted = desk.comparison.with(|comparison| comparison.trials.clone());
        desk.loaded.with(|loaded| {
            let failed = wanted.iter().filter_map(|trial| match loaded.get(trial) {
                Some(Loaded::Failed(reason)) => Some((*trial, reason.clone())),
                _ => None,
            });
            let line = |(trial, reason): (model::ids::TrialId, String)| {
                view! {
                    <li>
                        {format!("Trial {trial} is not shown: {reason}")} " "
                        <button type="button" class="small" on:click=move |_| desk.change(|comparison| comparison.without(trial))>
                            "Leave it out"
                        </button>
                    </li>
                }
            };
            let lines: Vec<_> = failed.map(line).collect();
            (!lines.is_empty()).then(|| view! { <ul class="card padded failures" role="alert">{lines}</ul> })
        })
    };
    view! {
        <Picker/>
        {failures}
        <Show when=move || { waiting.get() > 0 }>
            <p class="muted" role="status">"Loading the trials…"</p>
        </Show>
        <Show
            when=move || { there.get() > 0 }
            fallback=move || (count.get() == 0).then(|| view! {
                <div class="card empty">
                    <h2>"Nothing to compare yet"</h2>
                    <p>"Add two or more trials above, or select them in the list of " <a href="/trials">"trials"</a> "."</p>
                </div>
            })
        >
            <Tools/>
            <SummaryTable/>
            <ComparedCharts/>
            <Differences/>
        </Show>
    }
    .into_any()
}

/// Copies the page's address.
#[component]
fn CopyLink() -> impl IntoView {
    let desk = CompareDesk::get();
    let copied = RwSignal::new(None::<bool>);
    Effect::new(move |_| {
        desk.comparison.track();
        copied.set(None);
    });
    let copy = move |_| {
        let address = window().location().href().unwrap_or_default();
        let navigator = window().navigator();
        // Browsers have no clipboard for pages that came over an insecure connection.
        if !js_sys::Reflect::has(&navigator, &"clipboard".into()).unwrap_or(false) {
            copied.set(Some(false));
            return;
        }
        let written = navigator.clipboard().write_text(&address);
        leptos::task::spawn_local(async move {
            copied.set(Some(wasm_bindgen_futures::JsFuture::from(written).await.is_ok()));
        });
    };
    view! {
        <Show when=move || desk.comparison.with(|comparison| !comparison.trials.is_empty())>
            <span class="copy-link">
                <span class="muted" role="status">
                    {move || match copied.get() {
                        None => "",
                        Some(true) => "Link copied",
                        Some(false) => "The browser does not allow it: copy the address above",
                    }}
                </span>
                <button type="button" on:click=copy>"Copy the link"</button>
            </span>
        </Show>
    }
}

/// How the trials are laid over each other.
#[component]
fn Tools() -> AnyView {
    let desk = CompareDesk::get();
    let marks = Memo::new(move |_| desk.ready.with(|ready| most_marks(ready)));
    let repeated = Memo::new(move |_| {
        desk.ready
            .with(|ready| groups(&ready.iter().map(|trial| &trial.detail).collect::<Vec<_>>()).len() < ready.len())
    });
    let align = Memo::new(move |_| desk.comparison.with(|comparison| comparison.align));
    let value = move || match align.get() {
        Align::Start => "start".to_owned(),
        Align::Mark(mark) => format!("mark:{mark}"),
    };
    let choose = move |event: web_sys::Event| {
        let mark = event_target_value(&event).strip_prefix("mark:").and_then(|mark| mark.parse().ok());
        desk.change(|mut comparison| {
            comparison.align = mark.map_or(Align::Start, Align::Mark);
            comparison
        });
    };
    let percentiles = Percentile::ALL.map(|percentile| {
        view! {
            <button
                type="button"
                aria-pressed=move || desk.comparison.with(|known| known.percentile == percentile).to_string()
                on:click=move |_| desk.change(|mut comparison| {
                    comparison.percentile = percentile;
                    comparison
                })
            >
                {percentile.label()}
            </button>
        }
    });
    let merged = move || desk.comparison.with(|comparison| comparison.merged);
    view! {
        <div class="compare-tools">
            <label class="inline">
                "Times aligned by "
                <select prop:value=value on:change=choose>
                    <option value="start" selected=move || align.get() == Align::Start>"the start"</option>
                    {move || (1..=marks.get()).map(|mark| view! {
                        <option value=format!("mark:{mark}") selected=move || align.get() == Align::Mark(mark)>
                            {format!("each trial's mark {mark}")}
                        </option>
                    }).collect_view()}
                </select>
            </label>
            <span class="inline">
                "Latency "
                <span class="segments" role="group" aria-label="Percentile of the latency">{percentiles.collect_view()}</span>
            </span>
            <Show when=move || repeated.get()>
                <label class="inline">
                    <input
                        type="checkbox"
                        prop:checked=merged
                        on:change=move |event| {
                            let on = event_target_checked(&event);
                            desk.change(|mut comparison| {
                                comparison.merged = on;
                                comparison
                            });
                        }
                    />
                    "Show repetitions as one, with their 95 % confidence band"
                </label>
            </Show>
        </div>
    }
    .into_any()
}
