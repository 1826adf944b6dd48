//! The way to the host: one server function a file, and the live stream.

pub(crate) mod cloudlab;
pub(crate) mod detail;
pub(crate) mod error;
pub(crate) mod move_to_front;
pub(crate) mod overview;
pub(crate) mod start;
pub(crate) mod stop;
pub(crate) mod stream;
pub(crate) mod trial;
pub(crate) mod update;

#[cfg(feature = "ssr")]
use crate::backend::Backend;
#[cfg(feature = "ssr")]
use error::PageError;
#[cfg(feature = "ssr")]
use std::sync::Arc;

/// The host that answers server functions.
#[cfg(feature = "ssr")]
fn backend() -> Result<Arc<dyn Backend>, PageError> {
    leptos::prelude::use_context()
        .ok_or_else(|| PageError::Unreachable { message: "The server offers no experiments here.".to_owned() })
}
