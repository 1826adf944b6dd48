//! Drawing spread over frames: each frame draws one thing and leaves the rest to the next ones, so that however many charts
//! there are, the page answers. A clock would not do: without a graphics card the browser turns what was drawn into pixels
//! at the end of the frame, after everything that a page can measure, and that takes longer than the drawing.

use leptos::prelude::request_animation_frame;
use std::cell::RefCell;
use std::collections::VecDeque;

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
    if let Some(drawing) = QUEUE.with_borrow_mut(|queue| queue.waiting.pop_front()) {
        drawing();
    }
    // What was drawn may have asked for more, which waits with the rest.
    QUEUE.with_borrow_mut(|queue| queue.asked = false);
    ask();
}
