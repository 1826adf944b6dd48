//! A change to a trial: what the store has to keep and, once it has, what the pages are told.

use model::event::LiveEvent;
use model::figures::TrialFigures;
use model::hosts::HostStatus;
use model::ids::{TrialId, UnitId};
use model::patch::Patch;
use model::trial::{LogLine, Phase, TrialEdit, TrialSummary};
use model::unit::UnitStatus;
use store::Record;

/// Records and the events that tell of them.
#[derive(Debug, Default)]
pub struct Changes {
    pub(super) records: Vec<Record>,
    pub(super) events: Vec<LiveEvent>,
}

impl Changes {
    /// What the store has to keep.
    pub fn into_records(self) -> Vec<Record> {
        self.records
    }

    /// Adds what comes after.
    pub fn append(&mut self, mut later: Self) {
        self.records.append(&mut later.records);
        self.events.append(&mut later.events);
    }

    pub(super) fn summary(&mut self, summary: &TrialSummary) {
        self.records.push(Record::Summary(summary.clone()));
        self.events.push(LiveEvent::Trial { summary: summary.clone() });
    }

    pub(super) fn edit(&mut self, summary: &TrialSummary, edit: TrialEdit) {
        self.records.push(Record::Edit(summary.id, edit));
        self.events.push(LiveEvent::Trial { summary: summary.clone() });
    }

    pub(super) fn figures(&mut self, summary: &TrialSummary, figures: TrialFigures) {
        self.records.push(Record::Figures(summary.id, figures));
        self.events.push(LiveEvent::Trial { summary: summary.clone() });
    }

    pub(super) fn phase(&mut self, trial: TrialId, phase: &Phase) {
        self.records.push(Record::Phase(trial, phase.clone()));
        self.events.push(LiveEvent::Phase { trial, phase: phase.clone() });
    }

    pub(super) fn unit(&mut self, trial: TrialId, status: &UnitStatus) {
        self.records.push(Record::Unit(trial, status.clone()));
        self.events.push(LiveEvent::Unit { trial, status: status.clone() });
    }

    pub(super) fn host(&mut self, trial: TrialId, status: HostStatus) {
        self.records.push(Record::Host(trial, status.clone()));
        self.events.push(LiveEvent::Host { trial, status });
    }

    pub(super) fn patch(&mut self, trial: TrialId, patch: &Patch) {
        self.records.push(Record::Patch(trial, patch.clone()));
        self.events.push(LiveEvent::Patched { trial, patch: patch.clone() });
    }

    pub(super) fn applied(&mut self, trial: TrialId, unit: UnitId, version: u64, at_ms: i64) {
        self.records.push(Record::Applied { trial, unit, version, at_ms });
        self.events.push(LiveEvent::Applied { trial, unit, version, at_ms });
    }

    pub(super) fn log(&mut self, trial: TrialId, lines: Vec<LogLine>) {
        if !lines.is_empty() {
            self.records.push(Record::Log(trial, lines.clone()));
            self.events.push(LiveEvent::Log { trial, lines });
        }
    }
}
