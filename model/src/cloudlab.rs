//! CloudLab experiments: what one asks the portal for, and what is known of one. No secret is part of any of it: the token
//! stays in the server's memory.

mod experiment;
mod names;
mod request;

pub use experiment::{Account, Experiment, ExperimentKey, ExperimentNode, ExperimentState, NodePhase};
pub use names::{ExperimentId, check_experiment_name, check_node_type, check_project, parse_profile};
pub use request::{
    DEFAULT_HOURS, DEFAULT_NODES, DEFAULT_PROFILE, ExperimentRequest, MAX_HOURS, MAX_NODES, ProfileName,
};
