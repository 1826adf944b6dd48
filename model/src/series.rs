//! Time series as charts read them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// What becomes of the values of several series at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// They are added up.
    Sum,
    /// Their mean.
    Mean,
    /// The largest.
    Max,
}

/// The shortest step of several series that are made one, ms.
const STEP_MS: i64 = 1_000;

/// Several series as one. Time is cut into steps that are long enough for two reports of each, at least a second; in each,
/// a series that is added up counts with the mean of its values, and one that is silent with nothing. A single series stays
/// as it is. All points in time order.
pub fn combined(series: &[&[(i64, f64)]], how: Combine) -> Vec<(i64, f64)> {
    if let [only] = series {
        return only.to_vec();
    }
    let interval = |points: &&[(i64, f64)]| match points {
        [first, .., last] => (last.0 - first.0) / (points.len() as i64 - 1),
        _ => 0,
    };
    let step = series.iter().map(interval).max().unwrap_or(0).saturating_mul(2).max(STEP_MS);
    let mut steps: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for points in series {
        for within in points.chunk_by(|one, next| one.0.div_euclid(step) == next.0.div_euclid(step)) {
            let value = join(within.iter().map(|point| point.1), if how == Combine::Max { how } else { Combine::Mean });
            steps.entry(within[0].0.div_euclid(step)).or_default().push(value);
        }
    }
    steps.into_iter().map(|(place, values)| (place * step, join(values.into_iter(), how))).collect()
}

fn join(values: impl ExactSizeIterator<Item = f64>, how: Combine) -> f64 {
    let count = values.len().max(1) as f64;
    match how {
        Combine::Sum => values.sum(),
        Combine::Mean => values.sum::<f64>() / count,
        Combine::Max => values.fold(f64::NEG_INFINITY, f64::max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_that_report_at_different_moments_become_one() {
        let one: Vec<_> = (0..40).map(|index| (250 * index, 100.0)).collect();
        let other: Vec<_> = (0..20).map(|index| (250 * index + 120, 50.0)).collect();
        let sum = combined(&[&one, &other], Combine::Sum);
        assert_eq!((sum.len(), sum[0], sum[4], sum[9]), (10, (0, 150.0), (4_000, 150.0), (9_000, 100.0)));
        assert_eq!(combined(&[&one, &other], Combine::Mean)[0], (0, 75.0));
        assert_eq!(combined(&[&one, &other], Combine::Max)[0], (0, 100.0));
        assert_eq!(combined(&[&one], Combine::Sum), one);
        assert!(combined(&[], Combine::Sum).is_empty());
    }

    #[test]
    fn slow_reports_get_longer_steps() {
        let one: Vec<_> = (0..10).map(|index| (5_000 * index, 1.0)).collect();
        let sum = combined(&[&one, &one], Combine::Sum);
        assert!(sum.len() == 5 && sum.iter().all(|point| point.1 == 2.0), "{sum:?}");
    }
}
