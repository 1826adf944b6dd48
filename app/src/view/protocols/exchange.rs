//! Files in and out of the page.

use leptos::prelude::*;
use protocol::language::document::MAX_PROTOCOL_BYTES;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

/// Saves a text as a file of this name.
pub(crate) fn export(name: &str, text: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = web_sys::Blob::new_with_str_sequence(&parts)?;
    let address = web_sys::Url::create_object_url_with_blob(&blob)?;
    let anchor: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    web_sys::Url::revoke_object_url(&address)
}

/// Reads the file that an input has been given, and hands over its name and text, or what is wrong.
pub(crate) fn import(input: &web_sys::HtmlInputElement, taken: impl Fn(Result<(String, String), String>) + 'static) {
    let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
    let name = file.name();
    if file.size() > MAX_PROTOCOL_BYTES as f64 {
        let size = file.size();
        taken(Err(format!("{name} has {size} bytes; a file here has at most {MAX_PROTOCOL_BYTES}.")));
        return;
    }
    let Ok(reader) = web_sys::FileReader::new() else { return };
    let reading = reader.clone();
    let done = Closure::once_into_js(move |_: JsValue| {
        let text = reading.result().ok().and_then(|result| result.as_string());
        taken(text.map(|text| (name.clone(), text)).ok_or_else(|| format!("{name} could not be read. Try again.")));
    });
    reader.set_onloadend(Some(done.unchecked_ref()));
    // A file that cannot be read ends the reading as well.
    let _ = reader.read_as_text(&file);
    // The same file may be chosen again.
    input.set_value("");
}
