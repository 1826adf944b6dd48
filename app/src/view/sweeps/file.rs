//! Results as files: SVG, PNG and CSV.

use crate::state::sweeps::picture::{Ink, Picture};
use crate::view::export;
use crate::view::sweeps::page::SweepContext;
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, HtmlImageElement};

/// How much finer than the drawing a PNG is.
const FINER: f64 = 2.0;

/// The menu of one view of the results. `anchor` is an element that has the theme's colours.
#[component]
pub(crate) fn SaveMenu(
    part: &'static str,
    draw: Callback<(), Picture>,
    csv: Callback<(), Option<String>>,
    anchor: Callback<(), Option<HtmlElement>>,
) -> AnyView {
    let context = expect_context::<SweepContext>();
    let svg = move || {
        let anchor = anchor.run(())?;
        let style = window().get_computed_style(&anchor).ok().flatten()?;
        let colour = |ink: Ink| style.get_property_value(&ink.property()).unwrap_or_default().trim().to_owned();
        let picture = draw.run(());
        let text = picture.svg(&colour);
        Some((picture, text))
    };
    let save_svg = move |_| {
        if let Some((_, text)) = svg() {
            export::text(&context.file(part, "svg"), &text);
        }
    };
    let save_png = move |_| {
        if let Some((picture, text)) = svg() {
            let name = context.file(part, "png");
            // A browser that draws no SVG saves nothing.
            let _ = picture_file(name, picture.size, &text);
        }
    };
    let save_csv = move |_| {
        if let Some(text) = csv.run(()) {
            export::text(&context.file("results", "csv"), &text);
        }
    };
    view! {
        <details class="chart-menu">
            <summary aria-label=format!("Files of the {}", part.replace('-', " ")) title="Files">"⋯"</summary>
            <div class="menu-list">
                <button type="button" on:click=save_svg>"Save as SVG"</button>
                <button type="button" on:click=save_png>"Save as PNG"</button>
                <button type="button" on:click=save_csv>"Save as CSV"</button>
            </div>
        </details>
    }
    .into_any()
}

/// Saves an SVG as a PNG: the browser draws it.
fn picture_file(name: String, (width, height): (f64, f64), svg: &str) -> Result<(), JsValue> {
    let image = HtmlImageElement::new()?;
    let drawn = image.clone();
    let draw = Closure::once_into_js(move |_: JsValue| {
        let drawing = || -> Result<(), JsValue> {
            let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
            canvas.set_width((width * FINER) as u32);
            canvas.set_height((height * FINER) as u32);
            let Some(context) = canvas.get_context("2d")? else { return Err(JsValue::NULL) };
            let context: CanvasRenderingContext2d = context.unchecked_into();
            context.draw_image_with_html_image_element_and_dw_and_dh(
                &drawn,
                0.0,
                0.0,
                width * FINER,
                height * FINER,
            )?;
            export::save(&name, &canvas.to_data_url()?);
            Ok(())
        };
        // As above.
        let _ = drawing();
    });
    image.set_onload(Some(draw.unchecked_ref()));
    let content = js_sys::encode_uri_component(svg).as_string().unwrap_or_default();
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{content}"));
    Ok(())
}
