//! The legend of a chart: a button a line, which switches it on and off; or what the shades of a map stand for.

use crate::state::chart::Plot;
use crate::state::chart_kind::ChartKind;
use crate::state::format;
use crate::state::heat::SHADES;
use crate::state::line_style::look;
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

/// The shades of a map from few to many, with where the faintest ends and the strongest begins.
#[component]
fn Shades(drawn: RwSignal<Plot>) -> impl IntoView {
    let ends = Memo::new(move |_| {
        drawn.with(|plot| {
            let heat = plot.heat.as_ref().filter(|heat| !heat.columns.is_empty())?;
            let end = |shade| format::si(heat.shade_from(shade));
            Some((end(1), end(SHADES - 1)))
        })
    });
    move || {
        ends.get().map(|(few, many)| {
            let boxes = (0..SHADES).map(|shade| view! { <i class=format!("shade heat-{shade}")></i> });
            view! {
                <span class="shades">
                    <span>"under " {few}</span>
                    <span class="shade-list" aria-hidden="true">{boxes.collect_view()}</span>
                    <span>"from " {many} " req/s"</span>
                </span>
            }
        })
    }
}

/// One button a line, or the shades.
#[component]
pub(crate) fn Legend(kind: ChartKind, drawn: RwSignal<Plot>, hidden: RwSignal<BTreeSet<String>>) -> AnyView {
    if !kind.has_lines() {
        return view! { <div class="legend"><Shades drawn/></div> }.into_any();
    }
    let lines = Memo::new(move |_| {
        drawn.with(|plot| plot.lines.iter().map(|line| (line.label.clone(), line.style)).collect::<Vec<_>>())
    });
    view! { <LineButtons lines hidden/> }.into_any()
}

/// One button a line, each with its label and its style.
#[component]
pub(crate) fn LineButtons(lines: Memo<Vec<(String, usize)>>, hidden: RwSignal<BTreeSet<String>>) -> AnyView {
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
