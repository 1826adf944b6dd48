//! What one asks the portal for.

use super::names::{check_experiment_name, check_node_type, check_project, parse_profile};
use crate::validate::Problem;
use serde::{Deserialize, Serialize};

/// The profile that every CloudLab user may use: some machines on one LAN.
pub const DEFAULT_PROFILE: &str = "PortalProfiles/small-lan";
/// Machines, when nothing else is said.
pub const DEFAULT_NODES: u32 = 5;
/// Hours, when nothing else is said.
pub const DEFAULT_HOURS: u32 = 4;
/// The most machines of one experiment.
pub const MAX_NODES: u32 = 128;
/// The longest time that is asked for at once, hours: a week.
pub const MAX_HOURS: u32 = 168;

/// A profile: what the machines of an experiment are and how they are connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileName {
    /// The project that it belongs to.
    pub project: String,
    /// Its name there.
    pub name: String,
}

impl std::fmt::Display for ProfileName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.project, self.name)
    }
}

/// An experiment to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExperimentRequest {
    /// Its name: letters, digits, hyphens; under 16 characters.
    pub name: String,
    /// The project that pays for it.
    pub project: String,
    /// What it is made of.
    pub profile: ProfileName,
    /// How many machines, 1 to [`MAX_NODES`].
    pub nodes: u32,
    /// The type of the machines, such as `xl170`; empty for any.
    pub node_type: String,
    /// For how long, hours, 1 to [`MAX_HOURS`].
    pub hours: u32,
}

impl ExperimentRequest {
    /// Reads what was typed into a form.
    ///
    /// # Errors
    /// Every field that is wrong, by its name here.
    pub fn read(
        [name, project, profile]: [&str; 3],
        [nodes, node_type, hours]: [&str; 3],
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut noted = |key: &str, message: String| problems.push(Problem { key: key.to_owned(), message });
        let name = check_experiment_name(name).map_err(|message| noted("name", message));
        let project = check_project(project).map_err(|message| noted("project", message));
        let profile = parse_profile(profile).map_err(|message| noted("profile", message));
        let nodes = whole("machines", nodes, MAX_NODES).map_err(|message| noted("nodes", message));
        let node_type = check_node_type(node_type).map_err(|message| noted("node_type", message));
        let hours = whole("hours", hours, MAX_HOURS).map_err(|message| noted("hours", message));
        match (name, project, profile, nodes, node_type, hours) {
            (Ok(name), Ok(project), Ok(profile), Ok(nodes), Ok(node_type), Ok(hours)) => {
                Ok(Self { name, project, profile, nodes, node_type, hours })
            }
            _ => Err(problems),
        }
    }

    /// Checks a request that came over the network.
    ///
    /// # Errors
    /// Every field that is wrong, by its name here.
    pub fn check(&self) -> Result<Self, Vec<Problem>> {
        let (profile, nodes, hours) = (self.profile.to_string(), self.nodes.to_string(), self.hours.to_string());
        Self::read([&self.name, &self.project, &profile], [&nodes, &self.node_type, &hours])
    }
}

fn whole(what: &str, text: &str, most: u32) -> Result<u32, String> {
    let number = text.trim().parse::<u32>().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("the number of {what} is a whole number from 1 to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_or_every_wrong_field_is_named() {
        let request = ExperimentRequest::read(["bft", "proj", DEFAULT_PROFILE], ["5", "xl170", "4"]).unwrap();
        assert_eq!((request.nodes, request.hours, request.profile.to_string().as_str()), (5, 4, DEFAULT_PROFILE));
        assert_eq!(request.check().unwrap(), request);
        let problems = ExperimentRequest::read(["$(x)", "", "lan"], ["0", "a b", "1.5"]).unwrap_err();
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, ["name", "project", "profile", "nodes", "node_type", "hours"]);
    }
}
