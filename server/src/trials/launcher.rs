//! Where experiments are brought up. The trait is what a trial needs of it, so that tests need no processes.

use async_trait::async_trait;
use lab::LabError;
use lab::testbed::{ControllerExit, Launched, launch_local};
use model::launch::LaunchSpec;
use model::report::ControllerEvent;
use std::path::PathBuf;
use tokio::sync::mpsc;

/// Where a launcher tells of what happens before there is a controller that could: phases, log lines, a failure.
pub type EventQueue = mpsc::Sender<ControllerEvent>;

/// Brings experiments up.
#[async_trait]
pub trait Launcher: Send + Sync + 'static {
    /// Starts the controller of an experiment, or begins to: what takes long is done by what it answers with, which ends
    /// with a `Failed` event when that does not succeed.
    ///
    /// # Errors
    /// When it cannot be started.
    async fn launch(&self, spec: LaunchSpec, events: EventQueue) -> Result<Box<dyn Running>, LabError>;
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
    async fn launch(&self, spec: LaunchSpec, _: EventQueue) -> Result<Box<dyn Running>, LabError> {
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
