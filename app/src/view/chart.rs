//! One chart: heading with the latest value, legend, the canvas with the lines, and the overlay.

use crate::state::chart::{Plot, PlotOptions};
use crate::state::chart_kind::ChartKind;
use crate::state::compare::overlay::Overlay as Overlaid;
use crate::state::format;
use crate::state::marks::next_mark;
use crate::state::range;
use crate::view::chart_menu::{ChartMenu, PointTable};
use crate::view::context::{ChartContext, ChartSource};
use crate::view::frames;
use crate::view::legend::Legend;
use crate::view::overlay::Overlay;
use crate::view::paint::{self, ResizeWatch};
use crate::view::theme::Theme;
use leptos::html;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// The room around the plotting area for the labels of the axes, CSS pixels (left, top, right, bottom), as in
/// `style/_charts.scss`.
const MARGIN: (f64, f64, f64, f64) = (48.0, 8.0, 20.0, 20.0);

/// One chart.
#[component]
pub(crate) fn Chart(kind: ChartKind) -> AnyView {
    let source = expect_context::<ChartSource>();
    let theme = expect_context::<Theme>();
    let context = expect_context::<ChartContext>();
    let canvas = NodeRef::<html::Canvas>::new();
    let frame = NodeRef::<html::Div>::new();
    let size = RwSignal::new((0.0, 0.0));
    let hidden = RwSignal::new(BTreeSet::<String>::new());
    let drawn = RwSignal::new(Plot::default());
    // Charts take turns, a frame each: one whose turn has not come since the samples are there knows nothing of them yet.
    let knows = RwSignal::new(false);
    let table = RwSignal::new(false);
    let scheduled = StoredValue::new(false);
    let under_pointer = StoredValue::new(false);

    let draw = move || {
        // The chart may be gone by the time the browser gets round to this frame.
        let (Some(Some(canvas)), Some((width, height))) = (canvas.try_get_untracked(), size.try_get_untracked()) else {
            return;
        };
        scheduled.set_value(false);
        let options = PlotOptions {
            time: context.time.get_untracked(),
            pixels: width as usize,
            ticks: if height < 90.0 { 2 } else { 4 },
            hidden: hidden.get_untracked(),
        };
        let plot = source.plot.run((kind, options));
        paint::paint(&canvas, &plot, (width, height), theme.generation.get_untracked());
        drawn.set(plot);
        knows.set(context.empty.with_untracked(Option::is_none));
    };
    Effect::new(move |_| {
        source.changed.track();
        theme.generation.track();
        context.time.track();
        hidden.track();
        size.track();
        if !scheduled.get_value() {
            scheduled.set_value(true);
            frames::draw(draw, under_pointer.get_value());
        }
    });
    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            let watch = ResizeWatch::new(&frame, move |width, height| {
                let inner = ((width - MARGIN.0 - MARGIN.2).max(0.0), (height - MARGIN.1 - MARGIN.3).max(0.0));
                if size.try_get_untracked().is_some_and(|known| known != inner) {
                    size.set(inner);
                }
            });
            // Owned by this effect, which ends with the chart. It is made here because the server, where effects do not
            // run, may drop a view on another thread than the one that made it.
            StoredValue::new_local(watch);
        }
    });

    let latest = move || {
        drawn.with(|plot| plot.headline(kind)).map_or_else(|| format::NOTHING.to_owned(), |value| kind.format(value))
    };
    let nothing = Memo::new(move |_| {
        let silent = || (knows.get() && drawn.with(Plot::is_silent)).then(|| context.silent.get().to_owned());
        context.empty.get().or_else(silent)
    });
    let press = move |event: web_sys::KeyboardEvent| {
        if navigate(context, &event.key(), event.shift_key()) {
            event.prevent_default();
        }
    };
    let title_id = format!("chart-{}", kind.name());
    let labelled_by = title_id.clone();
    view! {
        <section
            class="card chart"
            data-chart=kind.name()
            data-points=move || drawn.with(Plot::drawn_points).to_string()
            aria-labelledby=labelled_by
        >
            <header>
                {match source.overlaid.zip(Overlaid::of(kind)) {
                    Some((percentile, overlay)) => view! {
                        <h3 id=title_id>{move || overlay.title(percentile.get())}</h3>
                        <p class="latest muted">{kind.unit()} ", " {overlay.meaning()}</p>
                    }
                    .into_any(),
                    None => view! {
                        <h3 id=title_id>{kind.title()}</h3>
                        <p class="latest">
                            <strong data-latest>{latest}</strong>
                            <Show when=move || drawn.with(|plot| plot.headline(kind).is_some())>
                                <span class="muted">
                                    {kind.unit()} ", "
                                    {move || drawn.with(|plot| plot.headline_words(kind, source.active.get()))}
                                </span>
                            </Show>
                        </p>
                    }
                    .into_any(),
                }}
                <Legend kind drawn hidden/>
                <ChartMenu kind drawn size table/>
            </header>
            <div
                class="plot"
                node_ref=frame
                on:pointerenter=move |_| under_pointer.set_value(true)
                on:pointerleave=move |_| under_pointer.set_value(false)
            >
                <canvas
                    node_ref=canvas
                    role="img"
                    tabindex="0"
                    aria-label=move || drawn.with(|plot| plot.summary(kind))
                    on:keydown=press
                    on:blur=move |_| context.cursor.set(None)
                ></canvas>
                <Overlay kind drawn size/>
                {move || nothing.get().map(|reason| view! { <p class="nothing">{reason}</p> })}
            </div>
            <Show when=move || table.get()>
                <PointTable kind drawn/>
            </Show>
        </section>
    }
    .into_any()
}

/// Moves the cursor, zooms or pans; whether the key means any of these.
fn navigate(context: ChartContext, key: &str, shift: bool) -> bool {
    let (low, high) = context.time.get_untracked();
    let newest = context.newest.get_untracked();
    let step = (high - low) / 100.0;
    let now = context.cursor.get_untracked();
    let at = now.unwrap_or(if key == "." { -1.0 } else { high });
    match key {
        "+" | "=" => context.zoom.set(Some(range::zoomed((low, high), now, 0.5, newest))),
        "-" => context.zoom.set(Some(range::zoomed((low, high), now, 2.0, newest))),
        "[" => context.zoom.set(Some(range::panned((low, high), -0.2, newest))),
        "]" => context.zoom.set(Some(range::panned((low, high), 0.2, newest))),
        "ArrowLeft" if shift => context.zoom.set(Some(range::panned((low, high), -0.2, newest))),
        "ArrowRight" if shift => context.zoom.set(Some(range::panned((low, high), 0.2, newest))),
        "0" => context.zoom.set(None),
        "ArrowLeft" => context.cursor.set(Some((at - step).max(low))),
        "ArrowRight" => context.cursor.set(Some((at + step).min(high))),
        "." | "," => {
            let found = context.marks.with_untracked(|marks| next_mark(marks, at, key == ".").map(|mark| mark.at));
            if let Some(found) = found {
                context.cursor.set(Some(found));
                if found < low || found > high {
                    context.zoom.set(Some(range::centred(found, high - low, newest)));
                }
            }
        }
        "Home" => context.cursor.set(Some(low)),
        "End" => context.cursor.set(Some(high)),
        "Escape" => context.cursor.set(None),
        _ => return false,
    }
    true
}
