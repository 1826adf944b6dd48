//! Fewer points for a chart, with every spike still in it.

/// At most about `limit` of `points` (in time order): where there are more, time is cut into buckets of equal length, and
/// each keeps its smallest and its largest value at their own times. The first and the last point always stay.
pub fn decimate(points: Vec<(i64, f64)>, limit: usize) -> Vec<(i64, f64)> {
    let (Some(&first), Some(&last)) = (points.first(), points.last()) else { return points };
    if points.len() <= limit || limit < 4 {
        return points;
    }
    let buckets = (limit as i128 / 2 - 1).max(1);
    let span = (i128::from(last.0) - i128::from(first.0)).max(1);
    let bucket_of = |time: i64| (i128::from(time) - i128::from(first.0)) * buckets / (span + 1);
    let mut kept = vec![first];
    for bucket in points.chunk_by(|a, b| bucket_of(a.0) == bucket_of(b.0)) {
        let low = (0..bucket.len()).min_by(|&a, &b| bucket[a].1.total_cmp(&bucket[b].1)).unwrap_or_default();
        let high = (0..bucket.len()).max_by(|&a, &b| bucket[a].1.total_cmp(&bucket[b].1)).unwrap_or_default();
        kept.push(bucket[low.min(high)]);
        if low != high {
            kept.push(bucket[low.max(high)]);
        }
    }
    kept.push(last);
    kept.dedup();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spike_in_a_hundred_thousand_points_stays_with_its_time() {
        let mut points: Vec<(i64, f64)> = (0..100_000).map(|t| (t * 10, 5.0)).collect();
        points[54_321].1 = 900.0;
        points[54_322].1 = -3.0;
        let kept = decimate(points, 4000);
        assert!(kept.len() <= 4000, "{}", kept.len());
        assert!(kept.contains(&(543_210, 900.0)) && kept.contains(&(543_220, -3.0)));
        assert_eq!((kept[0].0, kept[kept.len() - 1].0), (0, 999_990));
        assert!(kept.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }

    #[test]
    fn few_points_stay_as_they_are_and_one_moment_is_one_bucket() {
        assert_eq!(decimate(vec![(1, 2.0)], 4000), [(1, 2.0)]);
        let same = decimate((0..10_000).map(|value| (7, f64::from(value))).collect(), 4000);
        assert_eq!(same, [(7, 0.0), (7, 9999.0)]);
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let points = (0..100).map(|_| (i64::MIN, 0.0)).chain((0..100).map(|_| (i64::MAX, 1.0))).collect();
        assert!(decimate(points, 10).len() <= 10);
    }
}
