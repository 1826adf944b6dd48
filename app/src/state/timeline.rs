//! The timeline: what is to happen by itself at which second of the next trial. It is kept as what a person wants done,
//! and becomes changes of keys when a trial starts: "replica 1 crashes" then means the list with replica 1 added.

pub mod form;
pub mod tell;

use crate::state::faults::action::{Action, changes, put};
use model::config::ConfigTree;
use model::schedule::{MAX_ENTRIES, ScheduledChange, check_schedule};
use model::trial::TrialDetail;
use model::validate::{Change, Problem};

/// Something to be done at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Milliseconds after the clients began to send.
    pub at_ms: u64,
    /// What is done.
    pub action: Action,
}

/// What is to happen, in the order of its times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    entries: Vec<Entry>,
}

impl Timeline {
    /// All entries, in the order of their times; those of one time in the order in which they were added.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether another entry fits.
    pub fn has_room(&self) -> bool {
        self.entries.len() < MAX_ENTRIES
    }

    /// Adds an entry, where there is room.
    pub fn add(&mut self, entry: Entry) {
        if self.has_room() {
            let place = self.entries.partition_point(|other| other.at_ms <= entry.at_ms);
            self.entries.insert(place, entry);
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, index: usize) {
        if index < self.entries.len() {
            self.entries.remove(index);
        }
    }

    /// Puts another entry in the place of one.
    pub fn replace(&mut self, index: usize, entry: Entry) {
        self.remove(index);
        self.add(entry);
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// What changed while a trial ran, at the same times: Updates and what its own schedule did.
    pub fn of_trial(detail: &TrialDetail) -> Self {
        let mut timeline = Self::default();
        let start = detail.summary.started_ms.unwrap_or(detail.summary.created_ms);
        for record in &detail.patches {
            let items = record.patch.items.iter();
            let changes = items.map(|item| Change::to(item.key.clone(), &item.tree_value())).collect();
            let at_ms = (record.patch.at_ms - start).max(0).unsigned_abs();
            timeline.add(Entry { at_ms, action: Action::Set { changes } });
        }
        timeline
    }

    /// The changes of keys that the entries mean for a trial that starts with `config`. An entry that would change
    /// nothing is left out.
    pub fn schedule(&self, config: &ConfigTree) -> Vec<ScheduledChange> {
        self.schedule_by_entry(config).into_iter().flatten().collect()
    }

    /// The same for each entry; none where it would change nothing.
    pub fn schedule_by_entry(&self, config: &ConfigTree) -> Vec<Option<ScheduledChange>> {
        let mut config = config.clone();
        let of = |entry: &Entry| {
            let changes = changes(&config, &entry.action, entry.at_ms);
            put(&mut config, &changes);
            (!changes.is_empty()).then_some(ScheduledChange { at_ms: entry.at_ms, changes })
        };
        self.entries.iter().map(of).collect()
    }

    /// What is wrong with the entries for a trial that starts with `config`.
    pub fn problems(&self, config: &ConfigTree) -> Vec<Problem> {
        check_schedule(config, &self.schedule(config)).err().unwrap_or_default()
    }
}

/// Where an entry of a running trial is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It has been done.
    Done,
    /// It comes next.
    Next,
    /// It comes later.
    Ahead,
    /// The trial ended before its time.
    Missed,
}

impl Progress {
    /// The word for it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Next => "next",
            Self::Ahead => "ahead",
            Self::Missed => "not reached",
        }
    }
}

/// Where each entry of a trial's schedule is, `elapsed_ms` after the clients began; none before that.
pub fn progress(schedule: &[ScheduledChange], elapsed_ms: Option<u64>, active: bool) -> Vec<Progress> {
    let done = |entry: &ScheduledChange| elapsed_ms.is_some_and(|elapsed| entry.at_ms <= elapsed);
    let next = schedule.iter().filter(|entry| !done(entry)).map(|entry| entry.at_ms).min();
    let of = |entry: &ScheduledChange| match (done(entry), active) {
        (true, _) => Progress::Done,
        (false, false) => Progress::Missed,
        (false, true) if Some(entry.at_ms) == next => Progress::Next,
        (false, true) => Progress::Ahead,
    };
    schedule.iter().map(of).collect()
}

/// The end of the strip, ms: somewhat beyond the last entry and the elapsed time, at least half a minute, in steps that
/// keep it from creeping.
pub fn strip_end_ms(times: impl Iterator<Item = u64>, elapsed_ms: u64) -> u64 {
    let last = times.max().unwrap_or(0);
    let needed = (last + last / 8).max(elapsed_ms).max(30_000);
    const STEPS: [u64; 6] = [30, 60, 120, 300, 600, 1_800];
    let seconds = needed.div_ceil(1_000);
    let step = STEPS.into_iter().find(|step| *step >= seconds).unwrap_or_else(|| seconds.div_ceil(1_800) * 1_800);
    step * 1_000
}

#[cfg(test)]
mod tests;
