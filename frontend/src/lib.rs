//! The WebAssembly entry of the page: takes over what the server has rendered, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page when the WebAssembly has been loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    let hydrated = app::Hydrated::default();
    let complete = hydrated.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let app = move || {
            leptos::context::provide_context(hydrated);
            app::App()
        };
        leptos::mount::hydrate_from_async(leptos::tachys::dom::body(), app).await.forget();
        complete.complete();
    });
}
