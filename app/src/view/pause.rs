//! Waiting in a task of the page.

use leptos::prelude::set_timeout;
use std::time::Duration;

/// Lets the page do something else for so long; with no time at all, until it has done what is due.
pub(crate) async fn pause(time: Duration) {
    let (done, waiting) = futures::channel::oneshot::channel();
    set_timeout(
        move || {
            // Nobody waits any more when the page is gone.
            let _ = done.send(());
        },
        time,
    );
    let _ = waiting.await;
}
