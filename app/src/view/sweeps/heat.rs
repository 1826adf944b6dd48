//! The heat map: a table whose cells have shades and values; the arrow keys go from cell to cell.

use crate::state::sweeps::dimension::Dimension;
use crate::state::sweeps::heat::{HeatCell, HeatChoice, HeatMap, SHADES, heat_map};
use crate::state::sweeps::metric::Metric;
use crate::state::sweeps::picture::heat_file;
use crate::state::sweeps::table::points_csv;
use crate::view::session::Session;
use crate::view::sweeps::file::SaveMenu;
use crate::view::sweeps::page::SweepContext;
use leptos::html;
use leptos::prelude::*;
use model::words::numbered;
use wasm_bindgen::JsCast;

/// The map with the choice of its dimensions.
#[component]
pub(crate) fn Heat() -> AnyView {
    let session = Session::get();
    let context = expect_context::<SweepContext>();
    let choice = RwSignal::new(HeatChoice::default());
    let varying = Memo::new(move |_| context.plan(Dimension::varying));
    let settled = Memo::new(move |_| varying.with(|varying| choice.with(|choice| choice.settled(varying))));
    let map = Memo::new(move |_| {
        context.sweep.with(|sweep| {
            let title = |name: &str| session.protocol_title(name);
            sweep.as_ref().map_or_else(HeatMap::default, |sweep| {
                let metric = context.metric.get();
                context.results.with(|results| settled.with(|choice| heat_map(sweep, results, metric, choice, &title)))
            })
        })
    });
    let others = move || {
        settled.with(|choice| {
            let of = |dimension: Dimension| {
                let place = choice.fixed.get(&dimension).copied().unwrap_or(0);
                context.plan(|plan| {
                    let value = dimension.value(plan, place, &|name| session.protocol_title(name));
                    format!("; {}: {value}", dimension.label(plan))
                })
            };
            choice.others(&varying.get()).into_iter().map(of).collect::<String>()
        })
    };
    let draw = Callback::new(move |()| {
        let name = context.sweep.with_untracked(|sweep| sweep.as_ref().map(|sweep| sweep.plan.name.clone()));
        let metric = context.metric.get_untracked();
        let others = untrack(others);
        map.with_untracked(|map| heat_file(map, metric, &name.unwrap_or_default(), &others))
    });
    let csv = Callback::new(move |()| {
        context.sweep.with_untracked(|sweep| {
            let sweep = sweep.as_ref()?;
            Some(context.results.with_untracked(|results| points_csv(sweep, results)))
        })
    });
    view! {
        <section class="card padded sweep-heat" aria-labelledby="heat-title">
            <header>
                <h2 id="heat-title">"Heat map"</h2>
                <SaveMenu part="heat-map" draw csv/>
            </header>
            <Choices choice settled varying/>
            <Map map/>
            <Legend map/>
        </section>
    }
    .into_any()
}

/// Which dimension is where, and the values of the others.
#[component]
fn Choices(choice: RwSignal<HeatChoice>, settled: Memo<HeatChoice>, varying: Memo<Vec<Dimension>>) -> AnyView {
    let session = Session::get();
    let context = expect_context::<SweepContext>();
    let options = move |chosen: Option<Dimension>| {
        let option = |dimension: Dimension| {
            let label = context.plan(|plan| dimension.label(plan));
            view! { <option value=dimension.name() selected=chosen == Some(dimension)>{label}</option> }
        };
        varying.get().into_iter().map(option).collect_view()
    };
    let set = move |change: fn(&mut HeatChoice, Option<Dimension>), text: String| {
        let mut next = settled.get_untracked();
        change(&mut next, Dimension::named(&text));
        choice.set(next);
    };
    let across = move |event| {
        let swap = |choice: &mut HeatChoice, chosen: Option<Dimension>| {
            if chosen == choice.down {
                choice.down = choice.across;
            }
            choice.across = chosen;
        };
        set(swap, event_target_value(&event));
    };
    let down = move |event| {
        let swap = |choice: &mut HeatChoice, chosen: Option<Dimension>| {
            if chosen == choice.across {
                choice.across = choice.down;
            }
            choice.down = chosen;
        };
        set(swap, event_target_value(&event));
    };
    let others = move || {
        let of = |dimension: Dimension| {
            let (label, count) = context.plan(|plan| (dimension.label(plan), dimension.count(plan)));
            let chosen = settled.with(|choice| choice.fixed.get(&dimension).copied().unwrap_or(0));
            let option = |place: usize| {
                let text = context.plan(|plan| dimension.value(plan, place, &|name| session.protocol_title(name)));
                view! { <option value=place.to_string() selected=place == chosen>{text}</option> }
            };
            let pick = move |event| {
                if let Ok(place) = event_target_value(&event).parse() {
                    choice.set(settled.get_untracked());
                    choice.update(|choice| {
                        choice.fixed.insert(dimension, place);
                    });
                }
            };
            view! {
                <label class="stacked">
                    <span>{label}</span>
                    <select on:change=pick>{(0..count).map(option).collect_view()}</select>
                </label>
            }
        };
        let others = settled.with(|choice| choice.others(&varying.get()));
        others.into_iter().map(of).collect_view()
    };
    view! {
        <div class="sweep-choice">
            <Show when=move || { varying.with(Vec::len) > 1 }>
                <label class="stacked">
                    <span>"Columns"</span>
                    <select on:change=across>{move || options(settled.get().across)}</select>
                </label>
                <label class="stacked">
                    <span>"Rows"</span>
                    <select on:change=down>{move || options(settled.get().down)}</select>
                </label>
            </Show>
            {others}
        </div>
    }
    .into_any()
}

#[component]
fn Map(map: Memo<HeatMap>) -> AnyView {
    let table = NodeRef::<html::Table>::new();
    // Which cell the Tab key leads to.
    let focus = RwSignal::new((0_usize, 0_usize));
    let go = move |event: web_sys::KeyboardEvent| {
        let (row, column) = focus.get_untracked();
        let (rows, columns) = map.with_untracked(|map| (map.rows.len(), map.rows.first().map_or(0, Vec::len)));
        let to = match event.key().as_str() {
            "ArrowLeft" => (row, column.saturating_sub(1)),
            "ArrowRight" => (row, (column + 1).min(columns.saturating_sub(1))),
            "ArrowUp" => (row.saturating_sub(1), column),
            "ArrowDown" => ((row + 1).min(rows.saturating_sub(1)), column),
            "Home" => (row, 0),
            "End" => (row, columns.saturating_sub(1)),
            _ => return,
        };
        event.prevent_default();
        focus.set(to);
        let place = format!("[data-cell='{}-{}']", to.0, to.1);
        let cell = table.get_untracked().and_then(|table| table.query_selector(&place).ok().flatten());
        if let Some(cell) = cell.and_then(|cell| cell.dyn_into::<web_sys::HtmlElement>().ok()) {
            // A cell that is gone meanwhile takes no focus.
            let _ = cell.focus();
        }
    };
    // The table is built anew when its heads change; otherwise its cells change, and the one with the focus keeps it.
    let heads = Memo::new(move |_| map.with(|map| (map.across.clone(), map.down.clone())));
    let head = move || {
        heads.with(|(across, down)| {
            let (label, values) = across.clone()?;
            let corner = down.as_ref().map(|(label, _)| view! { <th scope="col" class="corner">{label.clone()}</th> });
            let count = values.len().to_string();
            let lead = down.as_ref().map(|_| view! { <td></td> });
            Some(view! {
                <thead>
                    <tr>{lead}<th scope="colgroup" colspan=count class="across">{label}</th></tr>
                    <tr>{corner}{values.into_iter().map(|value| view! { <th scope="col">{value}</th> }).collect_view()}</tr>
                </thead>
            })
        })
    };
    let body = move || {
        heads.with(|(across, down)| {
            let columns = across.as_ref().map_or(1, |(_, values)| values.len());
            let row = |row: usize| {
                let name = down.as_ref().and_then(|(_, values)| values.get(row).cloned());
                let cell = |column: usize| {
                    let of = |head: &Option<(String, Vec<String>)>, place: usize| {
                        head.as_ref().and_then(|(label, values)| Some(format!("{label} {}", values.get(place)?)))
                    };
                    let names: Vec<String> = of(across, column).into_iter().chain(of(down, row)).collect();
                    view! { <td><Cell map place=(row, column) name=names.join(", ") focus/></td> }
                };
                let cells = (0..columns).map(cell).collect_view();
                view! { <tr>{name.map(|name| view! { <th scope="row">{name}</th> })}{cells}</tr> }
            };
            (0..down.as_ref().map_or(1, |(_, values)| values.len())).map(row).collect_view()
        })
    };
    view! {
        <div class="table-scroll">
            <table class="heat" node_ref=table on:keydown=go aria-labelledby="heat-title">
                {head}
                <tbody>{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Cell(map: Memo<HeatMap>, place: (usize, usize), name: String, focus: RwSignal<(usize, usize)>) -> AnyView {
    let context = expect_context::<SweepContext>();
    let cell = Memo::new(move |_| {
        map.with(|map| map.rows.get(place.0).and_then(|row| row.get(place.1)).cloned().unwrap_or_default())
    });
    let class = move || match cell.with(|cell| cell.shade) {
        Some(shade) => format!("heat-cell cell-{shade}"),
        None => "heat-cell none".to_owned(),
    };
    let content = move || {
        let metric = context.metric.get();
        cell.with(|cell| {
            let (value, half) = match cell.value {
                Some((mean, half)) => (metric.format(mean), half.map(|half| format!("± {}", metric.format(half)))),
                None if cell.counts.1 > 0 => ("failed".to_owned(), None),
                None => ("–".to_owned(), None),
            };
            view! {
                <strong>{cell.best.then_some("★ ")}{value}</strong>
                {half.map(|half| view! { <span>{half}</span> })}
            }
        })
    };
    let label = move || format!("{name}: {}", cell.with(|cell| words(context.metric.get(), cell)));
    let choose = move || {
        focus.set(place);
        context.selected.set(Some(cell.with_untracked(|cell| cell.point)));
    };
    view! {
        <button
            type="button"
            class=class
            data-cell=format!("{}-{}", place.0, place.1)
            data-value=move || cell.with(|cell| cell.value.map(|value| value.0.to_string()))
            tabindex=move || if focus.get() == place { "0" } else { "-1" }
            aria-pressed=move || (context.selected.get() == Some(cell.with(|cell| cell.point))).to_string()
            aria-label=label
            on:focus=move |_| choose()
            on:click=move |_| choose()
        >
            {content}
        </button>
    }
    .into_any()
}

/// A cell in words.
fn words(metric: Metric, cell: &HeatCell) -> String {
    let (done, failed, missing) = cell.counts;
    let mut parts = match cell.value {
        Some((mean, Some(half))) => {
            vec![format!("{} ± {} {}", metric.format(mean), metric.format(half), metric.unit())]
        }
        Some((mean, None)) => vec![format!("{} {}", metric.format(mean), metric.unit())],
        None => vec!["nothing measured".to_owned()],
    };
    parts.extend(
        [(done, "measured"), (failed, "failed"), (missing, "to come")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", numbered(count, "run"))),
    );
    if cell.best {
        parts.push("the best here".to_owned());
    }
    parts.join(", ")
}

/// The shades from the smallest to the largest value.
#[component]
fn Legend(map: Memo<HeatMap>) -> impl IntoView {
    let context = expect_context::<SweepContext>();
    move || {
        let metric = context.metric.get();
        map.with(|map| {
            let (low, high) = map.range?;
            let steps = (0..SHADES).map(|shade| view! { <span class=format!("cell-{shade}")></span> }).collect_view();
            let how = if map.logarithmic { ", logarithmic shades" } else { "" };
            let best = metric.more_is_better().map(|_| "★ best");
            Some(view! {
                <p class="heat-legend">
                    <span>{metric.format(low)}</span>
                    <span class="steps" aria-hidden="true">{steps}</span>
                    <span>{metric.format(high)} " " {metric.unit()} {how}</span>
                    <span class="muted">{best}</span>
                </p>
            })
        })
    }
}
