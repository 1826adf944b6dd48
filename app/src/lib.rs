//! The page of BFTGym. `state` is plain data and logic, `conn` talks to the host, `view` shows.

pub mod access;
pub mod backend;
mod conn;
pub mod state;
mod view;

#[cfg(feature = "ssr")]
pub use backend::{Backend, sweeps::SweepBackend};
pub use conn::overview::Opening;
pub use view::app::{App, shell};
pub use view::hydrated::Hydrated;
