//! Trials on hosts.

use crate::protocols::{ChosenProtocol, TrialSize};
use crate::trials::launcher::{EventQueue, Launcher, Running};
use crate::trials::registry::Trials;
use async_trait::async_trait;
use lab::LabError;
use lab::testbed::ControllerExit;
use lab::testbed::ssh::{KnownHosts, SshRunning, launch, launch_framework};
use model::hosts::{Placement, SshTestbed};
use model::launch::LaunchSpec;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Brings trials up on the hosts of one testbed.
pub(super) struct SshLauncher {
    pub(super) trials: Weak<Trials>,
    pub(super) testbed: SshTestbed,
    pub(super) known_hosts: Option<Arc<KnownHosts>>,
}

#[async_trait]
impl Launcher for SshLauncher {
    async fn launch(&self, spec: LaunchSpec, events: EventQueue) -> Result<Box<dyn Running>, LabError> {
        let access = |trials: &Trials| trials.access(self.known_hosts.clone());
        let refused = |reason: String| LabError::Specification { reason };
        let trials = self.trials.upgrade().ok_or_else(|| refused("the server is ending".to_owned()))?;
        if let Some(framework) = spec.bftbrain.clone() {
            let access = access(&trials).map_err(|error| refused(error.to_string()))?;
            return Ok(Box::new(launch_framework(access, self.testbed.clone(), framework, spec, events)));
        }
        let protocol = ChosenProtocol::own(&spec.protocol_name, spec.protocol_text.clone());
        let TrialSize { replicas, clients } = protocol.size(&spec.config).map_err(refused)?;
        let placement = Placement::of(&self.testbed, replicas, clients);
        let access = access(&trials).map_err(|error| refused(error.to_string()))?;
        Ok(Box::new(launch(access, self.testbed.clone(), placement, spec, events)))
    }
}

#[async_trait]
impl Running for SshRunning {
    async fn stop(&mut self) {
        Self::stop(self);
    }

    async fn wait(&mut self) -> ControllerExit {
        Self::wait(self).await
    }

    async fn kill(&mut self) {
        Self::kill(self);
    }

    fn patience(&self) -> Duration {
        Self::patience(self)
    }
}
