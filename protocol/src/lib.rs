//! The protocol language, the consensus engine without I/O, and the deterministic simulator.
//!
//! A protocol is data: a YAML file that [`language`] parses, checks and lowers to dense tables ([`table::Table`]). The
//! [`engine`] runs any such table: it takes inputs and a time, and answers with outputs; it has no clock, no sockets, no
//! threads and no randomness of its own, so that the worker, the [`simulator`] and the browser drive the very same code.

pub mod definitions;
pub mod engine;
pub mod export;
pub mod fault;
pub mod language;
pub mod replica_set;
pub mod simulator;
pub mod table;
pub mod workload;

pub use replica_set::ReplicaSet;
