//! Trials and their time series on SQLite: one writer thread that commits in groups, readers that never wait for it.
//! What a write has acknowledged survives a `kill -9` of this process.

mod access;
mod append;
mod cloudlab;
mod codec;
mod configurations;
mod decimate;
mod directory;
mod error;
mod figures;
mod hidden;
mod history;
mod logs;
mod open;
mod pool;
mod read;
mod read_samples;
mod record;
mod samples;
mod state;
mod store;
mod sweeps;
mod write;
mod writer;

pub use access::{AccessSession, AccessStore, MAX_SESSIONS, NewToken, START_TOKEN, Token, Used};
pub use append::{WholeTrial, append_trial, prepare};
pub use codec::{decode_histogram, encode_histogram};
pub use configurations::ConfigurationChange;
pub use decimate::decimate;
pub use error::StoreError;
pub use hidden::Hidden;
pub use read_samples::{HistoryVote, LatencyInterval, SampleText, SeriesName};
pub use record::{NewTrial, Record, ReportOutcome, Sample, SampleValue, TokenHash, UnitReport};
pub use store::Store;
pub use sweeps::{Measured, StoredSweep, SweepRecord};
