//! The public Java framework BFTBrain as an engine: what it does with each key, the form in which it reads its
//! configuration, and what its controller is told for a trial.

mod capability;
mod framework_config;
mod launch;
mod protocol_name;
mod start;

pub use capability::{Capability, capability, check_live};
pub use framework_config::{framework_config, framework_pool};
pub use launch::{BftbrainHere, BftbrainLaunch};
pub use protocol_name::{FRAMEWORK_PROTOCOLS, FrameworkProtocol, is_frameworks_own};
pub use start::{check_start, ignored_changes};

/// How many replicas the framework runs its own protocols with, for f faults.
pub fn replicas(f: u32) -> u32 {
    3 * f + 1
}
