//! Faults between what a replica wants to send and what leaves it, in how it proposes, and in whom it hears. The worker and
//! the simulator apply the same ones, through an [`Injector`] each replica has.
//!
//! What the keys under `fault.*` mean at a point in time is [`settings::Faults`]; [`network`] has the latencies of the
//! presets, [`byzantine`] changes what messages say.

pub mod byzantine;
pub mod injector;
pub mod network;
mod replay;
mod replica_twins;
pub mod settings;

#[cfg(test)]
mod tests;

pub use byzantine::Twins;
pub use injector::{Delivery, Injector};
pub use replica_twins::ReplicaTwins;
pub use settings::Faults;
