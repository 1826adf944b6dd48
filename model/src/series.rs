//! Time series as charts read them.

use serde::{Deserialize, Serialize};

/// One series: one metric of one entity. `entity` is the replica's number for replicas and n + i for client i, which is
/// also how units of the public framework number themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// One of [`crate::metric`]'s names, or any other that a unit reported.
    pub metric: String,
    /// Whose.
    pub entity: u32,
    /// (milliseconds since the epoch, value), in time order; NaN values are left out.
    pub points: Vec<(i64, f64)>,
}

/// The entity of a series that is a sum over all units.
pub const ALL_UNITS: u32 = u32::MAX;

/// New points of a running trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LivePoint {
    /// The metric.
    pub metric: String,
    /// Whose.
    pub entity: u32,
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// In the metric's unit.
    pub value: f64,
}
