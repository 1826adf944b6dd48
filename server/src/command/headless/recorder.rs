//! Keeps what happens in an experiment, so that it can be stored whole as a trial that the page opens like any other.

use super::Planned;
use crate::error::ServerError;
use crate::trials::{Changes, Progress, environment_facts, random_hex};
use crate::unit_api::{apply_event, report_record};
use lab::LabError;
use lab::experiment::{Outcome, Step};
use lab::testbed::ControllerExit;
use model::ids::{TrialId, UnitId};
use model::patch::Patch;
use model::report::{ControllerEvent, Report};
use model::schedule::ScheduledChange;
use model::testbed::{Engine, TestbedName};
use model::trial::{TrialDetail, TrialState, TrialSummary};
use model::validate::Change;
use std::time::Duration;
use store::{NewTrial, Record, UnitReport, WholeTrial};

/// The trial's number until the store gives it one.
const UNNUMBERED: TrialId = TrialId(0);

/// A trial in the making.
pub(super) struct Recorder {
    new: NewTrial,
    progress: Progress,
    records: Vec<Record>,
    reports: Vec<UnitReport>,
}

/// A step as the trial keeps it: steps count from the end of the warm-up, a trial's times from where clients began.
fn scheduled(step: &Step, warmup: Duration) -> ScheduledChange {
    ScheduledChange {
        at_ms: u64::try_from((warmup + step.at).as_millis()).unwrap_or(u64::MAX),
        changes: step.items.iter().map(|item| Change::to(&item.key, &item.tree_value())).collect(),
    }
}

impl Recorder {
    pub(super) fn begin(plan: &Planned, at_ms: i64) -> Result<Self, ServerError> {
        let summary = TrialSummary {
            id: UNNUMBERED,
            name: plan.name.clone(),
            protocol: plan.protocol.name.clone(),
            replicas: plan.size.replicas,
            testbed: TestbedName::default(),
            engine: Engine::Native,
            created_ms: at_ms,
            started_ms: None,
            ended_ms: None,
            state: TrialState::Launching,
            verdict: None,
            note: String::new(),
            pinned: false,
            figures: None,
        };
        let detail = TrialDetail {
            summary,
            config: plan.config.clone(),
            phases: vec![],
            patches: vec![],
            units: plan.size.units(),
            hosts: vec![],
            log: vec![],
            environment: environment_facts(),
            protocol_text: plan.protocol.kept_text(),
            schedule: plan.schedule.iter().map(|step| scheduled(step, plan.warmup)).collect(),
        };
        let new = NewTrial {
            summary: detail.summary.clone(),
            // Nobody has the token of this hash: no unit ever calls.
            token_hash: *blake3::hash(random_hex::<32>()?.as_bytes()).as_bytes(),
            config: detail.config.clone(),
            environment: detail.environment.clone(),
            units: detail.units.clone(),
            protocol_text: detail.protocol_text.clone(),
            schedule: detail.schedule.clone(),
            sweep: None,
        };
        Ok(Self { new, progress: Progress::new(detail), records: vec![], reports: vec![] })
    }

    pub(super) fn event(&mut self, event: ControllerEvent, now_ms: i64) {
        let changes = apply_event(&mut self.progress, event, now_ms);
        self.keep(changes);
    }

    pub(super) fn report(&mut self, report: Report, now_ms: i64) {
        if report.unit == UnitId(0) {
            return;
        }
        let changes = self.progress.heard(report.unit, report.applied_version, now_ms);
        self.keep(changes);
        self.reports.push(report_record(UNNUMBERED, self.progress.summary().replicas, report, now_ms));
    }

    pub(super) fn patched(&mut self, patch: &Patch) {
        let (version, changes) = self.progress.patched(patch.items.clone(), patch.at_ms);
        self.keep(changes);
        // The controller has no keys of its own: it has applied what it was told to hand on.
        let changes = self.progress.heard(UnitId(0), version, patch.at_ms);
        self.keep(changes);
    }

    pub(super) fn finish(mut self, result: Result<&Outcome, &LabError>, at_ms: i64) -> WholeTrial {
        let success = match result {
            Ok(outcome) => {
                let changes = self.progress.judged(outcome.figures.verdict.clone());
                self.keep(changes);
                let changes = self.progress.stopping();
                self.keep(changes);
                true
            }
            Err(error) => {
                let changes = self.progress.failed(error.to_string(), at_ms);
                self.keep(changes);
                false
            }
        };
        let exit = ControllerExit { success, reason: "the controller ended".to_owned() };
        let changes = self.progress.exited(&exit, at_ms);
        self.keep(changes);
        WholeTrial { new: self.new, records: self.records, reports: self.reports }
    }

    fn keep(&mut self, changes: Changes) {
        self.records.extend(changes.into_records());
    }
}
