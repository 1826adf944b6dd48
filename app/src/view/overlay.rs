//! What lies over the canvas: labels of the axes, the cursor with its values, and the marks.

use crate::state::chart::Plot;
use crate::state::chart_kind::ChartKind;
use crate::state::format;
use crate::state::heat::axis_place;
use crate::state::line_style::look;
use crate::state::marks::{flags, marks_at};
use crate::state::range;
use crate::state::scale::{Scale, time_ticks};
use crate::view::context::ChartContext;
use crate::view::legend::Swatch;
use leptos::html;
use leptos::prelude::*;

/// The width of a letter of a time, and how far a time may reach beyond the right end, CSS pixels.
const LETTER: f64 = 6.4;
const BEYOND: f64 = 16.0;

/// The most marks that a tooltip tells.
const TOOLTIP_MARKS: usize = 3;

/// The most lines that a tooltip lists.
const TOOLTIP_LINES: usize = 12;

/// The layer over one chart's canvas. `size` is that of the plotting area, CSS pixels.
#[component]
pub(crate) fn Overlay(kind: ChartKind, drawn: RwSignal<Plot>, size: RwSignal<(f64, f64)>) -> AnyView {
    let context = expect_context::<ChartContext>();
    let layer = NodeRef::<html::Div>::new();
    // Where a drag began, and the time that was shown then if it pans.
    let drag = RwSignal::new(None::<Drag>);
    let at = move |event: &web_sys::MouseEvent, time: (f64, f64)| {
        let layer = layer.get_untracked()?;
        let x = f64::from(event.client_x()) - layer.get_bounding_client_rect().left();
        Some(time_scale(time, size.get_untracked()).value(x))
    };
    let follow = move |event: web_sys::PointerEvent| {
        let pan = drag.get_untracked().and_then(|drag| Some((drag.from, drag.pan?)));
        if let Some((from, shown)) = pan
            && let Some(now) = at(&event, shown)
        {
            let share = (from - now) / (shown.1 - shown.0);
            context.zoom.set(Some(range::panned(shown, share, context.newest.get_untracked())));
            return;
        }
        let Some(now) = at(&event, context.time.get_untracked()) else { return };
        // Browsers tell a pointer at rest again whenever something below it was drawn.
        if context.cursor.get_untracked() != Some(now) {
            context.cursor.set(Some(now));
        }
        drag.maybe_update(|drag| drag.as_mut().map(|drag| drag.to = now).is_some());
    };
    let begin = move |event: web_sys::PointerEvent| {
        let shown = context.time.get_untracked();
        let Some(now) = at(&event, shown) else { return };
        context.cursor.set(Some(now));
        // A finger scrolls the page.
        if event.button() == 0 && event.pointer_type() == "mouse" {
            drag.set(Some(Drag { from: now, to: now, pan: event.shift_key().then_some(shown) }));
        }
    };
    let end = move |_| {
        let Some(drag) = drag.try_update(Option::take).flatten() else { return };
        let (low, high) = context.time.get_untracked();
        // A click that slipped by a few pixels is no drag.
        if drag.pan.is_none() && (drag.to - drag.from).abs() > (high - low) / 50.0 {
            context.zoom.set(Some(range::selected(drag.from, drag.to)));
        }
    };
    let leave = move |_| {
        drag.set(None);
        context.cursor.set(None);
    };
    let turn = move |event: web_sys::WheelEvent| {
        let shown = context.time.get_untracked();
        let newest = context.newest.get_untracked();
        // Browsers turn a wheel with shift sideways.
        let turned = if event.delta_y() == 0.0 { event.delta_x() } else { event.delta_y() };
        let next = match (event.ctrl_key(), event.shift_key()) {
            (true, _) => {
                let factor = if turned > 0.0 { 1.25 } else { 0.8 };
                range::zoomed(shown, at(&event, shown), factor, newest)
            }
            (false, true) => range::panned(shown, 0.1 * turned.signum(), newest),
            (false, false) => return,
        };
        event.prevent_default();
        context.zoom.set(Some(next));
    };
    let selection = move || {
        let drag = drag.get().filter(|drag| drag.pan.is_none())?;
        let scale = time_scale(context.time.get(), size.get());
        let (from, to) = (scale.pixel(drag.from.min(drag.to)), scale.pixel(drag.from.max(drag.to)));
        Some(view! {
            <svg class="selection" aria-hidden="true">
                <rect x=from.to_string() width=(to - from).to_string() y="0" height="100%"/>
            </svg>
        })
    };
    view! {
        <Axes kind drawn size/>
        <div
            class="layer"
            node_ref=layer
            on:pointermove=follow
            on:pointerdown=begin
            on:pointerup=end
            on:pointerleave=leave
            on:wheel=turn
        >
            {selection}
            <Cursor kind drawn size/>
            <Marks size/>
        </div>
    }
    .into_any()
}

/// A drag across a chart.
#[derive(Clone, Copy)]
struct Drag {
    from: f64,
    to: f64,
    /// What was shown when it began, if it moves the shown time instead of choosing one.
    pan: Option<(f64, f64)>,
}

fn time_scale((low, high): (f64, f64), (width, _): (f64, f64)) -> Scale {
    Scale { low, high, from: 0.0, to: width }
}

fn value_scale(plot: &Plot, (_, height): (f64, f64)) -> Scale {
    Scale { low: plot.low, high: plot.high, from: height, to: 0.0 }
}

/// The labels of both axes.
#[component]
fn Axes(kind: ChartKind, drawn: RwSignal<Plot>, size: RwSignal<(f64, f64)>) -> AnyView {
    // Lines move with every sample, axes seldom.
    let axes = Memo::new(move |_| drawn.with(|plot| (plot.time, (plot.low, plot.high), plot.ticks.clone())));
    let labels = move || {
        let size = size.get();
        axes.with(|(time, (low, high), ticks)| {
            if size.0 <= 0.0 || ticks.is_empty() {
                return None;
            }
            let times = time_scale(*time, size);
            let values = Scale { low: *low, high: *high, from: size.1, to: 0.0 };
            let value_labels: Vec<_> = ticks
                .iter()
                .map(|tick| {
                    let y = values.pixel(*tick).round();
                    view! { <text class="value" x="-8" y=y.to_string() dy="0.32em">{kind.tick_label(*tick)}</text> }
                })
                .collect();
            let time_labels: Vec<_> = time_ticks(time.0, time.1, (size.0 / 80.0) as usize)
                .into_iter()
                .map(|tick| {
                    let (x, text) = (times.pixel(tick).round(), format::clock(tick));
                    // The last one stays within the card.
                    let middle = x.min(size.0 + BEYOND - text.chars().count() as f64 * LETTER / 2.0);
                    view! {
                        <line x1=x.to_string() x2=x.to_string() y1=size.1.to_string() y2=(size.1 + 3.0).to_string()/>
                        <text class="time" x=middle.to_string() y=(size.1 + 15.0).to_string()>{text}</text>
                    }
                })
                .collect();
            Some(view! { <g>{value_labels}{time_labels}</g> })
        })
    };
    view! { <svg class="axes" aria-hidden="true">{labels}</svg> }.into_any()
}

/// The cursor line, the point of each line at it, and their values.
#[component]
fn Cursor(kind: ChartKind, drawn: RwSignal<Plot>, size: RwSignal<(f64, f64)>) -> impl IntoView {
    let context = expect_context::<ChartContext>();
    move || {
        let cursor = context.cursor.get()?;
        let size = size.get();
        drawn.with(|plot| {
            if plot.ticks.is_empty() || cursor < plot.time.0 || cursor > plot.time.1 {
                return None;
            }
            let (x, values) = (time_scale(plot.time, size).pixel(cursor), value_scale(plot, size));
            let happened: Vec<_> = context.marks.with(|marks| {
                let near = marks_at(marks, cursor, plot.time, TOOLTIP_MARKS);
                near.iter().map(|mark| view! { <p class="happened">{mark.text.clone()}</p> }).collect()
            });
            let column = plot.heat.as_ref().and_then(|heat| heat.column_at(cursor));
            let words = column.map(|column| column.words()).unwrap_or_default();
            let words: Vec<_> = words
                .into_iter()
                .map(|(what, value)| view! { <li><span>{what}</span><strong>{value}</strong></li> })
                .collect();
            let outline = column.map(|column| {
                let times = time_scale(plot.time, size);
                let (left, right) = (times.pixel(column.time.0), times.pixel(column.time.1));
                let ends = (column.cells.first(), column.cells.last());
                let (low, high) = (ends.0.map_or(0, |cell| cell.0), ends.1.map_or(0, |cell| cell.0 + 1));
                let (foot, top) = (values.pixel(axis_place(low)), values.pixel(axis_place(high)));
                view! {
                    <rect
                        class="column"
                        x=left.to_string()
                        y=top.to_string()
                        width=(right - left).max(0.0).to_string()
                        height=(foot - top).max(0.0).to_string()
                    />
                }
            });
            let found = plot.values_at(cursor);
            let dots: Vec<_> = found
                .iter()
                .map(|(line, value)| {
                    let y = values.pixel(*value).to_string();
                    let class = format!("dot series-{}", look(line.style).0);
                    view! { <circle class=class cx=x.to_string() cy=y r="3.5"/> }
                })
                .collect();
            let more = found.len().saturating_sub(TOOLTIP_LINES);
            let rows: Vec<_> = found
                .iter()
                .take(TOOLTIP_LINES)
                .map(|(line, value)| {
                    view! {
                        <li>
                            <Swatch style=line.style/>
                            <span>{line.label.clone()}</span>
                            <strong>{kind.format(*value)}</strong>
                        </li>
                    }
                })
                .collect();
            let flipped = x > size.0 / 2.0;
            let shown = !rows.is_empty() || !words.is_empty() || !happened.is_empty();
            Some(view! {
                <svg class="cursor" aria-hidden="true">
                    <line x1=x.to_string() x2=x.to_string() y1="0" y2=size.1.to_string()/>
                    {outline}
                    {dots}
                </svg>
                {shown.then(|| view! {
                    <div class="tooltip" class:flipped=flipped style:left=format!("{x}px") role="status">
                        <p>{format::clock_tenths(cursor)} <span class="muted">{kind.unit()}</span></p>
                        {happened}
                        <ul>{rows}{words}</ul>
                        {(more > 0).then(|| view! { <p class="muted">{format!("and {more} more")}</p> })}
                    </div>
                })}
            })
        })
    }
}

/// The vertical marks, each with a flag that tells what happened. The keyboard finds them in the list of events, and with
/// a chart's cursor: as stops of their own on every chart they would be in the way.
#[component]
fn Marks(size: RwSignal<(f64, f64)>) -> AnyView {
    let context = expect_context::<ChartContext>();
    // Where they stand is known in the browser only, which takes no inline style from the server.
    let placed = Memo::new(move |_| {
        let (width, time) = (size.get().0, context.time.get());
        if width <= 0.0 {
            return Vec::new();
        }
        context.marks.with(|marks| {
            let flags = flags(marks, time, width);
            marks.iter().cloned().zip(flags).collect::<Vec<_>>()
        })
    });
    view! {
        <For
            each=move || placed.get()
            key=|(mark, flag)| (mark.text.clone(), mark.at.to_bits(), flag.clone())
            let((mark, flag))
        >
            {
                let place = move || {
                    let (time, size) = (context.time.get(), size.get());
                    (mark.at >= time.0 && mark.at <= time.1 && size.0 > 0.0)
                        .then(|| time_scale(time, size).pixel(mark.at))
                };
                let edge = flag.as_ref().is_some_and(|flag| flag.left);
                let flag = flag.map(|flag| flag.text);
                let name = mark.name(flag.as_deref().unwrap_or_default());
                let right = move || place().is_some_and(|x| x > size.get().0 / 2.0);
                view! {
                    <button
                        type="button"
                        class="event-mark"
                        class:flipped=right
                        class:edge=edge
                        class:gone=move || place().is_none()
                        data-mark=mark.kind.name()
                        tabindex="-1"
                        aria-label=name
                        style:left=move || format!("{}px", place().unwrap_or(0.0))
                    >
                        {flag.map(|flag| view! { <span class="flag" aria-hidden="true">{flag}</span> })}
                        <span class="flag-text" aria-hidden="true">{mark.text.clone()}</span>
                    </button>
                }
            }
        </For>
    }
    .into_any()
}
