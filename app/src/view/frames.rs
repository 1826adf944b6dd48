//! Drawing spread over frames: a frame draws what fits into its time and leaves the rest to the next one, so that however
//! many charts there are, the page answers.

use leptos::prelude::{request_animation_frame, window};
use std::cell::RefCell;
use std::collections::VecDeque;

/// How long a frame may draw, ms: half of a sixtieth of a second. What has been begun is finished.
const BUDGET_MS: f64 = 8.0;

type Drawing = Box<dyn FnOnce()>;

thread_local! {
    static WAITING: RefCell<VecDeque<Drawing>> = const { RefCell::new(VecDeque::new()) };
}

/// Draws in one of the next frames. Whoever asks sees to it that the same thing does not wait twice.
pub(crate) fn draw(drawing: impl FnOnce() + 'static) {
    let first = WAITING.with_borrow_mut(|waiting| {
        waiting.push_back(Box::new(drawing));
        waiting.len() == 1
    });
    if first {
        request_animation_frame(run);
    }
}

fn run() {
    let now = || window().performance().map_or(0.0, |performance| performance.now());
    let began = now();
    // The one being drawn stays in the queue until it is done, so that what it asks for does not begin a second round.
    while let Some(drawing) = WAITING.with_borrow_mut(|waiting| waiting.front_mut().map(take)) {
        drawing();
        let empty = WAITING.with_borrow_mut(|waiting| {
            waiting.pop_front();
            waiting.is_empty()
        });
        if empty {
            return;
        }
        if now() - began > BUDGET_MS {
            break;
        }
    }
    request_animation_frame(run);
}

fn take(drawing: &mut Drawing) -> Drawing {
    std::mem::replace(drawing, Box::new(|| {}))
}
