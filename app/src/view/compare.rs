//! Comparing trials: their charts laid over each other, their figures, and only the settings that differ.

mod charts;
mod desk;
pub(crate) mod page;
mod picker;
mod settings;
mod table;
