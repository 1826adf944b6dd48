//! The way to CloudLab through the host: one server function a file.

pub(crate) mod change;
pub(crate) mod check;
pub(crate) mod create;
pub(crate) mod distrust;
pub(crate) mod offers;
pub(crate) mod resume;
pub(crate) mod token;
pub(crate) mod trust;
pub(crate) mod view;

#[cfg(feature = "ssr")]
use crate::backend::cloudlab::CloudlabBackend;
#[cfg(feature = "ssr")]
use crate::conn::error::PageError;
#[cfg(feature = "ssr")]
use std::sync::Arc;

/// The host that answers these server functions.
#[cfg(feature = "ssr")]
fn backend() -> Result<Arc<dyn CloudlabBackend>, PageError> {
    leptos::prelude::use_context()
        .ok_or_else(|| PageError::Unreachable { message: "The server offers no CloudLab here.".to_owned() })
}
