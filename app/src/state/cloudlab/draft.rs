//! What has been typed into the form for a new experiment.

use crate::backend::cloudlab::CloudlabView;
use model::cloudlab::{DEFAULT_HOURS, DEFAULT_NODES, DEFAULT_PROFILE, ExperimentRequest};
use model::validate::Problem;

/// The form's fields as typed. A field that nobody has touched follows what is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The experiment's name.
    pub name: Option<String>,
    /// The project.
    pub project: Option<String>,
    /// The profile, `PROJECT/NAME`.
    pub profile: Option<String>,
    /// The number of machines.
    pub nodes: Option<String>,
    /// The type of the machines; empty for any.
    pub node_type: Option<String>,
    /// For how long, hours.
    pub hours: Option<String>,
}

impl Draft {
    /// The form's fields as they are shown: name, project, profile, nodes, type, hours.
    pub fn shown(&self, view: &CloudlabView) -> [String; 6] {
        let last = view.experiments.first().map(|newest| &newest.request);
        let or = |typed: &Option<String>, known: String| typed.clone().unwrap_or(known);
        [
            or(&self.name, next_name(view)),
            or(&self.project, last.map(|last| last.project.clone()).unwrap_or_default()),
            or(&self.profile, last.map_or_else(|| DEFAULT_PROFILE.to_owned(), |last| last.profile.to_string())),
            or(&self.nodes, last.map_or(DEFAULT_NODES, |last| last.nodes).to_string()),
            or(&self.node_type, last.map(|last| last.node_type.clone()).unwrap_or_default()),
            or(&self.hours, last.map_or(DEFAULT_HOURS, |last| last.hours).to_string()),
        ]
    }

    /// The request that the form stands for.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn read(&self, view: &CloudlabView) -> Result<ExperimentRequest, Vec<Problem>> {
        let [name, project, profile, nodes, node_type, hours] = self.shown(view);
        ExperimentRequest::read([&name, &project, &profile], [&nodes, &node_type, &hours])
    }
}

/// A name that no experiment in the list has: "bft-3".
fn next_name(view: &CloudlabView) -> String {
    let newest = view.experiments.iter().map(|experiment| experiment.key).max().unwrap_or(0);
    format!("bft-{}", newest + 1)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{experiment, view};
    use super::*;

    #[test]
    fn the_form_begins_with_what_was_asked_for_last() {
        let shown = Draft::default().shown(&view(vec![]));
        assert_eq!(shown, ["bft-1", "", DEFAULT_PROFILE, "5", "", "4"]);
        let shown = Draft::default().shown(&view(vec![experiment(6, "x")]));
        assert_eq!(shown, ["bft-7", "proj", DEFAULT_PROFILE, "2", "", "4"]);
    }

    #[test]
    fn what_is_typed_is_read_and_what_is_wrong_is_named() {
        let mut draft = Draft { project: Some("proj".into()), ..Draft::default() };
        assert_eq!(draft.read(&view(vec![])).unwrap().name, "bft-1");
        draft.name = Some("$(reboot)".into());
        draft.nodes = Some("many".into());
        let problems = draft.read(&view(vec![])).unwrap_err();
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, ["name", "nodes"]);
    }
}
