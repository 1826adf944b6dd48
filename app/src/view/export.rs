//! Saving a chart: as text, as a picture of lines, and as that picture painted.

use crate::state::svg::{Picture, svg as document_of};
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, HtmlImageElement, Url};

/// How many pixels of a painted picture stand for one of the page's.
const FINENESS: f64 = 2.0;

/// Saves text as a file.
pub(crate) fn text(name: &str, content: &str) {
    file(name, content, "text/plain;charset=utf-8");
}

/// Saves a chart as SVG, in the colours that the page has now.
pub(crate) fn svg(name: &str, picture: &Picture<'_>) {
    let (_, content) = document_of(picture, colours());
    svg_document(name, &content);
}

/// Saves an SVG document.
pub(crate) fn svg_document(name: &str, content: &str) {
    file(name, content, "image/svg+xml");
}

/// Saves a chart as PNG, in the colours that the page has now.
pub(crate) fn png(name: &str, picture: &Picture<'_>) {
    let (size, content) = document_of(picture, colours());
    png_of(name, size, &content);
}

/// Saves an SVG document of this size as PNG: the browser paints it.
pub(crate) fn png_of(name: &str, size: (f64, f64), content: &str) {
    let (Some(address), Ok(image)) = (address_of(content, "image/svg+xml"), HtmlImageElement::new()) else { return };
    let (name, painted, drawn) = (name.to_owned(), address.clone(), image.clone());
    let paint = move || {
        // A browser without a second canvas saves nothing.
        if let Ok(picture) = painting(&drawn, size) {
            save(&name, &picture);
        }
        let _ = Url::revoke_object_url(&painted);
    };
    let paint = Closure::once_into_js(paint);
    image.set_onload(Some(paint.unchecked_ref()));
    image.set_src(&address);
}

/// The page's colours by their names, as they are now.
pub(crate) fn colours() -> impl Fn(&str) -> String {
    let root = document().document_element();
    let style = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    move |name| {
        let value = style.as_ref().and_then(|style| style.get_property_value(&format!("--{name}")).ok());
        value.map(|value| value.trim().to_owned()).unwrap_or_default()
    }
}

fn painting(image: &HtmlImageElement, (width, height): (f64, f64)) -> Result<String, JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width((width * FINENESS) as u32);
    canvas.set_height((height * FINENESS) as u32);
    let Some(context) = canvas.get_context("2d")? else { return Err(JsValue::NULL) };
    let context: CanvasRenderingContext2d = context.unchecked_into();
    let (wide, high) = (width * FINENESS, height * FINENESS);
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, wide, high)?;
    canvas.to_data_url()
}

fn address_of(content: &str, kind: &str) -> Option<String> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&JsValue::from_str(content));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}

fn file(name: &str, content: &str, kind: &str) {
    if let Some(address) = address_of(content, kind) {
        save(name, &address);
        // Refused for an address that is none only.
        let _ = Url::revoke_object_url(&address);
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
