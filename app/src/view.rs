//! What the page shows.

// `#[component]` writes `pub` items whatever the visibility of the function.
#![allow(unreachable_pub)]

pub(crate) mod access;
pub(crate) mod app;
pub(crate) mod badges;
pub(crate) mod chart;
pub(crate) mod chart_choice;
pub(crate) mod chart_menu;
pub(crate) mod charts;
pub(crate) mod cloudlab;
pub(crate) mod cluster;
pub(crate) mod code;
pub(crate) mod compare;
pub(crate) mod context;
pub(crate) mod control;
pub(crate) mod editor;
pub(crate) mod engine_choice;
mod events;
pub(crate) mod export;
mod fetched;
mod file_button;
pub(crate) mod frames;
pub(crate) mod header;
pub(crate) mod hydrated;
pub(crate) mod launch;
pub(crate) mod legend;
pub(crate) mod loaded;
pub(crate) mod menu;
pub(crate) mod overlay;
mod pace;
pub(crate) mod paint;
pub(crate) mod pause;
pub(crate) mod playground;
pub(crate) mod protocols;
pub(crate) mod queue;
pub(crate) mod record;
pub(crate) mod session;
pub(crate) mod shortcuts;
pub(crate) mod stage;
pub(crate) mod sweeps;
pub(crate) mod testbeds;
pub(crate) mod theme;
pub(crate) mod time;
pub(crate) mod timeline;
pub(crate) mod trial_page;
pub(crate) mod trials;
pub(crate) mod units;
pub(crate) mod with_overview;
