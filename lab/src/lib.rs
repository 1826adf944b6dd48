//! Running experiments natively: the controller, the workers, their transport, the workload, the faults, the testbeds.

pub mod auth;
pub mod backend;
pub mod bench;
pub mod bftbrain;
pub mod clock;
pub mod cloudlab;
pub mod control;
pub mod controller;
pub mod error;
pub mod experiment;
pub mod frame;
pub mod headless;
pub mod host;
mod http;
pub mod keys;
pub mod process;
pub mod testbed;
pub mod transport;
pub mod usage;
pub mod user_file;
pub mod worker;

pub use error::LabError;
