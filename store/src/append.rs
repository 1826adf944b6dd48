//! A trial that ran without a server, written whole when it has ended. Another process may hold the store meanwhile:
//! SQLite lets two processes write one after the other, and what a server keeps in memory is about its own trials only.

use crate::directory::DataDirectory;
use crate::error::StoreError;
use crate::figures;
use crate::open::open_writer;
use crate::record::{NewTrial, Record, UnitReport};
use crate::write::{Memory, create_trial, write_record, write_report};
use model::ids::TrialId;
use rusqlite::TransactionBehavior;
use std::path::Path;

/// A trial from its beginning to its end. The trial's number in its parts is replaced by the one that the store gives.
#[derive(Clone, Debug)]
pub struct WholeTrial {
    /// Its beginning.
    pub new: NewTrial,
    /// What happened, oldest first.
    pub records: Vec<Record>,
    /// What its units reported, oldest first.
    pub reports: Vec<UnitReport>,
}

/// Makes the store of a directory where it is missing, so that a trial can be appended later.
///
/// # Errors
/// When the directory is not usable, or the database in it cannot be read.
pub fn prepare(directory: &Path) -> Result<(), StoreError> {
    open_writer(&DataDirectory::prepare(directory)?).map(drop)
}

/// Writes a trial into the store of a directory, which is made where it is missing, in one transaction. Blocks for as long
/// as SQLite needs.
///
/// # Errors
/// When the directory is not usable or the trial cannot be written; nothing of it is there then.
pub fn append_trial(directory: &Path, trial: &WholeTrial) -> Result<TrialId, StoreError> {
    let mut connection = open_writer(&DataDirectory::prepare(directory)?)?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(StoreError::statement("begin to write"))?;
    let mut memory = Memory::default();
    let id = create_trial(&transaction, &trial.new)?;
    for record in &trial.records {
        write_record(&transaction, &mut memory, &record.clone().of_trial(id))?;
    }
    for report in &trial.reports {
        write_report(&transaction, &mut memory, &UnitReport { trial: id, ..report.clone() })?;
    }
    if let Some(figures) = figures::work_out(&transaction, id)? {
        write_record(&transaction, &mut memory, &Record::Figures(id, figures))?;
    }
    transaction.commit().map_err(StoreError::statement("commit"))?;
    Ok(id)
}
