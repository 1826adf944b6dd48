//! CloudLab: machines that its portal lends for some hours. [`PortalClient`] speaks the portal's REST interface, as its
//! OpenAPI document describes it; [`lifecycle`] decides what an experiment is and what to ask next, without clock or
//! network; [`manifest`] reads where its machines are.

pub mod lifecycle;
pub mod manifest;

mod client;
mod error;
mod hosts;
mod moment;
mod token;
mod transport;
mod url;
mod wire;

pub use client::PortalClient;
pub use error::PortalError;
pub use hosts::{LentHost, hosts};
pub use token::{ApiToken, TOKEN_FILE_VARIABLE, TOKEN_VARIABLE};
pub use url::{DEFAULT_PORTAL, PortalUrl};
pub use wire::{AggregateNode, AggregateStatus, PortalExperiment, Profile, TokenInfo};
