//! The way to the host's sweeps: one server function a file.

pub(crate) mod cancel;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod open;
pub(crate) mod read_grid;
pub(crate) mod resume;
pub(crate) mod start;

#[cfg(feature = "ssr")]
use crate::backend::sweeps::SweepBackend;
#[cfg(feature = "ssr")]
use crate::conn::error::PageError;
#[cfg(feature = "ssr")]
use std::sync::Arc;

/// The host that answers server functions of sweeps.
#[cfg(feature = "ssr")]
fn backend() -> Result<Arc<dyn SweepBackend>, PageError> {
    leptos::prelude::use_context()
        .ok_or_else(|| PageError::Unreachable { message: "The server offers no sweeps here.".to_owned() })
}
