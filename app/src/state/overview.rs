//! The list of trials as the live stream goes on.

use crate::backend::Overview;
use crate::state::ordered;
use model::event::LiveEvent;
use model::ids::TrialId;
use model::testbed::TestbedName;
use model::trial::{Phase, PhaseName, TrialState, TrialSummary};
use std::cmp::Reverse;

/// Puts an event into the overview; says whether it was one that matters there.
pub fn apply(overview: &mut Overview, event: &LiveEvent) -> bool {
    match event {
        LiveEvent::Trial { summary } => {
            match overview.trials.iter_mut().find(|known| known.id == summary.id) {
                Some(known) => known.clone_from(summary),
                None => ordered::insert(&mut overview.trials, summary.clone(), |trial| Reverse(trial.id)),
            }
            overview.active.retain(|active| *active != summary.id);
            if summary.state.is_active() {
                overview.active.push(summary.id);
            }
            true
        }
        LiveEvent::TrialDeleted { trial } => {
            overview.trials.retain(|known| known.id != *trial);
            overview.active.retain(|active| active != trial);
            overview.queue.retain(|waiting| waiting != trial);
            true
        }
        LiveEvent::Queue { trials } => {
            overview.queue.clone_from(trials);
            true
        }
        LiveEvent::Testbeds { testbeds } => {
            overview.testbeds.clone_from(testbeds);
            true
        }
        LiveEvent::Configurations { all } => {
            overview.configurations.clone_from(all);
            true
        }
        _ => false,
    }
}

/// The trial that the playground shows for a testbed: the active one, else the newest that has had its turn there.
pub fn shown(overview: &Overview, testbed: &TestbedName) -> Option<TrialId> {
    let had_its_turn = |trial: &&TrialSummary| {
        trial.testbed == *testbed && !matches!(trial.state, TrialState::Queued | TrialState::Cancelled)
    };
    let newest = || overview.trials.iter().find(had_its_turn);
    active(overview, testbed).or_else(newest).map(|trial| trial.id)
}

/// The line of a testbed's active trial.
pub fn active<'a>(overview: &'a Overview, testbed: &TestbedName) -> Option<&'a TrialSummary> {
    overview.trials.iter().find(|trial| trial.testbed == *testbed && overview.active.contains(&trial.id))
}

/// The trials that wait for a testbed, the next one first.
pub fn waiting(overview: &Overview, testbed: &TestbedName) -> Vec<TrialSummary> {
    let line = |id: &TrialId| overview.trials.iter().find(|trial| trial.id == *id && trial.testbed == *testbed);
    overview.queue.iter().filter_map(line).cloned().collect()
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
            active: Vec::new(),
            queue: Vec::new(),
            testbeds: Vec::new(),
            config: model::schema::default_tree(),
            config_text: String::new(),
            configurations: Vec::new(),
            protocols: Vec::new(),
            bftbrain_missing: None,
            event_id: "0".into(),
            version: "0".into(),
            visitor: Default::default(),
        }
    }

    #[test]
    fn a_trial_comes_runs_ends_and_goes() {
        let mut overview = empty();
        assert_eq!(next_name(&overview), "Trial 1");
        let mut summary = running().summary;
        assert!(apply(&mut overview, &LiveEvent::Trial { summary: summary.clone() }));
        assert_eq!((&overview.active[..], next_name(&overview)), (&[summary.id][..], "Trial 8".to_owned()));
        let local = TestbedName::default();
        assert_eq!(active(&overview, &local), Some(&summary));
        summary.state = TrialState::Finished;
        summary.ended_ms = Some(61_000);
        apply(&mut overview, &LiveEvent::Trial { summary: summary.clone() });
        assert_eq!((active(&overview, &local), shown(&overview, &local)), (None, Some(summary.id)));
        assert_eq!(duration_ms(&summary, None), Some(60_000));
        apply(&mut overview, &LiveEvent::TrialDeleted { trial: summary.id });
        assert_eq!(shown(&overview, &local), None);
        assert!(!apply(&mut overview, &LiveEvent::Reset));
        let all = vec![ConfigurationLine { name: "mine".into(), updated_ms: 5 }];
        assert!(apply(&mut overview, &LiveEvent::Configurations { all: all.clone() }));
        assert_eq!(overview.configurations, all);
    }

    #[test]
    fn each_testbed_shows_its_own_trial_and_its_own_queue() {
        let mut overview = empty();
        let (local, lab) = (TestbedName::default(), TestbedName::new("lab").unwrap());
        let add = |overview: &mut Overview, id, testbed: &TestbedName, state| {
            let summary = TrialSummary { id: TrialId(id), testbed: testbed.clone(), state, ..running().summary };
            apply(overview, &LiveEvent::Trial { summary });
        };
        add(&mut overview, 1, &local, TrialState::Running);
        add(&mut overview, 2, &lab, TrialState::Running);
        for (id, testbed) in [(3, &lab), (4, &local), (5, &lab)] {
            add(&mut overview, id, testbed, TrialState::Queued);
        }
        apply(&mut overview, &LiveEvent::Queue { trials: vec![TrialId(4), TrialId(5), TrialId(3)] });
        assert_eq!((shown(&overview, &local), shown(&overview, &lab)), (Some(TrialId(1)), Some(TrialId(2))));
        let order: Vec<_> = waiting(&overview, &lab).iter().map(|trial| trial.id.0).collect();
        assert_eq!(order, [5, 3]);
        add(&mut overview, 2, &lab, TrialState::Finished);
        assert_eq!((active(&overview, &lab), shown(&overview, &lab)), (None, Some(TrialId(2))));
        assert!(active(&overview, &local).is_some());
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
