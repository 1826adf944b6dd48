//! A deterministic simulator: the very engine that workers run, on a simulated network and clock.
//!
//! Events are ordered by (time, number); one seeded generator decides delays, losses and duplicates. The same settings
//! give the same trace, byte for byte, on every platform.

pub mod costs;
pub mod divergence;
mod events;
pub mod hunt;
pub mod keys;
mod naming;
pub mod network;
pub mod outcome;
pub mod run;
pub mod scenario;
pub mod shrink;
pub mod trace;
pub mod unruly;

pub use costs::Costs;
pub use network::{Network, Transmission};
pub use outcome::Outcome;
pub use run::{Simulation, simulate, simulate_traced};
pub use scenario::{Change, Scenario};
pub use trace::TraceEvent;
pub use unruly::{Trouble, Unruly};
