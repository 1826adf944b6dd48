//! The list of trials as the live stream goes on.

use crate::backend::Overview;
use model::event::LiveEvent;
use model::ids::TrialId;
use model::trial::{Phase, PhaseName, TrialSummary};

/// Puts an event into the overview; says whether it was one that matters there.
pub fn apply(overview: &mut Overview, event: &LiveEvent) -> bool {
    match event {
        LiveEvent::Trial { summary } => {
            match overview.trials.iter_mut().find(|known| known.id == summary.id) {
                Some(known) => known.clone_from(summary),
                None => {
                    overview.trials.push(summary.clone());
                    overview.trials.sort_by_key(|trial| std::cmp::Reverse(trial.id));
                }
            }
            if summary.state.is_active() {
                overview.active = Some(summary.id);
            } else if overview.active == Some(summary.id) {
                overview.active = None;
            }
            true
        }
        LiveEvent::TrialDeleted { trial } => {
            overview.trials.retain(|known| known.id != *trial);
            overview.active = overview.active.filter(|active| active != trial);
            true
        }
        LiveEvent::Configurations { all } => {
            overview.configurations.clone_from(all);
            true
        }
        _ => false,
    }
}

/// The trial that the playground shows: the active one, else the newest.
pub fn shown(overview: &Overview) -> Option<TrialId> {
    overview.active.or_else(|| overview.trials.first().map(|trial| trial.id))
}

/// The line of the active trial.
pub fn active(overview: &Overview) -> Option<&TrialSummary> {
    overview.trials.iter().find(|trial| Some(trial.id) == overview.active)
}

/// The name that the next trial gets when nobody gives it another: "Trial N" with N after the newest trial's number.
pub fn next_name(overview: &Overview) -> String {
    let newest = overview.trials.iter().map(|trial| trial.id.0).max().unwrap_or(0);
    format!("Trial {}", newest + 1)
}

/// How many milliseconds a trial has run, or took; none before its clients began to send. `now_ms` stands for the end of
/// a trial that has none yet.
pub fn duration_ms(trial: &TrialSummary, now_ms: Option<i64>) -> Option<i64> {
    Some(trial.ended_ms.or(now_ms)? - trial.started_ms?)
}

/// How long a launch took, from its first phase to the moment at which the clients began to send; none before that.
pub fn launch_ms(phases: &[Phase]) -> Option<i64> {
    let first = phases.iter().map(|phase| phase.started_ms).min()?;
    let run = phases.iter().find(|phase| phase.name == PhaseName::Run)?;
    Some(run.started_ms - first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::trial::tests::running;
    use model::configuration::ConfigurationLine;
    use model::trial::TrialState;

    fn empty() -> Overview {
        Overview {
            trials: Vec::new(),
            active: None,
            config: model::schema::default_tree(),
            config_text: String::new(),
            configurations: Vec::new(),
            protocols: Vec::new(),
            event_id: "0".into(),
            version: "0".into(),
        }
    }

    #[test]
    fn a_trial_comes_runs_ends_and_goes() {
        let mut overview = empty();
        assert_eq!(next_name(&overview), "Trial 1");
        let mut summary = running().summary;
        assert!(apply(&mut overview, &LiveEvent::Trial { summary: summary.clone() }));
        assert_eq!((overview.active, next_name(&overview)), (Some(summary.id), "Trial 8".to_owned()));
        assert_eq!(active(&overview), Some(&summary));
        summary.state = TrialState::Finished;
        summary.ended_ms = Some(61_000);
        apply(&mut overview, &LiveEvent::Trial { summary: summary.clone() });
        assert_eq!((overview.active, shown(&overview)), (None, Some(summary.id)));
        assert_eq!(duration_ms(&summary, None), Some(60_000));
        apply(&mut overview, &LiveEvent::TrialDeleted { trial: summary.id });
        assert_eq!(shown(&overview), None);
        assert!(!apply(&mut overview, &LiveEvent::Reset));
        let all = vec![ConfigurationLine { name: "mine".into(), updated_ms: 5 }];
        assert!(apply(&mut overview, &LiveEvent::Configurations { all: all.clone() }));
        assert_eq!(overview.configurations, all);
    }

    #[test]
    fn a_launch_lasts_until_the_clients_begin() {
        let phase = |name, started_ms| Phase { name, started_ms, ended_ms: None };
        let spawn = phase(PhaseName::Spawn, 1_000);
        assert_eq!(launch_ms(std::slice::from_ref(&spawn)), None);
        assert_eq!(launch_ms(&[spawn, phase(PhaseName::Run, 1_850)]), Some(850));
    }

    #[test]
    fn the_newest_trial_is_first() {
        let mut overview = empty();
        for id in [3, 9, 5] {
            let mut summary = running().summary;
            summary.id = TrialId(id);
            summary.state = TrialState::Finished;
            apply(&mut overview, &LiveEvent::Trial { summary });
        }
        assert_eq!(overview.trials.iter().map(|trial| trial.id.0).collect::<Vec<_>>(), [9, 5, 3]);
    }
}
