//! The host: command line, routes, ingest of what units report, the live stream, and the trials' lives.

pub mod access;
pub mod bftbrain;
pub mod cli;
pub mod clock;
pub mod cloudlab;
pub mod command;
pub mod error;
pub mod http;
mod in_full;
pub mod live;
pub mod protocols;
pub mod service;
pub mod sweeps;
pub mod tls;
pub mod trial_files;
pub mod trials;
pub mod unit_api;
