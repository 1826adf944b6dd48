//! The list of trials, and what is done with them: rename, note, pin, compare, export, import, delete and get back.

mod bulk;
mod deleted;
pub(crate) mod desk;
pub(crate) mod edit;
mod filters;
mod import;
pub(crate) mod page;
mod row;
mod table;
pub(crate) mod toasts;
