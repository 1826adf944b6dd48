//! The public Java framework BFTBrain on this machine: where it is, and how its processes are kept from outliving ours. The
//! controller starts them; see [`crate::controller`].

mod confine;
mod installation;

pub use confine::confine;
pub use installation::Installation;
