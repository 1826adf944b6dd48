//! Saving a chart: as text, and as a picture with title, axes and legend.

use crate::state::chart::Plot;
use crate::state::format;
use crate::state::scale::{Scale, time_ticks};
use crate::view::paint::look;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, Url};

/// Picture pixels around the plot (left, top, right, bottom).
const ROOM: (f64, f64, f64, f64) = (110.0, 70.0, 40.0, 110.0);

/// Saves text as a file.
pub(crate) fn text(name: &str, content: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(content));
    let Ok(blob) = Blob::new_with_str_sequence(&parts) else { return };
    if let Ok(address) = Url::create_object_url_with_blob(&blob) {
        save(name, &address);
        // Refused for an address that is none only.
        let _ = Url::revoke_object_url(&address);
    }
}

/// Saves what a chart shows as a PNG.
pub(crate) fn picture(name: &str, chart: &HtmlCanvasElement, plot: &Plot, title: &str) {
    // A browser without a second canvas saves nothing.
    if let Ok(address) = draw(chart, plot, title) {
        save(name, &address);
    }
}

/// Saves what an address has as a file.
pub(crate) fn save(name: &str, address: &str) {
    let Ok(link) = document().create_element("a") else { return };
    if link.set_attribute("href", address).is_ok()
        && link.set_attribute("download", name).is_ok()
        && let Ok(link) = link.dyn_into::<HtmlElement>()
    {
        link.click();
    }
}

fn draw(chart: &HtmlCanvasElement, plot: &Plot, title: &str) -> Result<String, JsValue> {
    let (wide, high) = (f64::from(chart.width()), f64::from(chart.height()));
    let picture: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    let (width, height) = (wide + ROOM.0 + ROOM.2, high + ROOM.1 + ROOM.3);
    picture.set_width(width as u32);
    picture.set_height(height as u32);
    let Some(context) = picture.get_context("2d")? else { return Err(JsValue::NULL) };
    let context: CanvasRenderingContext2d = context.unchecked_into();
    let style = window().get_computed_style(chart)?;
    let colour = |name: &str| {
        let text = style.as_ref().and_then(|style| style.get_property_value(name).ok());
        text.map(|text| text.trim().to_owned()).unwrap_or_default()
    };
    context.set_fill_style_str(&colour("--card"));
    context.fill_rect(0.0, 0.0, width, height);
    context.set_fill_style_str(&colour("--text"));
    context.set_font("600 28px system-ui, sans-serif");
    context.fill_text(title, ROOM.0, 42.0)?;
    context.draw_image_with_html_canvas_element(chart, ROOM.0, ROOM.1)?;

    context.set_fill_style_str(&colour("--muted"));
    context.set_font("22px system-ui, sans-serif");
    let values = Scale { low: plot.low, high: plot.high, from: ROOM.1 + high, to: ROOM.1 };
    context.set_text_align("right");
    for tick in &plot.ticks {
        context.fill_text(&format::si(*tick), ROOM.0 - 14.0, values.pixel(*tick) + 8.0)?;
    }
    let times = Scale { low: plot.time.0, high: plot.time.1, from: ROOM.0, to: ROOM.0 + wide };
    context.set_text_align("center");
    for tick in time_ticks(plot.time.0, plot.time.1, (wide / 160.0) as usize) {
        context.fill_text(&format::clock(tick), times.pixel(tick), ROOM.1 + high + 30.0)?;
    }

    context.set_text_align("left");
    let (mut x, y) = (ROOM.0, ROOM.1 + high + 80.0);
    for line in plot.lines.iter().filter(|line| line.visible) {
        let (index, dash) = look(line.style);
        let dashes: js_sys::Array = dash.iter().map(|length| JsValue::from_f64(length * 2.0)).collect();
        context.set_line_dash(&dashes)?;
        context.set_stroke_style_str(&colour(&format!("--series-{index}")));
        context.set_line_width(4.0);
        context.begin_path();
        context.move_to(x, y - 8.0);
        context.line_to(x + 40.0, y - 8.0);
        context.stroke();
        context.fill_text(&line.label, x + 50.0, y)?;
        // A letter is about 12 pixels wide at this size.
        x += 80.0 + 12.0 * line.label.chars().count() as f64;
        if x > width - 120.0 {
            break;
        }
    }
    picture.to_data_url()
}
