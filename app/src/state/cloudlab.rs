//! CloudLab's part of the page: the list of experiments as the live stream goes on, the form for a new one, and words.

mod draft;
mod machines;
mod words;

pub use draft::Draft;
pub use machines::{UnknownKey, changed_keys, lan_addresses, locked_key, shown_key, unknown_keys};
pub use words::{extension, left, node_tone, state_text, state_tone, steps, token_text, up_text};

use crate::backend::cloudlab::CloudlabView;
use crate::state::ordered;
use model::event::LiveEvent;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::cloudlab::TokenState;
    use model::cloudlab::{Experiment, ExperimentKey, ExperimentRequest};

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
}
