//! The parts of a running server, put together.

use crate::clock::Clock;
use crate::cloudlab::{Bench, Cloudlab, CloudlabSettings};
use crate::error::ServerError;
use crate::live::Hub;
use crate::sweeps::Sweeps;
use crate::trials::{Launcher, Settings, Trials};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio_util::sync::CancellationToken;

/// How often new samples are told to the pages.
const ROUND: Duration = Duration::from_millis(100);

/// What every route can reach.
#[derive(Clone, Debug)]
pub struct Service {
    /// The trials.
    pub trials: Arc<Trials>,
    /// The sweeps.
    pub sweeps: Arc<Sweeps>,
    /// CloudLab, where this server offers it.
    pub cloudlab: Option<Arc<Cloudlab>>,
    /// The live stream.
    pub hub: Arc<Hub>,
    /// The time.
    pub clock: Clock,
    /// Cancelled when the server ends: streams and long polls then end, too.
    pub shutdown: CancellationToken,
}

impl Service {
    /// Puts the parts together and starts to tell samples to the pages. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn new(
        store: Arc<Store>,
        clock: Clock,
        local: Arc<dyn Launcher>,
        settings: Settings,
    ) -> Result<Self, ServerError> {
        let hub = Arc::new(Hub::new(crate::trials::random_hex::<8>()?));
        let shutdown = CancellationToken::new();
        let trials = Arc::new(Trials::new(Arc::clone(&store), Arc::clone(&hub), clock.clone(), local, settings));
        let sweeps = Arc::new(Sweeps::new(Arc::clone(&trials), store, Arc::clone(&hub), clock.clone()));
        let service = Self { trials, sweeps, cloudlab: None, hub, clock, shutdown };
        tokio::spawn(Arc::clone(&service.trials).measure_missing(service.shutdown.clone()));
        tokio::spawn(tell_samples(Arc::clone(&service.hub), service.clock.clone(), service.shutdown.clone()));
        Ok(service)
    }

    /// Offers CloudLab too, and goes on with the experiments that are kept. `directory` is where host keys are kept.
    ///
    /// # Errors
    /// When TLS to the portal cannot be set up, or the experiments cannot be read.
    pub async fn with_cloudlab(
        mut self,
        store: &Arc<Store>,
        directory: &Path,
        settings: CloudlabSettings,
    ) -> Result<Self, ServerError> {
        let bench = Bench::new(Arc::clone(&self.trials), directory.to_owned(), settings.ssh_key.clone());
        let (hub, clock, shutdown) = (Arc::clone(&self.hub), self.clock.clone(), self.shutdown.clone());
        let cloudlab = Cloudlab::new(Arc::clone(store), hub, clock, shutdown, settings)
            .map_err(|error| ServerError::Cloudlab { option: "--cloudlab-authorities", reason: error.to_string() })?;
        let cloudlab = Arc::new(cloudlab.with_bench(bench));
        cloudlab.resume().await?;
        self.cloudlab = Some(cloudlab);
        Ok(self)
    }

    /// Pauses the sweeps and ends the active trials, the streams and the long polls.
    pub async fn end(&self) {
        self.sweeps.pause_all().await;
        self.trials.end_active().await;
        self.shutdown.cancel();
    }
}

async fn tell_samples(hub: Arc<Hub>, clock: Clock, shutdown: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = rounds.tick() => hub.flush_points(clock.now_ms()),
            () = shutdown.cancelled() => return,
        }
    }
}
