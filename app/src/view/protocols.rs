//! The protocol pages: the list, each protocol's file with the checker's findings, and the simulator.

pub(crate) mod exchange;
pub(crate) mod facts;
pub(crate) mod list;
pub(crate) mod machine;
pub(crate) mod own;
pub(crate) mod page;
pub(crate) mod result;
pub(crate) mod run;
pub(crate) mod sequence;
pub(crate) mod simulator;
