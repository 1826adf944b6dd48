//! What the backend tells an open page, in order. Each event has an id; after a cut the page asks for what came after
//! the last id it saw.

use crate::cloudlab::{Experiment, ExperimentKey};
use crate::configuration::ConfigurationLine;
use crate::hosts::HostStatus;
use crate::ids::{SweepId, TrialId, UnitId};
use crate::latency::LatencyReport;
use crate::patch::Patch;
use crate::series::LivePoint;
use crate::sweep::{SweepRun, SweepSummary};
use crate::testbed::TestbedSummary;
use crate::trial::{LogLine, Phase, TrialSummary};
use crate::unit::UnitStatus;
use serde::{Deserialize, Serialize};

/// One event of the live stream. Its JSON has the kind as its only key: with the kind in a field beside the others, a page
/// would have to hold each event until it knew what it is, and would need a second reader for everything in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveEvent {
    /// A trial was created or changed its state, name or verdict.
    Trial {
        /// Its new line.
        summary: TrialSummary,
    },
    /// A trial is gone.
    TrialDeleted {
        /// Which.
        trial: TrialId,
    },
    /// A launch phase began or ended.
    Phase {
        /// Whose.
        trial: TrialId,
        /// The phase with its times.
        phase: Phase,
    },
    /// A host of the trial's testbed is further.
    Host {
        /// Whose.
        trial: TrialId,
        /// The host's new line.
        status: HostStatus,
    },
    /// A unit's health or applied version changed.
    Unit {
        /// Whose.
        trial: TrialId,
        /// The unit's new line.
        status: UnitStatus,
    },
    /// An Update was accepted.
    Patched {
        /// Whose.
        trial: TrialId,
        /// The changes.
        patch: Patch,
    },
    /// A unit acknowledged a version.
    Applied {
        /// Whose.
        trial: TrialId,
        /// Which unit.
        unit: UnitId,
        /// Which version.
        version: u64,
        /// When, milliseconds since the epoch.
        at_ms: i64,
    },
    /// New points, at most a few hundred in one event.
    Samples {
        /// Whose.
        trial: TrialId,
        /// The points.
        points: Vec<LivePoint>,
        /// What the clients reported of their latencies.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        latencies: Vec<LatencyReport>,
    },
    /// New log lines.
    Log {
        /// Whose.
        trial: TrialId,
        /// The lines.
        lines: Vec<LogLine>,
    },
    /// A configuration was saved, renamed or deleted.
    Configurations {
        /// All that are kept now, by name.
        all: Vec<ConfigurationLine>,
    },
    /// A sweep was created or changed: a run began or ended, or it did.
    Sweep {
        /// Its new line.
        summary: SweepSummary,
        /// The run that has just ended, if one has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<Box<SweepRun>>,
    },
    /// A sweep is gone; its trials stay.
    SweepDeleted {
        /// Which.
        sweep: SweepId,
    },
    /// Which trials wait for their testbeds has changed.
    Queue {
        /// All of them; those of one testbed start in this order.
        trials: Vec<TrialId>,
    },
    /// The testbeds, or their states, have changed.
    Testbeds {
        /// All of them.
        testbeds: Vec<TestbedSummary>,
    },
    /// A CloudLab experiment was asked for or changed.
    Cloudlab {
        /// As it is now.
        experiment: Box<Experiment>,
    },
    /// A CloudLab experiment is forgotten.
    CloudlabForgotten {
        /// Which.
        key: ExperimentKey,
    },
    /// The stream cannot go back to the id that was asked for: load everything again.
    Reset,
}

/// An event of the live stream with its id, as a page gets those that it missed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissedEvent {
    /// Its id.
    pub id: String,
    /// The event.
    pub event: LiveEvent,
}

impl MissedEvent {
    /// The JSON of one, from an id without quotes and an event that is JSON already.
    pub fn json(id: &str, event: &str) -> String {
        format!(r#"{{"id":"{id}","event":{event}}}"#)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_event_is_read_as_it_was_put_together() {
        let event = LiveEvent::TrialDeleted { trial: TrialId(3) };
        let json = MissedEvent::json("ab-7", &serde_json::to_string(&event).unwrap());
        assert_eq!(serde_json::from_str::<MissedEvent>(&json).unwrap(), MissedEvent { id: "ab-7".into(), event });
    }
}
