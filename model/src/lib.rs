//! Plain data shared by every part of BFTGym: what an experiment is configured with, what its units report, and what a
//! trial keeps. No I/O, no clocks, no async; it compiles to WebAssembly.

pub mod access;
pub mod advance;
pub mod bftbrain;
pub mod cloudlab;
pub mod config;
pub mod configuration;
pub mod descriptor;
pub mod duration;
pub mod event;
pub mod figures;
pub mod hosts;
pub mod ids;
pub mod latency;
pub mod launch;
pub mod metric;
pub mod patch;
pub mod report;
pub mod schedule;
pub mod schema;
pub mod series;
pub mod statistics;
pub mod sweep;
pub mod testbed;
pub mod trial;
pub mod trial_file;
pub mod unit;
pub mod validate;
pub mod verdict;
pub mod words;
pub mod yaml;

pub use advance::Advanced;
pub use config::{ConfigTree, ConfigValue};
pub use descriptor::{Descriptor, Group, Kind};
pub use event::LiveEvent;
pub use figures::TrialFigures;
pub use ids::{ReplicaId, SequenceNumber, SweepId, TrialId, UnitId, View};
pub use patch::{Patch, PatchItem};
pub use testbed::{Engine, TestbedName};
pub use trial::{TrialState, TrialSummary};
pub use unit::UnitRole;
pub use verdict::Verdict;
