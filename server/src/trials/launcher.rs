//! Where experiments are brought up. The trait is what a trial needs of it, so that tests need no processes.

use async_trait::async_trait;
use lab::LabError;
use lab::testbed::{ControllerExit, Launched, launch_local};
use model::launch::LaunchSpec;
use model::report::ControllerEvent;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long a controller on this machine has to end its units; its units then end by themselves.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// The same for the public framework.
const FRAMEWORK_STOP_LIMIT: Duration = Duration::from_secs(8);

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

    /// How long it may take to end when it is asked to, before it is ended by force.
    fn patience(&self) -> Duration {
        STOP_LIMIT
    }
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
        let launched = launch_local(self.binary.clone(), &spec).await?;
        if spec.bftbrain.is_some() { Ok(Box::new(Framework(launched))) } else { Ok(Box::new(launched)) }
    }
}

/// The public framework on this machine, which stops more slowly.
struct Framework(Launched);

#[async_trait]
impl Running for Framework {
    async fn stop(&mut self) {
        self.0.stop().await;
    }

    async fn wait(&mut self) -> ControllerExit {
        self.0.wait().await
    }

    async fn kill(&mut self) {
        self.0.kill().await;
    }

    fn patience(&self) -> Duration {
        FRAMEWORK_STOP_LIMIT
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
