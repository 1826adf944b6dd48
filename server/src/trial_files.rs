//! Trials as files: export and import as lines of JSON, and a report to read and print.

mod export;
mod import;
mod report;
mod routes;

pub use import::IMPORT_LIMIT;
pub(crate) use routes::routes;
