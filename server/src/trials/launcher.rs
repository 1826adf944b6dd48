//! Where experiments are brought up. The trait is what a trial needs of it, so that tests need no processes.

use async_trait::async_trait;
use lab::LabError;
use lab::testbed::{ControllerExit, Launched, launch_local};
use model::launch::LaunchSpec;
use std::path::PathBuf;

/// Brings experiments up.
#[async_trait]
pub trait Launcher: Send + Sync + 'static {
    /// Starts the controller of an experiment.
    ///
    /// # Errors
    /// When it cannot be started.
    async fn launch(&self, spec: LaunchSpec) -> Result<Box<dyn Running>, LabError>;
}

/// A controller that runs.
#[async_trait]
pub trait Running: Send {
    /// Asks the experiment to end.
    async fn stop(&mut self);

    /// Waits for the end. May be cancelled and called again.
    async fn wait(&mut self) -> ControllerExit;

    /// Ends it by force.
    async fn kill(&mut self);
}

/// Experiments on this machine, as child processes of this one.
#[derive(Clone, Debug)]
pub struct LocalLauncher {
    binary: PathBuf,
}

impl LocalLauncher {
    /// Starts controllers from this executable.
    pub fn new(binary: PathBuf) -> Self {
        Self { binary }
    }
}

#[async_trait]
impl Launcher for LocalLauncher {
    async fn launch(&self, spec: LaunchSpec) -> Result<Box<dyn Running>, LabError> {
        Ok(Box::new(launch_local(self.binary.clone(), &spec).await?))
    }
}

#[async_trait]
impl Running for Launched {
    async fn stop(&mut self) {
        Launched::stop(self).await;
    }

    async fn wait(&mut self) -> ControllerExit {
        Launched::wait(self).await
    }

    async fn kill(&mut self) {
        Launched::kill(self).await;
    }
}
