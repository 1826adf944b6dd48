//! Sweeps as the page knows them: their lines and the open one, the form of a new one, and what their runs came to as heat
//! map, lines and table.

pub mod book;
pub mod dimension;
pub mod form;
pub mod heat;
pub mod lines;
pub mod metric;
pub mod picture;
pub mod results;
pub mod table;
pub mod words;
