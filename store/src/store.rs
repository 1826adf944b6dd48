//! The store as the rest of the system sees it.

use crate::configurations::{self, ConfigurationChange};
use crate::directory::DataDirectory;
use crate::error::StoreError;
use crate::hidden::{self, Hidden};
use crate::logs::KEPT_LINES;
use crate::open::{mark_interrupted, open_writer};
use crate::pool::ReadPool;
use crate::read_samples::{HistoryVote, LatencyInterval, SampleText, SeriesName};
use crate::record::{NewTrial, Record, ReportOutcome, TokenHash, UnitReport};
use crate::sweeps::mark_paused;
use crate::writer::{self, Answer, Job, Request};
use crate::{cloudlab, figures, read, read_samples};
use model::cloudlab::Experiment;
use model::config::ConfigTree;
use model::configuration::{ConfigurationLine, NamedConfiguration};
use model::figures::TrialFigures;
use model::ids::TrialId;
use model::latency::LatencyMap;
use model::series::Series;
use model::trial::{LogLine, TrialDetail, TrialSummary};
use model::verdict::Compared;
use rusqlite::Connection;
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
        mark_paused(&connection, now_ms)?;
        hidden::condemn_all(&connection).map_err(StoreError::statement("mark what was deleted"))?;
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
        self.create(new, None).await
    }

    /// Stores a new trial that is not shown until a [`Record::Hidden`] says so; after the next start it is removed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn create_import(&self, new: NewTrial) -> Result<TrialId, StoreError> {
        self.create(new, Some(Hidden::Importing)).await
    }

    async fn create(&self, new: NewTrial, hide: Option<Hidden>) -> Result<TrialId, StoreError> {
        match self.ask(Job::Create(Box::new(new), hide)).await? {
            Answer::Created(id) => Ok(id),
            _ => Err(StoreError::Closed),
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
            _ => Err(StoreError::Closed),
        }
    }

    /// All trials, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn trials(&self) -> Result<Vec<TrialSummary>, StoreError> {
        self.readers.read(read::trials).await
    }

    /// The trials that were deleted since the store was opened, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn deleted(&self) -> Result<Vec<TrialSummary>, StoreError> {
        self.readers.read(read::deleted).await
    }

    /// The line of one trial; none when there is no such trial.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn summary(&self, trial: TrialId) -> Result<Option<TrialSummary>, StoreError> {
        self.readers.read(move |db| read::summary(db, trial)).await
    }

    /// The line of a trial that is still being imported; none when there is no such one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn imported_summary(&self, trial: TrialId) -> Result<Option<TrialSummary>, StoreError> {
        self.readers.read(move |db| read::imported_summary(db, trial)).await
    }

    /// The configurations that all trials started with.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn trial_configurations(&self) -> Result<Vec<(TrialId, ConfigTree)>, StoreError> {
        self.readers.read(read::configurations).await
    }

    /// Works out what a trial comes to, from its samples; none when there is no such trial.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn work_out_figures(&self, trial: TrialId) -> Result<Option<TrialFigures>, StoreError> {
        self.readers.read(move |db| figures::work_out(db, trial)).await
    }

    /// The ended trials whose figures have not been worked out yet, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn without_figures(&self) -> Result<Vec<TrialId>, StoreError> {
        self.readers.read(figures::missing).await
    }

    /// The testbeds that people described: names, and descriptions as JSON.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn testbeds(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.readers.read(read::testbeds).await
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

    /// All lines that are kept of a trial's log, oldest first: a trial itself comes with its newest ones only.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn log(&self, trial: TrialId) -> Result<Vec<LogLine>, StoreError> {
        self.readers.read(move |db| read::log(db, trial, KEPT_LINES)).await
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

    /// Which series a trial has.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn series_names(&self, trial: TrialId) -> Result<Vec<SeriesName>, StoreError> {
        self.readers.read(move |db| read_samples::series_names(db, trial)).await
    }

    /// All numbers of one series, in time order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn numbers(&self, series: &SeriesName) -> Result<Vec<(i64, f64)>, StoreError> {
        let id = series.id;
        self.readers.read(move |db| read_samples::numbers(db, id)).await
    }

    /// What a trial's units said of their histories, or states, in the order of sequence numbers.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn votes(&self, trial: TrialId, what: Compared) -> Result<Vec<HistoryVote>, StoreError> {
        self.readers.read(move |db| read_samples::votes(db, trial, what)).await
    }

    /// The series of a trial that charts show, as [`Store::series`]; those of a type of messages are summed over all units
    /// (entity [`model::series::ALL_UNITS`], a point a second), but for the last seconds.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn chart_series(&self, trial: TrialId, limit: usize) -> Result<Vec<Series>, StoreError> {
        self.readers.read(move |db| read_samples::chart_series(db, trial, limit)).await
    }

    /// The latencies of a trial in bands and columns.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn latency_map(&self, trial: TrialId) -> Result<LatencyMap, StoreError> {
        self.readers.read(move |db| read_samples::latency_map(db, trial)).await
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

    /// All configurations that are kept under a name, by name.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn configurations(&self) -> Result<Vec<ConfigurationLine>, StoreError> {
        self.readers.read(configurations::lines).await
    }

    /// The configuration of this name; none when there is no such one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn configuration(&self, name: String) -> Result<Option<NamedConfiguration>, StoreError> {
        self.readers.read(move |db| configurations::named(db, &name)).await
    }

    /// Changes the kept configurations; says whether there was anything to do: not where a new name is taken, or an old
    /// one unknown.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn change_configurations(&self, change: ConfigurationChange) -> Result<bool, StoreError> {
        match self.ask(Job::Configuration(change)).await? {
            Answer::Changed(changed) => Ok(changed),
            _ => Err(StoreError::Closed),
        }
    }

    /// Reads on a connection of its own, all of it at the same moment of the database.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(read).await
    }

    pub(crate) async fn ask(&self, job: Job) -> Result<Answer, StoreError> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (answer, wait) = oneshot::channel();
        requests.ok_or(StoreError::Closed)?.send(Request { job, answer }).await.map_err(|_| StoreError::Closed)?;
        wait.await.unwrap_or(Err(StoreError::Closed))
    }
}
