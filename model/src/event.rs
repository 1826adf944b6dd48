//! What the backend tells an open page, in order. Each event has an id; after a cut the page asks for what came after
//! the last id it saw.

use crate::cloudlab::{Experiment, ExperimentKey};
use crate::ids::{TrialId, UnitId};
use crate::patch::Patch;
use crate::series::LivePoint;
use crate::testbed::TestbedSummary;
use crate::trial::{LogLine, Phase, TrialSummary};
use crate::unit::UnitStatus;
use serde::{Deserialize, Serialize};

/// One event of the live stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
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
    },
    /// New log lines.
    Log {
        /// Whose.
        trial: TrialId,
        /// The lines.
        lines: Vec<LogLine>,
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
