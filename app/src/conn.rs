//! The way to the host: one server function a file, and the live stream. A server function that changes nothing has
//! `prefix = "/api/read"`, so that those who only watch may call it; all others are for drivers, as the server sees to.

pub(crate) mod check_testbed;
pub(crate) mod cloudlab;
pub(crate) mod compared;
pub(crate) mod configuration;
pub(crate) mod delete;
pub(crate) mod delete_configuration;
pub(crate) mod delete_testbed;
pub(crate) mod deleted;
pub(crate) mod detail;
pub(crate) mod edit;
pub(crate) mod error;
pub(crate) mod forget_host;
pub(crate) mod host_testbeds;
pub(crate) mod import;
mod json;
pub(crate) mod move_to_front;
pub(crate) mod overview;
pub(crate) mod rename_configuration;
pub(crate) mod restore;
pub(crate) mod run_again;
pub(crate) mod save_configuration;
pub(crate) mod save_testbed;
pub(crate) mod settings;
pub(crate) mod share;
pub(crate) mod sign_out;
pub(crate) mod start;
pub(crate) mod stop;
pub(crate) mod stream;
pub(crate) mod sweeps;
pub(crate) mod trial;
pub(crate) mod trust_host;
pub(crate) mod unlock_key;
pub(crate) mod update;
pub(crate) mod visitor;

#[cfg(feature = "ssr")]
use crate::access::{Desk, Visitor};
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

/// What lets others in.
#[cfg(feature = "ssr")]
fn desk() -> Result<Arc<dyn Desk>, PageError> {
    leptos::prelude::use_context()
        .ok_or_else(|| PageError::Unreachable { message: "The server lets nobody else in.".to_owned() })
}

/// Who asks. Without a word of the server about it, somebody who may not change anything.
#[cfg(feature = "ssr")]
fn visitor() -> Visitor {
    let stranger = Visitor { role: model::access::Role::Audience, login: true };
    leptos::prelude::use_context().unwrap_or(stranger)
}
