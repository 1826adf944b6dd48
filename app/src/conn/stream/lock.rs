//! The lock that decides which tab reads the stream (the Web Locks API, by name: its bindings are not stable yet).

use super::{AGAIN, Feed, NAME};
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::set_timeout;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Whether this browser has locks for this page.
pub(super) fn supported() -> bool {
    manager().is_some()
}

fn manager() -> Option<(JsValue, Function)> {
    let navigator = Reflect::get(web_sys::window()?.as_ref(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}

/// Lets the feed read the stream as soon as the lock is its own, until its tab is closed or another one takes the lock
/// away. With `steal` it is taken away at once, from a tab that hangs.
pub(super) fn when_granted(feed: Rc<Feed>, steal: bool) {
    let Some((locks, request)) = manager() else { return };
    let options = Object::new();
    // Setting a property of an object of our own does not fail.
    let _ = Reflect::set(&options, &"steal".into(), &JsValue::from_bool(steal));
    let granted = {
        let feed = Rc::clone(&feed);
        move |_: JsValue| {
            if feed.source.borrow().is_none() {
                feed.lead();
            }
            // Never settled: the lock is held for as long as the tab lives.
            JsValue::from(Promise::new(&mut |_, _| {}))
        }
    };
    let granted = Closure::<dyn Fn(JsValue) -> JsValue>::new(granted).into_js_value();
    let Some(held) = request.call3(&locks, &NAME.into(), &options, &granted).ok() else {
        feed.lead();
        return;
    };
    spawn_local(async move {
        // Ends only when another tab took the lock: this one queues up again.
        let _ = JsFuture::from(Promise::from(held)).await;
        feed.step_down();
        set_timeout(move || when_granted(feed, false), AGAIN);
    });
}
