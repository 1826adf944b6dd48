//! CloudLab's part of the page: the list of experiments as the live stream goes on, the form for a new one, and words.

mod draft;
mod machines;
mod words;

pub use draft::Draft;
pub use machines::{UnknownKey, locked_key, shown_key, unknown_keys};
pub use words::{extension, left, node_tone, state_text, state_tone, steps, token_text, up_text};

use crate::backend::cloudlab::CloudlabView;
use crate::state::ordered;
use model::cloudlab::Experiment;
use model::event::LiveEvent;
use model::testbed::{TestbedKind, TestbedState, TestbedSummary};
use std::cmp::Reverse;

/// Puts an event into the view; says whether it was one that matters there.
pub fn apply(view: &mut CloudlabView, event: &LiveEvent) -> bool {
    match event {
        LiveEvent::Cloudlab { experiment } => {
            match view.experiments.iter_mut().find(|known| known.key == experiment.key) {
                Some(known) => known.clone_from(experiment),
                None => ordered::insert(&mut view.experiments, (**experiment).clone(), |known| Reverse(known.key)),
            }
            true
        }
        LiveEvent::CloudlabForgotten { key } => {
            view.experiments.retain(|known| known.key != *key);
            true
        }
        _ => false,
    }
}

/// Whether a testbed is to be chosen for a trial; one in use, where a trial runs or waits, always is. The testbed of an experiment
/// that is over stays on the server until its last trial is gone, and nothing new starts there.
pub fn is_offered(testbed: &TestbedSummary, in_use: bool, view: Option<&CloudlabView>) -> bool {
    if in_use || testbed.kind != TestbedKind::Cloudlab || !matches!(testbed.state, TestbedState::Unavailable { .. }) {
        return true;
    }
    let mut experiments = view.iter().flat_map(|view| &view.experiments);
    let name = testbed.name.to_string();
    let lasts = |one: &Experiment| !one.state.is_over() || one.held;
    experiments.any(|one| lasts(one) && format!("cloudlab-{}", one.request.name) == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::cloudlab::TokenState;
    use model::cloudlab::{ExperimentKey, ExperimentRequest, ExperimentState};
    use model::testbed::TestbedName;

    pub(super) fn experiment(key: ExperimentKey, name: &str) -> Experiment {
        let request = ExperimentRequest::read([name, "proj", "PortalProfiles/small-lan"], ["2", "", "4"]).unwrap();
        Experiment::new(key, request, 0)
    }

    pub(super) fn view(experiments: Vec<Experiment>) -> CloudlabView {
        CloudlabView { portal: "https://portal.example".into(), token: TokenState::Missing, experiments }
    }

    #[test]
    fn experiments_come_change_and_go_with_the_stream() {
        let mut view = view(vec![experiment(1, "a")]);
        let told = |key, name: &str| LiveEvent::Cloudlab { experiment: Box::new(experiment(key, name)) };
        assert!(apply(&mut view, &told(2, "b")) && apply(&mut view, &told(1, "c")));
        let names: Vec<_> = view.experiments.iter().map(|one| one.request.name.as_str()).collect();
        assert_eq!(names, ["b", "c"]);
        assert!(apply(&mut view, &LiveEvent::CloudlabForgotten { key: 2 }));
        assert_eq!((view.experiments.len(), apply(&mut view, &LiveEvent::Reset)), (1, false));
    }

    #[test]
    fn the_testbed_of_an_experiment_that_is_over_is_not_offered() {
        let name = TestbedName::new("cloudlab-a").unwrap();
        let state = TestbedState::Unavailable { reason: "over".into() };
        let mut testbed = TestbedSummary { name, kind: TestbedKind::Cloudlab, hosts: 2, state };
        let mut view = view(vec![experiment(1, "a")]);
        assert!(is_offered(&testbed, false, Some(&view)));
        view.experiments[0].state = ExperimentState::Terminated { reason: String::new() };
        assert!(!is_offered(&testbed, false, Some(&view)) && !is_offered(&testbed, false, None));
        assert!(is_offered(&testbed, true, Some(&view)));
        // The same name is used again.
        view.experiments.push(experiment(2, "a"));
        assert!(is_offered(&testbed, false, Some(&view)));
        testbed.state = TestbedState::Ready;
        assert!(is_offered(&testbed, false, None) && is_offered(&TestbedSummary::local(), false, None));
    }
}
