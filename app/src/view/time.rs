//! Moments in the reader's own time. The server does not know it: what it renders in UTC is replaced in the browser.

use crate::state::format;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// A moment, milliseconds since the epoch.
#[component]
pub(crate) fn LocalTime(at_ms: i64) -> impl IntoView {
    let text = RwSignal::new(format::utc_minute(at_ms));
    Effect::new(move |_| text.set(local(at_ms)));
    view! { <time>{move || text.get()}</time> }
}

fn local(at_ms: i64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(at_ms as f64));
    let two = |number: u32| format!("{number:02}");
    format!(
        "{}-{}-{} {}:{}:{}",
        date.get_full_year(),
        two(date.get_month() + 1),
        two(date.get_date()),
        two(date.get_hours()),
        two(date.get_minutes()),
        two(date.get_seconds())
    )
}

/// How long a trial has run: in the browser only, and growing while it has no end.
#[component]
pub(crate) fn RunningFor(started_ms: i64) -> impl IntoView {
    let text = RwSignal::new(String::new());
    Effect::new(move |_| {
        let tick = move || text.set(format::duration_ms(js_sys::Date::now() as i64 - started_ms));
        tick();
        if let Ok(handle) = set_interval_with_handle(tick, std::time::Duration::from_secs(1)) {
            on_cleanup(move || handle.clear());
        }
    });
    view! { <span>{move || text.get()}</span> }
}
