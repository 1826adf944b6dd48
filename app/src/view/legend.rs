//! The legend of a chart: a button a line, which switches it on and off.

use crate::state::chart::Plot;
use crate::view::paint::look;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// The look of a line as it is drawn: colour and dashes.
#[component]
pub(crate) fn Swatch(style: usize) -> impl IntoView {
    let (colour, dash) = look(style);
    let dashes: Vec<_> = dash.iter().map(ToString::to_string).collect();
    view! {
        <svg class=format!("swatch series-{colour}") viewBox="0 0 18 8" width="18" height="8" aria-hidden="true">
            <path d="M0 4h18" stroke-dasharray=dashes.join(" ")/>
        </svg>
    }
}

/// One button a line.
#[component]
pub(crate) fn Legend(drawn: RwSignal<Plot>, hidden: RwSignal<BTreeSet<String>>) -> AnyView {
    let lines = Memo::new(move |_| {
        drawn.with(|plot| plot.lines.iter().map(|line| (line.label.clone(), line.style)).collect::<Vec<_>>())
    });
    let toggle = move |label: &str| {
        hidden.update(|hidden| {
            if !hidden.remove(label) {
                hidden.insert(label.to_owned());
            }
        });
    };
    view! {
        <div class="legend" role="group" aria-label="Lines">
            <For each=move || lines.get() key=|line| line.clone() let((label, style))>
                {
                    let (name, shown) = (label.clone(), label.clone());
                    view! {
                        <button
                            type="button"
                            aria-pressed=move || hidden.with(|hidden| !hidden.contains(&shown)).to_string()
                            on:click=move |_| toggle(&name)
                        >
                            <Swatch style/>
                            {label}
                        </button>
                    }
                }
            </For>
        </div>
    }
    .into_any()
}
