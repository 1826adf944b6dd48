//! Sweeps: trials over a grid of protocols and settings, one after the other, each queued on its testbed when the one
//! before has ended. What has been measured is stored with each run, so that a sweep goes on where it stopped.

mod check;
mod host;
mod live;
mod perform;
mod progress;
mod registry;

pub use host::SweepHost;
pub use registry::Sweeps;
