//! Sweeps: one trial after the other over a grid of protocols and settings, each point repeated. A sweep is defined by a
//! [`SweepPlan`], in the page or in a grid file; [`points`] makes the runs of it, for both.

pub mod figures;
mod grid_file;
mod order;
mod plan;
mod points;
mod progress;
pub mod values;

pub use figures::RunFigures;
pub use grid_file::write as write_grid_file;
pub use order::run_order;
pub use plan::{
    Axis, LONGEST_MS, MAX_AXES, MAX_REPETITIONS, MAX_RUNS, SHORTEST_MS, SweepOrder, SweepPlace, SweepPlan,
    SweepProblem, SweepProtocol, expected_run_ms,
};
pub use points::{SweepPoint, check_points, point, points, shown_value};
pub use progress::{CurrentRun, RunState, SweepRun, SweepState, SweepSummary};
