//! The WebAssembly entry of the page: takes over what the server has rendered, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page when the WebAssembly has been loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
