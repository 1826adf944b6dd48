//! Drawing on the canvas with plotters, and following the canvas' size. Nothing here measures text: axes are labelled
//! by the overlay.

use crate::state::chart::Plot;
use crate::state::heat::{SHADES, axis_place};
use crate::state::line_style::{COLOURS, look};
use plotters::prelude::*;
use plotters_canvas::CanvasBackend;
use std::cell::Cell;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, ResizeObserver};

/// How much of its line's colour a band has.
const BAND_OPACITY: f64 = 0.18;

/// How a canvas is drawn.
#[derive(Clone, Copy)]
struct Pen {
    /// How many of its pixels are one CSS pixel.
    scale: f64,
    /// The width of a line, CSS pixels.
    stroke: f64,
}

impl Pen {
    /// The pen for a few lines: at least twice as fine as CSS, since a line's corners are at whole pixels of the canvas.
    fn fine(screen: f64) -> Self {
        Self { scale: screen.max(2.0), stroke: 1.75 }
    }

    /// The pen for a crowd. Lines as thin as a pixel are all that keeps a browser without a graphics card fast: any wider
    /// one is filled as an outline, which takes twenty times as long.
    fn thin(screen: f64) -> Self {
        Self { scale: screen, stroke: 1.0 }
    }
}

/// Empties the canvas.
pub(crate) fn clear(canvas: &HtmlCanvasElement) {
    if let Some(context) = context(canvas) {
        context.clear_rect(0.0, 0.0, canvas.width().into(), canvas.height().into());
    }
}

/// Draws the lines and the grid into the canvas, whose size is given in CSS pixels. `theme` counts the changes of the theme.
pub(crate) fn paint(canvas: &HtmlCanvasElement, plot: &Plot, (width, height): (f64, f64), theme: u32) {
    let screen = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
    let pen = if plot.is_crowded() { Pen::thin(screen) } else { Pen::fine(screen) };
    let (wide, high) = ((width * pen.scale).round() as u32, (height * pen.scale).round() as u32);
    if wide == 0 || high == 0 {
        return;
    }
    if canvas.width() != wide || canvas.height() != high {
        canvas.set_width(wide);
        canvas.set_height(high);
    }
    clear(canvas);
    let (Some(context), Some(backend)) = (context(canvas), CanvasBackend::with_canvas_object(canvas.clone())) else {
        return;
    };
    // The canvas is a picture of the last state: a line that cannot be drawn is left out and drawn with the next frame.
    let _ = lines(&context, backend, plot, &Palette::of(canvas, theme), pen);
    set_dash(&context, &[], pen.scale);
}

type Failed = DrawingAreaErrorKind<<CanvasBackend as DrawingBackend>::ErrorType>;

fn lines(
    context: &CanvasRenderingContext2d,
    backend: CanvasBackend,
    plot: &Plot,
    palette: &Palette,
    Pen { scale, stroke }: Pen,
) -> Result<(), Failed> {
    context.set_line_join("round");
    let area = backend.into_drawing_area();
    let (start, end) = plot.time;
    let mut chart = ChartBuilder::on(&area).build_cartesian_2d(start..end, plot.low..plot.high)?;
    let grid = palette.grid.stroke_width(scale.round() as u32);
    chart.draw_series(plot.ticks.iter().map(|tick| PathElement::new(vec![(start, *tick), (end, *tick)], grid)))?;
    if let Some(heat) = &plot.heat {
        for column in &heat.columns {
            chart.draw_series(column.cells.iter().map(|(band, rate)| {
                let corners = [(column.time.0, axis_place(*band)), (column.time.1, axis_place(band + 1))];
                Rectangle::new(corners, palette.heat[heat.shade(*rate)].filled())
            }))?;
        }
    }
    for line in &plot.lines {
        let (colour, dash) = look(line.style);
        let colour = palette.series[colour];
        let within = |value: f64| value.clamp(plot.low, plot.high);
        let upper = line.band.iter().map(|(at, _, high)| (*at, within(*high)));
        let outline: Vec<_> = upper.chain(line.band.iter().rev().map(|(at, low, _)| (*at, within(*low)))).collect();
        if !outline.is_empty() {
            chart.draw_series(std::iter::once(Polygon::new(outline, colour.mix(BAND_OPACITY))))?;
        }
        set_dash(context, dash, scale);
        let stroke = colour.stroke_width((stroke * scale).round().max(1.0) as u32);
        for piece in line.strokes() {
            if let [only] = piece {
                let dot = Circle::new(*only, (2.5 * scale).round() as i32, colour.filled());
                chart.draw_series(std::iter::once(dot))?;
            } else {
                chart.draw_series(LineSeries::new(piece.iter().copied(), stroke))?;
            }
        }
    }
    area.present()
}

fn set_dash(context: &CanvasRenderingContext2d, dash: &[f64], scale: f64) {
    let segments: js_sys::Array = dash.iter().map(|length| JsValue::from_f64(length * scale)).collect();
    // Fails for what is no list of numbers only.
    let _ = context.set_line_dash(&segments);
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// Instead of a colour that CSS does not have: a middle grey.
const UNKNOWN: RGBColor = RGBColor(128, 128, 128);

/// The theme's colours, from CSS.
#[derive(Clone, Copy)]
struct Palette {
    grid: RGBColor,
    series: [RGBColor; COLOURS],
    heat: [RGBColor; SHADES],
}

thread_local! {
    /// The colours of the newest theme. Asking CSS makes the browser compute styles, in the middle of a frame.
    static KNOWN: Cell<Option<(u32, Palette)>> = const { Cell::new(None) };
}

impl Palette {
    fn of(canvas: &HtmlCanvasElement, theme: u32) -> Self {
        match KNOWN.get() {
            Some((of, palette)) if of == theme => palette,
            _ => {
                let palette = Self::read(canvas);
                // Before the style sheet is there, nothing has its colour.
                KNOWN.set((palette.grid != UNKNOWN).then_some((theme, palette)));
                palette
            }
        }
    }

    fn read(canvas: &HtmlCanvasElement) -> Self {
        let style = web_sys::window().and_then(|window| window.get_computed_style(canvas).ok().flatten());
        let colour = |name: &str| {
            let text = style.as_ref().and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
            hex_colour(text.trim())
        };
        Self {
            grid: colour("--chart-grid"),
            series: std::array::from_fn(|index| colour(&format!("--series-{index}"))),
            heat: std::array::from_fn(|shade| colour(&format!("--heat-{shade}"))),
        }
    }
}

/// `#rrggbb`; unknown where it is something else.
fn hex_colour(text: &str) -> RGBColor {
    let part = |range| text.get(range).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    match (text.starts_with('#'), part(1..3), part(3..5), part(5..7)) {
        (true, Some(red), Some(green), Some(blue)) => RGBColor(red, green, blue),
        _ => UNKNOWN,
    }
}

/// Tells an element's size, at once and whenever it changes, until it is dropped.
pub(crate) struct ResizeWatch {
    observer: ResizeObserver,
    _tell: Closure<dyn FnMut()>,
}

impl ResizeWatch {
    /// Watches `element`; `tell` gets its width and height in CSS pixels.
    pub(crate) fn new(element: &Element, tell: impl Fn(f64, f64) + 'static) -> Option<Self> {
        let watched = element.clone();
        let tell = Closure::<dyn FnMut()>::new(move || {
            tell(watched.client_width().into(), watched.client_height().into());
        });
        let observer = ResizeObserver::new(tell.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _tell: tell })
    }
}

impl Drop for ResizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
