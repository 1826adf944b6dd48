//! What the page knows, as plain data: no Leptos, no browser. All of it is tested natively.

pub mod chart;
pub mod chart_kind;
pub mod chart_table;
pub mod cloudlab;
pub mod cluster;
pub mod connection;
pub mod decimate;
pub mod draft;
pub mod faults;
pub mod format;
pub mod marks;
pub mod next_start;
pub mod overview;
pub mod protocols;
pub mod range;
pub mod ring;
pub mod scale;
pub mod series;
pub mod summary;
pub mod timeline;
pub mod totals;
pub mod tracks;
pub mod trial;
