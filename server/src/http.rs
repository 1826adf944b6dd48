//! What all routes share: who may call, how much they may send, how they are refused, and the page itself.

mod body;
mod connections;
mod form;
mod guard;
mod headers;
mod login;
mod page;
mod refusal;
mod routes;

pub use body::{CONTROL_LIMIT, UNIT_LIMIT};
pub use connections::{serve, serve_plain};
pub use form::pairs;
pub use page::page_options;
pub use refusal::refuse;
pub use routes::{router, units_router};
