//! Trials of the public framework BFTBrain: whether one can be started, and what its launcher is told.

use super::registry::Trials;
use crate::protocols::{ChosenProtocol, TrialSize};
use model::bftbrain::{
    BftbrainLaunch, FrameworkProtocol, check_live, check_start, ignored_changes, is_frameworks_own, replicas,
};
use model::config::ConfigTree;
use model::ids::TrialId;
use model::schedule::ScheduledChange;
use model::testbed::TestbedName;
use model::validate::{Problem, check_changes};

/// A protocol as the framework runs it.
struct Written {
    name: FrameworkProtocol,
    file: Option<String>,
    replicas: u32,
    notes: Vec<String>,
}

impl Trials {
    /// What is in the way of a trial, each at its key: of the server, the protocol, the configuration and the timeline.
    pub(super) fn check_framework(
        &self,
        testbed: &TestbedName,
        protocol: &ChosenProtocol,
        config: &ConfigTree,
        schedule: &[ScheduledChange],
    ) -> Result<TrialSize, Vec<Problem>> {
        let mut problems = check_start(config);
        let mut problem = |key: &str, message: String| problems.push(Problem { key: key.to_owned(), message });
        if testbed.is_local() && self.settings.bftbrain.checkout.is_none() {
            problem("engine", self.settings.bftbrain.missing_here().unwrap_or_default());
        }
        // What cannot be read at all is a problem of the timeline itself, and told there.
        let items = schedule.iter().filter_map(|entry| check_changes(config, &entry.changes).ok()).flatten();
        for wrong in check_live(config, &items.collect::<Vec<_>>()) {
            problem(&wrong.key, format!("in the timeline: {}", wrong.message));
        }
        let written = write(protocol, config);
        match &written {
            Ok(written) if written.file.is_some() && !testbed.is_local() => {
                problem("protocol", elsewhere(protocol));
            }
            Ok(_) => {}
            Err(reason) => problem("protocol", reason.clone()),
        }
        match written {
            Ok(written) if problems.is_empty() => Ok(TrialSize { replicas: written.replicas, clients: 1 }),
            _ => Err(problems),
        }
    }

    /// What the launcher is told of a trial.
    pub(super) fn framework_launch(
        &self,
        trial: TrialId,
        testbed: &TestbedName,
        protocol: &ChosenProtocol,
        config: &ConfigTree,
    ) -> Result<BftbrainLaunch, String> {
        let Written { name, file, replicas, mut notes } = write(protocol, config)?;
        let here = testbed.is_local().then(|| self.settings.bftbrain.here(trial)).flatten();
        if testbed.is_local() && here.is_none() {
            return Err(self.settings.bftbrain.missing_here().unwrap_or_default());
        }
        if file.is_some() && here.is_none() {
            return Err(elsewhere(protocol));
        }
        let ignored = ignored_changes(config);
        if !ignored.is_empty() {
            notes.push(format!("BFTBrain does nothing with {}", ignored.join(", ")));
        }
        Ok(BftbrainLaunch {
            protocol: name,
            file,
            notes,
            replicas,
            patience_ms: self.settings.bftbrain.patience_ms(),
            here,
            backend: self.settings.bftbrain.backend.clone(),
        })
    }
}

fn elsewhere(protocol: &ChosenProtocol) -> String {
    format!(
        "on other hosts BFTBrain runs its own protocols only, and {:?} is none of them: choose another one, or this machine",
        protocol.name
    )
}

/// The framework's own file where it has one; else the protocol is written out.
fn write(protocol: &ChosenProtocol, config: &ConfigTree) -> Result<Written, String> {
    let f = config.tolerated_faults();
    if protocol.is_shipped
        && is_frameworks_own(&protocol.name)
        && let Some(name) = FrameworkProtocol::own(&protocol.name)
    {
        let notes = vec![format!("BFTBrain runs its own file of {name}")];
        return Ok(Written { name, file: None, replicas: replicas(f), notes });
    }
    let export = protocol::export::export(&protocol.text, f).map_err(|reasons| {
        format!("the protocol {:?} cannot be written out for BFTBrain: {}", protocol.name, reasons.join("; "))
    })?;
    let name = FrameworkProtocol::written_out(&protocol.name);
    let mut notes = vec![format!("the protocol was written out for BFTBrain as {name}")];
    notes.extend(export.notes);
    Ok(Written { name, file: Some(export.text), replicas: export.replicas, notes })
}
