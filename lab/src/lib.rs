//! Running experiments natively: the controller, the workers, their transport, the workload, the faults, the testbeds.

pub mod error;
pub mod process;
pub mod testbed;

pub use error::LabError;
