//! A brake: what follows the samples is done again when they have changed, but not more often than every so often.

use leptos::prelude::*;
use std::time::Duration;

/// Does something when what `follow` tracks has changed: at once where the last time was at least `interval` ago, else when
/// it will have been. Ends with the calling component.
pub(crate) fn paced(interval: Duration, follow: impl Fn() + 'static, act: impl Fn() + Copy + 'static) {
    let interval_ms = interval.as_millis() as f64;
    let last_ms = StoredValue::new(0.0);
    let waits = StoredValue::new(false);
    let go = move || {
        // The component may be gone by now.
        if waits.try_set_value(false).is_none() {
            last_ms.set_value(js_sys::Date::now());
            untrack(act);
        }
    };
    Effect::new(move |_| {
        follow();
        if waits.get_value() {
            return;
        }
        let rest_ms = last_ms.get_value() + interval_ms - js_sys::Date::now();
        match rest_ms > 0.0 {
            true => {
                waits.set_value(true);
                set_timeout(go, Duration::from_millis(rest_ms.ceil() as u64));
            }
            false => go(),
        }
    });
}
