//! What the protocol pages know: facts about a file, the drawing of its states, the simulator's form, the chart of a
//! run, and a person's own protocols.

pub mod chart;
pub mod facts;
pub mod form;
pub mod machine;
pub mod own;
pub mod words;
