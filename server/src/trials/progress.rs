//! Where a trial is: its state as a plain machine that takes what happens and answers with the changes.

use super::change::Changes;
use model::config::ConfigTree;
use model::figures::TrialFigures;
use model::hosts::HostStatus;
use model::ids::{TrialId, UnitId};
use model::patch::{Patch, PatchItem};
use model::trial::{LogLine, Phase, PhaseName, TrialDetail, TrialEdit, TrialState, TrialSummary, Verdict};
use model::unit::{UnitHealth, UnitStatus};
use model::verdict::{Answers, Divergence};

/// How long clients send before "nothing executed" is a verdict, ms.
const PATIENCE_MS: i64 = 3_000;

/// A trial as this server knows it.
#[derive(Clone, Debug)]
pub struct Progress {
    pub(super) summary: TrialSummary,
    /// The configuration in force: the starting one and every Update.
    pub(super) config: ConfigTree,
    pub(super) patches: Vec<Patch>,
    pub(super) units: Vec<UnitStatus>,
    pub(super) phases: Vec<Phase>,
    /// Why the controller gave up, if it did.
    pub(super) failure: Option<String>,
    /// Whether the controller has said that all units ended in order.
    pub(super) ended_in_order: bool,
    pub(super) unit_reported: bool,
    /// Whether clients get answers.
    answers: Answers,
}

impl Progress {
    /// As the store has it.
    pub fn new(detail: TrialDetail) -> Self {
        let patches: Vec<Patch> = detail.patches.into_iter().map(|record| record.patch).collect();
        let mut config = detail.config;
        patches.iter().for_each(|patch| patch.apply_to(&mut config));
        Self {
            unit_reported: detail.summary.verdict.is_some(),
            answers: Answers::default(),
            summary: detail.summary,
            config,
            patches,
            units: detail.units,
            phases: detail.phases,
            failure: None,
            ended_in_order: false,
        }
    }

    /// The trial's line.
    pub fn summary(&self) -> &TrialSummary {
        &self.summary
    }

    /// The newest version of the configuration.
    pub fn version(&self) -> u64 {
        self.patches.last().map_or(0, |patch| patch.version)
    }

    /// The patches after a version, oldest first.
    pub fn patches_after(&self, version: u64) -> Vec<Patch> {
        self.patches.iter().filter(|patch| patch.version > version).cloned().collect()
    }

    /// Whether a sign of life of a unit that has this version in force tells anything new.
    pub fn is_news(&self, unit: UnitId, version: u64) -> bool {
        self.summary.state.is_active()
            && self.units.iter().any(|status| {
                status.unit == unit && (status.health == UnitHealth::Waiting || status.applied_version < version)
            })
    }

    /// Whether a unit's report may change the verdict, now or by its absence later.
    pub fn awaits_verdict(&self, answered: bool, at_ms: i64) -> bool {
        self.summary.state.is_active()
            && match self.summary.verdict {
                None | Some(Verdict::NoProgress) => true,
                Some(Verdict::Pass) => self.answers.is_news(answered, at_ms),
                Some(Verdict::Diverged(_)) => false,
            }
    }

    /// A launch phase began. With the last one, the trial runs.
    pub fn phase_started(&mut self, name: PhaseName, at_ms: i64) -> Changes {
        let mut changes = Changes::default();
        if self.phases.iter().any(|phase| phase.name == name) {
            return changes;
        }
        let phase = Phase { name, started_ms: at_ms, ended_ms: None };
        changes.phase(self.id(), &phase);
        self.phases.push(phase);
        if name == PhaseName::Run && self.summary.state == TrialState::Launching {
            self.summary.state = TrialState::Running;
            self.summary.started_ms = Some(at_ms);
            changes.summary(&self.summary);
        }
        changes
    }

    /// A launch phase ended.
    pub fn phase_ended(&mut self, name: PhaseName, at_ms: i64) -> Changes {
        let mut changes = Changes::default();
        let id = self.id();
        if let Some(phase) = self.phases.iter_mut().find(|phase| phase.name == name && phase.ended_ms.is_none()) {
            phase.ended_ms = Some(at_ms);
            changes.phase(id, phase);
        }
        changes
    }

    /// A host of the testbed is further.
    pub fn host(&mut self, status: HostStatus) -> Changes {
        let mut changes = Changes::default();
        changes.host(self.id(), status);
        changes
    }

    /// A unit shows that it is there, with this version in force.
    pub fn heard(&mut self, unit: UnitId, version: u64, at_ms: i64) -> Changes {
        let mut changes = Changes::default();
        if !self.is_news(unit, version) {
            return changes;
        }
        let (id, version) = (self.id(), version.min(self.version()));
        let Some(status) = self.units.iter_mut().find(|status| status.unit == unit) else { return changes };
        if status.health == UnitHealth::Waiting {
            status.health = UnitHealth::Up;
        }
        for version in status.applied_version + 1..=version {
            changes.applied(id, unit, version, at_ms);
        }
        status.applied_version = status.applied_version.max(version);
        changes.unit(id, status);
        changes
    }

    /// The controller says that a unit is there: for the first time, or again after it died.
    pub fn unit_up(&mut self, unit: UnitId, at_ms: i64) -> Changes {
        let id = self.id();
        let dead = |status: &&mut UnitStatus| status.unit == unit && matches!(status.health, UnitHealth::Died { .. });
        let Some(status) = self.units.iter_mut().find(dead).filter(|_| self.summary.state.is_active()) else {
            return self.heard(unit, 0, at_ms);
        };
        status.health = UnitHealth::Up;
        let mut changes = Changes::default();
        changes.unit(id, status);
        let text = format!("{} is there again", status.role.label());
        changes.log(id, vec![LogLine { at_ms, unit, text }]);
        changes
    }

    /// A unit ended by itself or by somebody else.
    pub fn unit_died(&mut self, unit: UnitId, reason: String, at_ms: i64) -> Changes {
        let mut changes = Changes::default();
        let id = self.id();
        if let Some(status) = self.units.iter_mut().find(|status| status.unit == unit) {
            status.health = UnitHealth::Died { reason: reason.clone(), at_ms: Some(at_ms) };
            changes.unit(id, status);
        }
        changes.log(id, vec![LogLine { at_ms, unit, text: reason }]);
        changes
    }

    /// The controller gives up; the first reason counts.
    pub fn failed(&mut self, reason: String, at_ms: i64) -> Changes {
        let mut changes = Changes::default();
        changes.log(self.id(), vec![LogLine { at_ms, unit: UnitId(0), text: reason.clone() }]);
        self.failure.get_or_insert(reason);
        changes
    }

    /// A line for the log.
    pub fn logged(&mut self, line: LogLine) -> Changes {
        let mut changes = Changes::default();
        changes.log(self.id(), vec![line]);
        changes
    }

    /// The controller says that all units ended in order.
    pub fn ended_in_order(&mut self) -> Changes {
        self.ended_in_order = true;
        Changes::default()
    }

    /// A person changed its line.
    pub fn edited(&mut self, edit: TrialEdit) -> Changes {
        edit.apply_to(&mut self.summary);
        let mut changes = Changes::default();
        changes.edit(&self.summary, edit);
        changes
    }

    /// It has ended, and this is what it came to.
    pub fn measured(&mut self, figures: TrialFigures) -> Changes {
        self.summary.figures = Some(figures);
        let mut changes = Changes::default();
        changes.figures(&self.summary, figures);
        changes
    }

    /// An Update was accepted.
    pub fn patched(&mut self, items: Vec<PatchItem>, at_ms: i64) -> (u64, Changes) {
        let patch = Patch { version: self.version() + 1, at_ms, items };
        patch.apply_to(&mut self.config);
        let mut changes = Changes::default();
        changes.patch(self.id(), &patch);
        self.patches.push(patch);
        (self.version(), changes)
    }

    /// A unit reported; `answered` says whether it is a client that accepted an answer: that is progress, also where
    /// requests only read, outside of the order, and no block is executed. Where answers stay away, it is none any more.
    pub fn reported(&mut self, answered: bool, at_ms: i64) -> Changes {
        self.unit_reported = true;
        self.answers.reported(answered, at_ms);
        let waited = self.summary.started_ms.is_some_and(|started| at_ms.saturating_sub(started) >= PATIENCE_MS);
        let verdict = match (&self.summary.verdict, answered) {
            (None | Some(Verdict::NoProgress), true) => Verdict::Pass,
            (None, false) if waited => Verdict::NoProgress,
            (Some(Verdict::Pass), false) if !self.answers.come() => Verdict::NoProgress,
            _ => return Changes::default(),
        };
        self.judged(verdict)
    }

    /// Replicas executed different histories; of several such findings the first sequence number counts.
    pub fn diverged(&mut self, divergence: Divergence) -> Changes {
        match &self.summary.verdict {
            Some(Verdict::Diverged(known)) if known.sequence < divergence.sequence => Changes::default(),
            _ => self.judged(Verdict::Diverged(divergence)),
        }
    }

    pub(super) fn id(&self) -> TrialId {
        self.summary.id
    }

    /// The histories say this now.
    pub fn judged(&mut self, verdict: Verdict) -> Changes {
        let mut changes = Changes::default();
        if self.summary.verdict.as_ref() != Some(&verdict) {
            self.summary.verdict = Some(verdict);
            changes.summary(&self.summary);
        }
        changes
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use model::config::ConfigValue;
    use model::testbed::{Engine, TestbedName};
    use model::unit::UnitRole;
    use model::verdict::Compared;

    pub(in crate::trials) fn running() -> Progress {
        let unit = |unit| UnitStatus {
            unit: UnitId(unit),
            role: UnitRole::of(UnitId(unit), 4),
            health: UnitHealth::Up,
            applied_version: 0,
        };
        let summary = TrialSummary {
            id: TrialId(1),
            name: "t".into(),
            protocol: "pbft".into(),
            replicas: 4,
            testbed: TestbedName::default(),
            engine: Engine::Native,
            created_ms: 0,
            started_ms: Some(1_000),
            ended_ms: None,
            state: TrialState::Running,
            verdict: None,
            note: String::new(),
            pinned: false,
            figures: None,
        };
        Progress {
            summary,
            config: ConfigTree::new(),
            patches: vec![],
            units: (0..=5).map(unit).collect(),
            phases: vec![],
            failure: None,
            ended_in_order: false,
            unit_reported: false,
            answers: Answers::default(),
        }
    }

    #[test]
    fn the_trial_runs_from_its_last_phase_on() {
        let mut progress = running();
        progress.summary.state = TrialState::Launching;
        progress.phase_started(PhaseName::Spawn, 5);
        assert_eq!(progress.phase_ended(PhaseName::Spawn, 6).records.len(), 1);
        assert_eq!(progress.phase_started(PhaseName::Run, 7).records.len(), 2);
        assert_eq!((&progress.summary.state, progress.summary.started_ms), (&TrialState::Running, Some(7)));
        assert!(progress.phase_started(PhaseName::Run, 8).records.is_empty(), "a repeated phase changes nothing");
    }

    #[test]
    fn a_unit_that_skips_a_version_has_applied_both_and_never_more_than_there_are() {
        let mut progress = running();
        for value in [1, 2] {
            let item = PatchItem { kind: "int".into(), key: "a.b".into(), value: ConfigValue::Integer(value) };
            progress.patched(vec![item], 10);
        }
        assert_eq!(progress.config.integer("a.b", 0), 2);
        let changes = progress.heard(UnitId(1), 99, 20);
        let applied: Vec<_> =
            changes.events.iter().filter(|event| matches!(event, model::LiveEvent::Applied { .. })).collect();
        assert_eq!((applied.len(), progress.units[1].applied_version), (2, 2));
        assert!(progress.heard(UnitId(1), 2, 30).records.is_empty());
        assert!(progress.heard(UnitId(77), 2, 30).records.is_empty());
    }

    #[test]
    fn a_unit_that_died_is_up_again_when_the_controller_says_so_and_not_by_an_old_sign_of_life() {
        let mut progress = running();
        progress.unit_died(UnitId(2), "Replica 1 was crashed by fault.crash".into(), 20);
        progress.heard(UnitId(2), 0, 30);
        assert!(matches!(progress.units[2].health, UnitHealth::Died { .. }));
        assert!(!progress.unit_up(UnitId(2), 40).records.is_empty());
        assert_eq!(progress.units[2].health, UnitHealth::Up);
        assert!(progress.unit_up(UnitId(2), 50).records.is_empty(), "nothing new");
    }

    #[test]
    fn no_progress_needs_patience_and_ends_with_the_first_answer() {
        let mut progress = running();
        progress.reported(false, 2_000);
        assert_eq!(progress.summary.verdict, None);
        progress.reported(false, 4_000);
        assert_eq!(progress.summary.verdict, Some(Verdict::NoProgress));
        progress.reported(true, 5_000);
        assert_eq!(progress.summary.verdict, Some(Verdict::Pass));
    }

    #[test]
    fn a_trial_that_stands_still_makes_no_progress_until_it_goes_on() {
        let mut progress = running();
        progress.reported(true, 2_000);
        progress.reported(false, 6_000);
        assert_eq!(progress.summary.verdict, Some(Verdict::Pass));
        progress.reported(false, 7_000);
        assert_eq!(progress.summary.verdict, Some(Verdict::NoProgress));
        progress.reported(true, 9_000);
        assert_eq!(progress.summary.verdict, Some(Verdict::Pass));
    }

    #[test]
    fn the_first_difference_of_histories_is_kept_whatever_comes_after() {
        let mut progress = running();
        let at = |sequence| Divergence {
            sequence,
            what: Compared::History,
            replicas: vec![(0, "a".into()), (1, "b".into())],
            clients: vec![],
        };
        progress.diverged(at(200));
        progress.diverged(at(300));
        progress.reported(true, 9_000);
        assert!(matches!(progress.summary.verdict, Some(Verdict::Diverged(Divergence { sequence: 200, .. }))));
        progress.diverged(at(100));
        assert!(matches!(progress.summary.verdict, Some(Verdict::Diverged(Divergence { sequence: 100, .. }))));
    }
}
