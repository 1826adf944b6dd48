//! Time series as charts read them.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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

/// What becomes of the values of several series at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// They are added up.
    Sum,
    /// Their mean.
    Mean,
    /// The largest.
    Max,
    /// The largest of values that hold until the next one, as a view does.
    Held,
}

/// The shortest step of several series that are made one, ms.
const STEP_MS: i64 = 1_000;

/// So many steps a value that holds is drawn with at most, however long it does.
const MOST_STEPS: i64 = 8_000;

/// Several series as one. Time is cut into steps that are long enough for two reports of each, at least a second; in each,
/// a series that is added up counts with the mean of its values, and one that is silent with nothing. A single series stays
/// as it is. Values that hold need no steps: see [`Combine::Held`]. All points in time order.
pub fn combined(series: &[&[(i64, f64)]], how: Combine) -> Vec<(i64, f64)> {
    if how == Combine::Held {
        return highest_held(series);
    }
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

/// Several series of values that hold until the next one, as the largest of what they hold: a point at each moment at which
/// one of them has one, and every second or so, as other series have them. A series counts from its first point to its last. In
/// time order, as the series are.
fn highest_held(series: &[&[(i64, f64)]]) -> Vec<(i64, f64)> {
    let mut moments: BTreeSet<i64> = series.iter().flat_map(|points| points.iter().map(|point| point.0)).collect();
    if let (Some(first), Some(last)) = (moments.first().copied(), moments.last().copied()) {
        let step = STEP_MS.max(last.saturating_sub(first) / MOST_STEPS);
        let steps = std::iter::successors(Some(first), |at_ms| at_ms.checked_add(step));
        moments.extend(steps.take_while(|at_ms| *at_ms < last));
    }
    // How many points of each series lie behind the moment, or at it.
    let mut passed = vec![0; series.len()];
    let highest = |at_ms: i64| {
        let held = series.iter().zip(&mut passed).filter_map(|(points, passed)| {
            *passed += points[*passed..].iter().take_while(|point| point.0 <= at_ms).count();
            let last = points.last().is_some_and(|last| at_ms <= last.0);
            last.then(|| passed.checked_sub(1).map(|index| points[index].1)).flatten()
        });
        held.reduce(f64::max).map(|value| (at_ms, value))
    };
    moments.into_iter().filter_map(highest).collect()
}

fn join(values: impl ExactSizeIterator<Item = f64>, how: Combine) -> f64 {
    let count = values.len().max(1) as f64;
    match how {
        Combine::Sum => values.sum(),
        Combine::Mean => values.sum::<f64>() / count,
        Combine::Max | Combine::Held => values.fold(f64::NEG_INFINITY, f64::max),
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
    fn of_values_that_hold_the_largest_at_each_moment_is_drawn_and_one_that_ended_counts_no_more() {
        let held = |series: &[&[(i64, f64)]]| combined(series, Combine::Held);
        let steady = held(&[&[(0, 0.0), (27_000, 0.0)], &[(10, 0.0), (26_990, 0.0)]]);
        assert_eq!((steady.len(), steady.last()), (30, Some(&(27_000, 0.0))));
        let dead = [(5, 0.0), (900, 7.0), (1_000, 7.0)];
        let later = [(20, 0.0), (2_000, 1.0), (3_000, 1.0)];
        let until_its_end = [(5, 0.0), (20, 0.0), (900, 7.0), (1_000, 7.0)];
        let afterwards = [(1_005, 0.0), (2_000, 1.0), (2_005, 1.0), (3_000, 1.0)];
        assert_eq!(held(&[&dead, &later, &[]]), [until_its_end, afterwards].concat());
        assert!(held(&[]).is_empty());
        assert!(held(&[&[(i64::MIN, 0.0), (i64::MAX, 1.0)]]).len() < 20_000);
    }

    #[test]
    fn slow_reports_get_longer_steps() {
        let one: Vec<_> = (0..10).map(|index| (5_000 * index, 1.0)).collect();
        let sum = combined(&[&one, &one], Combine::Sum);
        assert!(sum.len() == 5 && sum.iter().all(|point| point.1 == 2.0), "{sum:?}");
    }
}
