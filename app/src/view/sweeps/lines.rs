//! Lines with error bars along one dimension. The pointer and the arrow keys go from point to point.

use crate::state::line_style::look;
use crate::state::sweeps::dimension::Dimension;
use crate::state::sweeps::lines::{LinePlot, line_plot, usual_dimension};
use crate::state::sweeps::picture::{draw_lines, lines_file, place_of};
use crate::state::sweeps::table::points_csv;
use crate::view::legend::{LineButtons, Swatch};
use crate::view::paint::ResizeWatch;
use crate::view::session::Session;
use crate::view::sweeps::drawing::shapes;
use crate::view::sweeps::file::SaveMenu;
use crate::view::sweeps::page::SweepContext;
use leptos::html;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// How near, pixels, the pointer has to be to a point.
const REACH: f64 = 24.0;

/// A line and one of its points, by their places.
type Place = (usize, usize);

/// The lines with the choice of their dimension and their legend.
#[component]
pub(crate) fn Lines() -> AnyView {
    let session = Session::get();
    let context = expect_context::<SweepContext>();
    let chosen = RwSignal::new(None::<Dimension>);
    let hidden = RwSignal::new(BTreeSet::<String>::new());
    let size = RwSignal::new((0.0, 0.0));
    let at = RwSignal::new(None::<Place>);
    let frame = NodeRef::<html::Div>::new();
    let varying = Memo::new(move |_| context.plan(Dimension::varying));
    let along = Memo::new(move |_| {
        let exists = |dimension: &Dimension| varying.with(|varying| varying.contains(dimension));
        let usual = || context.sweep.with(|sweep| sweep.as_ref().and_then(usual_dimension));
        chosen.get().filter(exists).or_else(usual)
    });
    let plot = Memo::new(move |_| {
        let (metric, along) = (context.metric.get(), along.get());
        context.sweep.with(|sweep| {
            let title = |name: &str| session.protocol_title(name);
            sweep.as_ref().map_or_else(LinePlot::default, |sweep| {
                context
                    .results
                    .with(|results| hidden.with(|hidden| line_plot(sweep, results, metric, along, hidden, &title)))
            })
        })
    });
    let styles = |style: usize| {
        let (colour, dashes) = look(style);
        (colour, dashes.to_vec())
    };
    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            let watch = ResizeWatch::new(&frame, move |width, height| {
                if size.try_get_untracked().is_some_and(|known| known != (width, height)) {
                    size.set((width, height));
                }
            });
            // Owned by this effect, which ends with the chart; see `view::chart`.
            StoredValue::new_local(watch);
        }
    });
    let nearest = move |event: &web_sys::PointerEvent| {
        let bounds = frame.get_untracked()?.get_bounding_client_rect();
        let pointer = (f64::from(event.client_x()) - bounds.left(), f64::from(event.client_y()) - bounds.top());
        let size = size.get_untracked();
        plot.with_untracked(|plot| {
            let distance = |(line, index): Place| {
                let point = &plot.lines[line].points[index];
                let place = place_of(plot, size, point.place, point.mean);
                (place.0 - pointer.0).hypot(place.1 - pointer.1)
            };
            let found = places(plot).into_iter().map(|place| (distance(place), place));
            found.filter(|(distance, _)| *distance <= REACH).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, place)| place)
        })
    };
    let follow = move |event: web_sys::PointerEvent| {
        let found = nearest(&event);
        if at.get_untracked() != found {
            at.set(found);
        }
    };
    let select = move || {
        let point = at
            .get_untracked()
            .and_then(|(line, index)| plot.with_untracked(|plot| Some(plot.lines.get(line)?.points.get(index)?.point)));
        if point.is_some() {
            context.selected.set(point);
        }
    };
    let press = move |event: web_sys::KeyboardEvent| {
        let next = plot.with_untracked(|plot| walked(plot, at.get_untracked(), &event.key()));
        match event.key().as_str() {
            "Escape" => at.set(None),
            "Enter" | " " => {
                event.prevent_default();
                select();
            }
            _ => {
                if let Some(next) = next {
                    event.prevent_default();
                    at.set(Some(next));
                    select();
                }
            }
        }
    };
    let drawn = move || {
        let size = size.get();
        (size.0 > 0.0).then(|| plot.with(|plot| shapes(draw_lines(plot, size, &styles))))
    };
    let draw = Callback::new(move |()| {
        let name = context.sweep.with_untracked(|sweep| sweep.as_ref().map(|sweep| sweep.plan.name.clone()));
        let metric = context.metric.get_untracked();
        plot.with_untracked(|plot| lines_file(plot, metric, &name.unwrap_or_default(), &styles))
    });
    let csv = Callback::new(move |()| {
        context.sweep.with_untracked(|sweep| {
            let sweep = sweep.as_ref()?;
            Some(context.results.with_untracked(|results| points_csv(sweep, results)))
        })
    });
    let options = move || {
        let option = |dimension: Dimension| {
            let label = context.plan(|plan| dimension.label(plan));
            view! { <option value=dimension.name() selected=along.get() == Some(dimension)>{label}</option> }
        };
        varying.get().into_iter().map(option).collect_view()
    };
    let summary = move || plot.with(|plot| plot.summary(context.metric.get()));
    let named = Memo::new(move |_| {
        plot.with(|plot| plot.lines.iter().map(|line| (line.label.clone(), line.style)).collect::<Vec<_>>())
    });
    view! {
        <section class="card padded sweep-lines" aria-labelledby="lines-title">
            <header>
                <h2 id="lines-title">"Lines"</h2>
                <SaveMenu part="lines" draw csv/>
            </header>
            <div class="sweep-choice">
                <label class="stacked">
                    <span>"Along"</span>
                    <select on:change=move |event| chosen.set(Dimension::named(&event_target_value(&event)))>{options}</select>
                </label>
            </div>
            <div
                class="line-plot"
                node_ref=frame
                on:pointermove=follow
                on:pointerleave=move |_| at.set(None)
                on:click=move |_| select()
            >
                <svg
                    class="picture"
                    role="img"
                    tabindex="0"
                    aria-label=summary
                    data-lines=move || plot.with(|plot| plot.lines.len()).to_string()
                    on:keydown=press
                    on:blur=move |_| at.set(None)
                >
                    {drawn}
                    <Ring plot size at/>
                </svg>
                <Tip plot size at/>
                <Show when=move || plot.with(LinePlot::is_empty)>
                    <p class="nothing">"Nothing measured yet."</p>
                </Show>
            </div>
            <LineButtons lines=named hidden/>
        </section>
    }
    .into_any()
}

/// All visible points, line by line.
fn places(plot: &LinePlot) -> Vec<Place> {
    let of_line = |(line, drawn): (usize, &crate::state::sweeps::lines::SweepLine)| {
        let count = if drawn.visible { drawn.points.len() } else { 0 };
        (0..count).map(move |index| (line, index)).collect::<Vec<_>>()
    };
    plot.lines.iter().enumerate().flat_map(of_line).collect()
}

/// Where an arrow key leads: along the line, or to the next one at the same place.
fn walked(plot: &LinePlot, at: Option<Place>, key: &str) -> Option<Place> {
    let all = places(plot);
    let Some((line, index)) = at.filter(|at| all.contains(at)) else {
        return matches!(key, "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown")
            .then(|| all.first().copied())
            .flatten();
    };
    let place = plot.lines[line].points[index].place;
    let on_other = |forward: bool| {
        let lines: Vec<usize> =
            if forward { (line + 1..plot.lines.len()).collect() } else { (0..line).rev().collect() };
        let next = lines.into_iter().find(|other| all.iter().any(|(of, _)| of == other))?;
        let points = plot.lines[next].points.iter().enumerate();
        let near = points.min_by(|a, b| (a.1.place - place).abs().total_cmp(&(b.1.place - place).abs()))?;
        Some((next, near.0))
    };
    match key {
        "ArrowRight" => all.contains(&(line, index + 1)).then_some((line, index + 1)),
        "ArrowLeft" => index.checked_sub(1).map(|index| (line, index)),
        "ArrowDown" => on_other(true),
        "ArrowUp" => on_other(false),
        _ => None,
    }
}

/// A ring around the point that is looked at.
#[component]
fn Ring(plot: Memo<LinePlot>, size: RwSignal<(f64, f64)>, at: RwSignal<Option<Place>>) -> impl IntoView {
    move || {
        let (line, index) = at.get()?;
        plot.with(|plot| {
            let point = plot.lines.get(line)?.points.get(index)?;
            let (x, y) = place_of(plot, size.get(), point.place, point.mean);
            Some(view! { <circle class="ring" cx=x.to_string() cy=y.to_string() r="7"/> })
        })
    }
}

/// What the point says.
#[component]
fn Tip(plot: Memo<LinePlot>, size: RwSignal<(f64, f64)>, at: RwSignal<Option<Place>>) -> impl IntoView {
    let context = expect_context::<SweepContext>();
    move || {
        let (line, index) = at.get()?;
        plot.with(|plot| {
            let drawn = plot.lines.get(line)?;
            let point = drawn.points.get(index)?;
            let size = size.get();
            let (x, y) = place_of(plot, size, point.place, point.mean);
            let flipped = x > size.0 / 2.0;
            Some(view! {
                <div
                    class="tooltip"
                    class:flipped=flipped
                    style:left=format!("{x}px")
                    style:top=format!("{}px", (y - 24.0).max(0.0))
                    role="status"
                >
                    <p><Swatch style=drawn.style/> " " {drawn.label.clone()}</p>
                    <p class="muted">{point.words(context.metric.get())}</p>
                </div>
            })
        })
    }
}
