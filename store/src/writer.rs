//! The one writer: a thread that takes what is queued, writes it in one transaction, commits, and then answers each.
//! There is no delay: an idle store answers at once, a busy one commits large groups.

use crate::configurations::{self, ConfigurationChange};
use crate::directory::DataDirectory;
use crate::error::StoreError;
use crate::hidden::{self, Hidden};
use crate::record::{NewTrial, Record, ReportOutcome, UnitReport};
use crate::sweeps::{self, SweepRecord};
use crate::write::{Memory, create_trial, write_record, write_report};
use model::ids::{SweepId, TrialId};
use model::sweep::SweepPlan;
use rusqlite::{Connection, TransactionBehavior};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many requests wait before those who write have to wait.
pub(crate) const QUEUE: usize = 8192;
/// How many requests one commit takes at most.
const GROUP: usize = 4096;

/// Something to write.
#[derive(Debug)]
pub(crate) enum Job {
    Create(Box<NewTrial>, Option<Hidden>),
    Write(Vec<Record>),
    Report(Box<UnitReport>),
    Configuration(ConfigurationChange),
    CreateSweep(Box<SweepPlan>, i64),
    Sweep(Vec<SweepRecord>),
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Answer {
    Created(TrialId),
    Written,
    Reported(ReportOutcome),
    /// Whether there was anything to do.
    Changed(bool),
    CreatedSweep(SweepId),
}

/// A job with the one who waits for it.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) job: Job,
    pub(crate) answer: oneshot::Sender<Result<Answer, StoreError>>,
}

/// Writes until nobody can ask any more. The data directory stays locked until the end.
pub(crate) fn run(mut db: Connection, mut requests: mpsc::Receiver<Request>, directory: Arc<DataDirectory>) {
    let mut memory = Memory::default();
    memory.may_remove = true;
    let mut group = Vec::new();
    loop {
        // Whoever asks comes first: condemned trials are removed piece by piece while nobody does.
        if memory.may_remove && requests.is_empty() && !requests.is_closed() {
            memory.may_remove = hidden::remove_piece(&db).unwrap_or_else(|error| {
                tracing::warn!("a deleted trial could not be removed: {error}");
                false
            });
        } else if requests.blocking_recv_many(&mut group, GROUP) > 0 {
            commit_group(&mut db, &mut memory, &mut group);
        } else {
            break;
        }
    }
    if let Err(error) = db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::warn!("the write-ahead log was not folded in: {error}");
    }
    drop(db);
    drop(directory);
}

fn commit_group(db: &mut Connection, memory: &mut Memory, group: &mut Vec<Request>) {
    let mut answers = Vec::with_capacity(group.len());
    let committed = (|| {
        let mut transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for request in group.drain(..) {
            // A job that fails leaves nothing behind and does not disturb the others.
            let savepoint = match transaction.savepoint() {
                Ok(savepoint) => savepoint,
                Err(error) => {
                    answers.push((request.answer, Err(StoreError::statement("begin to write")(error))));
                    continue;
                }
            };
            let result = apply(&savepoint, memory, &request.job);
            let result = match result {
                Ok(answer) => savepoint.commit().map(|()| answer).map_err(StoreError::statement("write")),
                Err(error) => {
                    drop(savepoint);
                    memory.rolled_back();
                    Err(error)
                }
            };
            answers.push((request.answer, result));
        }
        transaction.commit()
    })();
    let failure = committed.err().map(StoreError::statement("commit"));
    if let Some(error) = &failure {
        tracing::error!("{error}");
        memory.rolled_back();
        for request in group.drain(..) {
            // Who asked may have gone away; so in all answers below.
            let _ = request.answer.send(Err(error.clone()));
        }
    }
    for (answer, result) in answers {
        let _ = answer.send(match &failure {
            Some(error) => Err(error.clone()),
            None => result,
        });
    }
}

fn apply(db: &Connection, memory: &mut Memory, job: &Job) -> Result<Answer, StoreError> {
    match job {
        Job::Create(new, hide) => {
            let id = create_trial(db, new)?;
            write_record(db, memory, &Record::Hidden(id, *hide))?;
            Ok(Answer::Created(id))
        }
        Job::Write(records) => {
            records.iter().try_for_each(|record| write_record(db, memory, record)).map(|()| Answer::Written)
        }
        Job::Report(report) => write_report(db, memory, report).map(Answer::Reported),
        Job::Configuration(change) => configurations::change(db, change).map(Answer::Changed),
        Job::CreateSweep(plan, created_ms) => sweeps::create(db, plan, *created_ms).map(Answer::CreatedSweep),
        Job::Sweep(records) => {
            records.iter().try_for_each(|record| sweeps::write(db, record)).map(|()| Answer::Written)
        }
    }
}
