//! The pages of sweeps: the list, the form of a new one, and one sweep with its results.

mod axis;
mod badge;
mod detail;
mod drawing;
mod failures;
mod file;
mod follow;
mod form;
mod heat;
mod lines;
mod new_page;
mod page;
mod progress;
mod protocols;
mod sweeps_page;
mod table;

pub(crate) use follow::reload;
pub(crate) use new_page::{NewSweepPage, SweepDesk};
pub(crate) use page::SweepPage;
pub(crate) use sweeps_page::SweepsPage;
