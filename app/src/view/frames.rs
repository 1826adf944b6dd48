//! Drawing spread over frames: a frame draws what fits into its time and leaves the rest to the next one, so that however
//! many charts there are, the page answers.

use leptos::prelude::{request_animation_frame, window};
use std::cell::RefCell;
use std::collections::VecDeque;

/// How long a frame may draw, ms: half of a sixtieth of a second. What has been begun is finished.
const BUDGET_MS: f64 = 8.0;

/// How many drawings a frame has at most. Without a graphics card the browser turns what was drawn into pixels at the end of
/// the frame, 2 ms for a chart of 31 lines, and no clock in here sees that.
const MOST: usize = 2;

type Drawing = Box<dyn FnOnce()>;

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Drawing>,
    /// Whether the browser has been asked for a frame.
    asked: bool,
}

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::default();
}

/// Draws in one of the next frames, before all others where it is `urgent`: somebody has a hand on it. Whoever asks sees
/// to it that the same thing does not wait twice.
pub(crate) fn draw(drawing: impl FnOnce() + 'static, urgent: bool) {
    QUEUE.with_borrow_mut(|queue| match urgent {
        true => queue.waiting.push_front(Box::new(drawing)),
        false => queue.waiting.push_back(Box::new(drawing)),
    });
    ask();
}

/// Asks for a frame where something waits and none is asked for.
fn ask() {
    let wanted = QUEUE.with_borrow_mut(|queue| {
        let wanted = !queue.asked && !queue.waiting.is_empty();
        queue.asked |= wanted;
        wanted
    });
    if wanted {
        request_animation_frame(run);
    }
}

fn run() {
    let now = || window().performance().map_or(0.0, |performance| performance.now());
    let began = now();
    for _ in 0..MOST {
        let Some(drawing) = QUEUE.with_borrow_mut(|queue| queue.waiting.pop_front()) else { break };
        drawing();
        if now() - began > BUDGET_MS {
            break;
        }
    }
    // What was drawn may have asked for more, which waits with the rest.
    QUEUE.with_borrow_mut(|queue| queue.asked = false);
    ask();
}
