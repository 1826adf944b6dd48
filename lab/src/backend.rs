//! How units talk to the backend: reports go up, changes of the configuration come down.

use model::ids::UnitId;
use model::patch::Patch;
use model::report::{ControllerEvent, Report, WatchAnswer};
use serde::Serialize;
use std::time::Duration;
use tokio::sync::mpsc;

/// Reports that wait while the backend is away; beyond that the oldest interval is lost.
const WAITING_REPORTS: usize = 256;
const RETRY: Duration = Duration::from_millis(200);
const WATCH_TIMEOUT: Duration = Duration::from_secs(40);

/// Where a unit's statistics go.
#[derive(Clone, Debug)]
pub enum ReportSink {
    /// To the backend.
    Backend(mpsc::Sender<Report>),
    /// To whoever started the controller, over the control channel.
    Controller(mpsc::Sender<Report>),
}

impl ReportSink {
    /// Hands a report over; a full queue loses it.
    pub fn send(&self, report: Report) -> bool {
        match self {
            Self::Backend(queue) | Self::Controller(queue) => queue.try_send(report).is_ok(),
        }
    }
}

/// A connection to the backend, under one trial's address. The address holds the trial's token and is never printed.
#[derive(Clone)]
pub struct BackendClient {
    http: reqwest::Client,
    url: String,
}

impl std::fmt::Debug for BackendClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BackendClient(…)")
    }
}

impl BackendClient {
    /// A client for a trial's address.
    ///
    /// # Errors
    /// When the HTTP library cannot be set up.
    pub fn new(url: &str) -> Result<Self, crate::LabError> {
        let http = crate::http::plain_client()
            .connect_timeout(Duration::from_secs(3))
            .build()
            .map_err(|error| crate::LabError::Specification { reason: format!("no HTTP client: {error}") })?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned() })
    }

    /// Starts the task that delivers reports one after the other, each until it is acknowledged or refused.
    pub fn start_reporting(&self) -> (ReportSink, tokio::task::JoinHandle<()>) {
        let (queue, mut reports) = mpsc::channel::<Report>(WAITING_REPORTS);
        let client = self.clone();
        let task = tokio::spawn(async move {
            while let Some(report) = reports.recv().await {
                client.deliver("report", &report).await;
            }
        });
        (ReportSink::Backend(queue), task)
    }

    /// Starts the task that delivers the controller's events in order.
    pub fn start_events(&self) -> (mpsc::Sender<ControllerEvent>, tokio::task::JoinHandle<()>) {
        let (queue, mut events) = mpsc::channel::<ControllerEvent>(4096);
        let client = self.clone();
        let task = tokio::spawn(async move {
            let mut batch = Vec::new();
            while events.recv_many(&mut batch, 256).await > 0 {
                client.deliver("events", &batch).await;
                batch.clear();
            }
        });
        (queue, task)
    }

    async fn deliver<T: Serialize>(&self, what: &str, body: &T) {
        loop {
            let sent =
                self.http.put(format!("{}/{what}", self.url)).timeout(Duration::from_secs(10)).json(body).send().await;
            match sent {
                Ok(answer) if answer.status().is_server_error() => {}
                // Acknowledged, or refused for good: sending it again would change nothing.
                Ok(_) => return,
                Err(_) => {}
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Starts the task that waits for changes and hands them on; the version that has been applied is acknowledged with
    /// the next question, which follows at once.
    ///
    /// `applied` is the version that the unit starts with.
    pub fn start_watching(
        &self,
        unit: UnitId,
        applied: u64,
    ) -> mpsc::Receiver<(Patch, tokio::sync::oneshot::Sender<()>)> {
        let (changes, receiver) = mpsc::channel(16);
        let client = self.clone();
        tokio::spawn(async move {
            let mut applied = applied;
            loop {
                match client.watch(unit, applied).await {
                    Some(answer) => {
                        for patch in answer.patches {
                            if patch.version <= applied {
                                continue;
                            }
                            let version = patch.version;
                            let (done, is_done) = tokio::sync::oneshot::channel();
                            if changes.send((patch, done)).await.is_err() || is_done.await.is_err() {
                                return;
                            }
                            applied = version;
                        }
                    }
                    None => tokio::time::sleep(RETRY).await,
                }
            }
        });
        receiver
    }

    async fn watch(&self, unit: UnitId, applied: u64) -> Option<WatchAnswer> {
        let url = format!("{}/watch?unit={unit}&applied={applied}", self.url);
        let answer = self.http.get(url).timeout(WATCH_TIMEOUT).send().await.ok()?;
        if !answer.status().is_success() {
            return None;
        }
        answer.json().await.ok()
    }
}
