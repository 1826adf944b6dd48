//! How a trial ends: told to, by itself, or by somebody else.

use super::change::Changes;
use super::progress::Progress;
use lab::testbed::ControllerExit;
use model::ids::UnitId;
use model::trial::{LogLine, TrialState, Verdict};
use model::unit::UnitHealth;

impl Progress {
    /// A person told it to stop.
    pub fn stopping(&mut self) -> Changes {
        let mut changes = Changes::default();
        if matches!(self.summary.state, TrialState::Launching | TrialState::Running) {
            self.summary.state = TrialState::Stopping;
            changes.summary(&self.summary);
        }
        changes
    }

    /// Its turn has come.
    pub fn launching(&mut self) -> Changes {
        let mut changes = Changes::default();
        if self.summary.state == TrialState::Queued {
            self.summary.state = TrialState::Launching;
            changes.summary(&self.summary);
        }
        changes
    }

    /// A person took it out of the queue.
    pub fn cancelled(&mut self, at_ms: i64) -> Changes {
        let mut changes = Changes::default();
        self.end(TrialState::Cancelled, at_ms, &mut changes);
        self.end_units(|_| UnitHealth::Stopped, &mut changes);
        changes
    }

    /// Its controller could not be started.
    pub fn launch_failed(&mut self, reason: String, at_ms: i64) -> Changes {
        let mut changes = self.failed(reason.clone(), at_ms);
        self.end(TrialState::Failed { reason }, at_ms, &mut changes);
        self.end_units(|_| UnitHealth::Stopped, &mut changes);
        changes
    }

    /// Its controller has ended.
    pub fn exited(&mut self, exit: &ControllerExit, at_ms: i64) -> Changes {
        let mut changes = Changes::default();
        let told = self.summary.state == TrialState::Stopping || (self.ended_in_order && exit.success);
        match self.failure.clone() {
            Some(reason) => {
                self.end_units(|_| UnitHealth::Stopped, &mut changes);
                self.end(TrialState::Failed { reason }, at_ms, &mut changes);
            }
            None if told => {
                self.end_units(|_| UnitHealth::Stopped, &mut changes);
                self.end(TrialState::Finished, at_ms, &mut changes);
            }
            None => {
                let reason = exit.reason.clone();
                changes.log(self.id(), vec![LogLine { at_ms, unit: UnitId(0), text: reason.clone() }]);
                let of_unit = |label: String| format!("{label} ended because the controller was gone");
                self.end_units(
                    |status| UnitHealth::Died {
                        reason: if status.0 == UnitId(0) { reason.clone() } else { of_unit(status.1) },
                        at_ms: Some(at_ms),
                    },
                    &mut changes,
                );
                let reason = format!("{reason} although nobody stopped the trial");
                self.end(TrialState::Failed { reason }, at_ms, &mut changes);
            }
        }
        changes
    }

    fn end(&mut self, state: TrialState, at_ms: i64, changes: &mut Changes) {
        self.summary.state = state;
        self.summary.ended_ms = Some(at_ms);
        if self.summary.verdict.is_none() && self.unit_reported {
            self.summary.verdict = Some(Verdict::NoProgress);
        }
        changes.summary(&self.summary);
    }

    /// Gives every unit that is not dead already its last state.
    fn end_units(&mut self, health: impl Fn((UnitId, String)) -> UnitHealth, changes: &mut Changes) {
        let id = self.id();
        for status in &mut self.units {
            if !matches!(status.health, UnitHealth::Died { .. }) {
                status.health = health((status.unit, status.role.label()));
                changes.unit(id, status);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::progress::tests::running;
    use super::*;

    fn exit(success: bool) -> ControllerExit {
        ControllerExit { success, reason: "the controller was killed by signal 9 (SIGKILL)".into() }
    }

    #[test]
    fn a_stopped_trial_is_finished_even_when_its_controller_had_to_be_killed() {
        let mut progress = running();
        progress.stopping();
        progress.exited(&exit(false), 9);
        assert_eq!((&progress.summary.state, progress.summary.ended_ms), (&TrialState::Finished, Some(9)));
        assert!(progress.units.iter().all(|unit| unit.health == UnitHealth::Stopped));
    }

    #[test]
    fn a_killed_controller_fails_the_trial_and_every_unit_says_why_it_ended() {
        let mut progress = running();
        progress.unit_died(UnitId(3), "Replica 2 was killed by signal 9 (SIGKILL)".into(), 5);
        progress.exited(&exit(false), 9);
        assert!(matches!(&progress.summary.state, TrialState::Failed { reason } if reason.contains("SIGKILL")));
        let reason = |unit: usize| match &progress.units[unit].health {
            UnitHealth::Died { reason, .. } => reason.clone(),
            other => format!("{other:?}"),
        };
        assert!(reason(0).contains("controller was killed") && reason(3).contains("Replica 2 was killed"));
        assert_eq!(reason(5), "Client ended because the controller was gone");
    }

    #[test]
    fn the_controllers_own_reason_is_the_trials_reason() {
        let mut progress = running();
        progress.failed("Connect: replica 3 did not arrive within 10 s".into(), 5);
        progress.failed("later".into(), 6);
        progress.exited(&exit(false), 9);
        assert!(matches!(&progress.summary.state, TrialState::Failed { reason } if reason.contains("replica 3")));
    }

    #[test]
    fn a_trial_that_came_to_its_end_in_order_is_finished_and_without_answers_it_made_no_progress() {
        let mut progress = running();
        progress.reported(false, 1_500);
        progress.ended_in_order();
        progress.exited(&exit(true), 9);
        assert_eq!(progress.summary.state, TrialState::Finished);
        assert_eq!(progress.summary.verdict, Some(Verdict::NoProgress));
    }
}
