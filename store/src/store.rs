//! The store as the rest of the system sees it.

use crate::directory::DataDirectory;
use crate::error::StoreError;
use crate::open::{mark_interrupted, open_writer};
use crate::pool::ReadPool;
use crate::read_samples::{LatencyInterval, SampleText};
use crate::record::{NewTrial, Record, ReportOutcome, TokenHash, UnitReport};
use crate::writer::{self, Answer, Job, Request};
use crate::{cloudlab, read, read_samples};
use model::cloudlab::Experiment;
use model::ids::TrialId;
use model::series::Series;
use model::trial::{TrialDetail, TrialSummary};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Trials and their time series. Writes are durable when they return; reads never wait for writes.
#[derive(Debug)]
pub struct Store {
    requests: Mutex<Option<mpsc::Sender<Request>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    readers: ReadPool,
}

impl Store {
    /// Opens the store in a directory, which is made where it is missing. Trials that were active when the last server
    /// ended become `Interrupted`. Blocks for as long as SQLite needs.
    ///
    /// # Errors
    /// When the directory is not usable, another server holds it, or the database in it cannot be read.
    pub fn open(directory: &Path, now_ms: i64) -> Result<Self, StoreError> {
        let directory = Arc::new(DataDirectory::hold(directory)?);
        let connection = open_writer(&directory.database())?;
        mark_interrupted(&connection, now_ms)?;
        let readers = ReadPool::new(directory.database());
        let (sender, receiver) = mpsc::channel(writer::QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer::run(connection, receiver, directory))
            .map_err(|error| StoreError::Statement { action: "start its writer", reason: error.to_string() })?;
        Ok(Self { requests: Mutex::new(Some(sender)), writer: Mutex::new(Some(thread)), readers })
    }

    /// Writes what is queued, folds the write-ahead log into the database, and frees the directory.
    pub async fn close(&self) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let ended = tokio::task::spawn_blocking(move || writer.join()).await;
            if !matches!(ended, Ok(Ok(()))) {
                tracing::error!("the store's writer ended in an unexpected way");
            }
        }
    }

    /// Stores a new trial and answers with its number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn create_trial(&self, new: NewTrial) -> Result<TrialId, StoreError> {
        match self.ask(Job::Create(Box::new(new))).await? {
            Answer::Created(id) => Ok(id),
            Answer::Written | Answer::Reported(_) => Err(StoreError::Closed),
        }
    }

    /// Writes records, all or none.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn write(&self, records: Vec<Record>) -> Result<(), StoreError> {
        self.ask(Job::Write(records)).await.map(drop)
    }

    /// Writes a native unit's report, unless it is there already, and compares its history with that of others.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn write_report(&self, report: UnitReport) -> Result<ReportOutcome, StoreError> {
        match self.ask(Job::Report(Box::new(report))).await? {
            Answer::Reported(outcome) => Ok(outcome),
            Answer::Written | Answer::Created(_) => Err(StoreError::Closed),
        }
    }

    /// All trials, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn trials(&self) -> Result<Vec<TrialSummary>, StoreError> {
        self.readers.read(read::trials).await
    }

    /// The trials that wait, in the order in which they are to start.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn queued(&self) -> Result<Vec<TrialId>, StoreError> {
        self.readers.read(read::queued).await
    }

    /// One trial, without its samples; none when there is no such trial.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn trial(&self, trial: TrialId) -> Result<Option<TrialDetail>, StoreError> {
        self.readers.read(move |db| read::trial(db, trial)).await
    }

    /// The trial whose units have a token with this hash.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn trial_by_token(&self, token: TokenHash) -> Result<Option<TrialDetail>, StoreError> {
        self.readers.read(move |db| read::trial_by_token(db, &token)).await
    }

    /// All series of a trial, each of at most about `limit` points: where there are more, every bucket keeps its extremes.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn series(&self, trial: TrialId, limit: usize) -> Result<Vec<Series>, StoreError> {
        self.readers.read(move |db| read_samples::series(db, trial, limit)).await
    }

    /// The first `limit` values of a trial that are no numbers, in time order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn texts(&self, trial: TrialId, limit: u32) -> Result<Vec<SampleText>, StoreError> {
        self.readers.read(move |db| read_samples::texts(db, trial, limit)).await
    }

    /// All latency histograms of a trial, in time order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn latencies(&self, trial: TrialId) -> Result<Vec<LatencyInterval>, StoreError> {
        self.readers.read(move |db| read_samples::latencies(db, trial)).await
    }

    /// All CloudLab experiments, in the order of their keys.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn cloudlab_experiments(&self) -> Result<Vec<Experiment>, StoreError> {
        self.readers.read(cloudlab::all).await
    }

    async fn ask(&self, job: Job) -> Result<Answer, StoreError> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (answer, wait) = oneshot::channel();
        requests.ok_or(StoreError::Closed)?.send(Request { job, answer }).await.map_err(|_| StoreError::Closed)?;
        wait.await.unwrap_or(Err(StoreError::Closed))
    }
}
