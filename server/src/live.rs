//! The live stream: events with ids, a memory of the last ones, and one SSE connection per open page.

mod hub;
mod missed;
mod ring;
mod stream;

pub use hub::{Hub, Message, Subscription};
pub use missed::missed;
pub use stream::{KEEP_ALIVE, stream};
