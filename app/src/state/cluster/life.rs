//! How a replica's process is: what the host says of its unit, and whether somebody wants it dead.

use crate::state::faults;
use model::config::ConfigTree;
use model::trial::{TrialDetail, TrialState};
use model::unit::{UnitHealth, UnitRole};
use std::collections::{BTreeMap, BTreeSet};

/// How a replica's process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Not there yet.
    Waiting,
    /// Running.
    Up,
    /// Running, and about to be killed by the crash fault.
    Crashing,
    /// Killed by the crash fault.
    Crashed,
    /// Taken off the list of the crash fault, and not there yet.
    Restarting,
    /// It died, and no fault asked for it.
    Killed,
    /// Ended with the trial.
    Stopped,
}

impl Life {
    /// The word for it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Up => "Up",
            Self::Crashing => "Crashing",
            Self::Crashed => "Crashed",
            Self::Restarting => "Restarting",
            Self::Killed => "Killed",
            Self::Stopped => "Stopped",
        }
    }

    /// The word for it where it is a trouble.
    pub fn trouble(self) -> Option<&'static str> {
        match self {
            Self::Crashing => Some("crashing"),
            Self::Crashed => Some("crashed"),
            Self::Restarting => Some("restarting"),
            Self::Killed => Some("killed"),
            Self::Waiting | Self::Up | Self::Stopped => None,
        }
    }

    /// Whether there is no process that answers, although there should be one.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Crashed | Self::Restarting | Self::Killed)
    }

    /// The value of the `data-life` attribute.
    pub fn name(self) -> String {
        self.label().to_lowercase()
    }

    /// The value of the `data-health` attribute, as the host has it.
    pub fn health(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Up | Self::Crashing => "up",
            Self::Crashed | Self::Restarting | Self::Killed => "died",
            Self::Stopped => "stopped",
        }
    }
}

/// The life of each replica of a trial.
pub(super) fn lives(detail: &TrialDetail) -> BTreeMap<u32, Life> {
    let crash = faults::fault(faults::CRASH);
    let listed = |config: &ConfigTree| crash.map(|crash| crash.listed(config)).unwrap_or_default();
    let mut config = detail.config.clone();
    let mut wanted_dead: BTreeSet<u32> = listed(&config);
    // When each replica was last taken off the list.
    let mut released = BTreeMap::<u32, i64>::new();
    for record in &detail.patches {
        record.patch.apply_to(&mut config);
        let now = listed(&config);
        released.extend(wanted_dead.difference(&now).map(|replica| (*replica, record.patch.at_ms)));
        wanted_dead = now;
    }
    let running = detail.summary.state == TrialState::Running;
    let replicas = detail.units.iter().filter_map(|status| match status.role {
        UnitRole::Replica(number) => Some((number, &status.health)),
        _ => None,
    });
    replicas
        .map(|(number, health)| {
            let dead = wanted_dead.contains(&number);
            let life = match health {
                UnitHealth::Waiting => Life::Waiting,
                UnitHealth::Up if dead && running => Life::Crashing,
                UnitHealth::Up => Life::Up,
                UnitHealth::Stopped => Life::Stopped,
                UnitHealth::Died { .. } if dead => Life::Crashed,
                UnitHealth::Died { at_ms, .. } => {
                    // The process of one that is taken off while it dies ends a little later.
                    let returns = released.get(&number).is_some_and(|at| at_ms.is_none_or(|died| died <= at + 1_000));
                    if returns && running { Life::Restarting } else { Life::Killed }
                }
            };
            (number, life)
        })
        .collect()
}
