//! Fewer points for the same picture: each bucket of time keeps its first, smallest, largest and last point, so that no
//! spike is lost however narrow it is.

/// Reduces points in time order to at most `4 * buckets`. Series that are not longer than that come back as they are.
pub fn extremes(points: &[(f64, f64)], buckets: usize) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let width = (last.0 - first.0) / buckets.max(1) as f64;
    if points.len() <= buckets * 4 || width <= 0.0 {
        return points.to_vec();
    }
    let bucket_of = |point: &(f64, f64)| (((point.0 - first.0) / width) as usize).min(buckets - 1);
    let mut kept = Vec::with_capacity(buckets * 4);
    let mut start = 0;
    while start < points.len() {
        let bucket = bucket_of(&points[start]);
        let length = points[start..].iter().take_while(|point| bucket_of(point) == bucket).count();
        keep(&points[start..start + length], &mut kept);
        start += length;
    }
    kept
}

fn keep(bucket: &[(f64, f64)], kept: &mut Vec<(f64, f64)>) {
    let by_value = |a: &usize, b: &usize| bucket[*a].1.total_cmp(&bucket[*b].1);
    let smallest = (0..bucket.len()).min_by(by_value).unwrap_or(0);
    let largest = (0..bucket.len()).max_by(by_value).unwrap_or(0);
    let mut indices = [0, smallest, largest, bucket.len() - 1];
    indices.sort_unstable();
    let mut previous = None;
    for index in indices {
        if previous != Some(index) {
            kept.push(bucket[index]);
        }
        previous = Some(index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_series_is_left_alone() {
        let points: Vec<_> = (0..40).map(|index| (f64::from(index), 1.0)).collect();
        assert_eq!(extremes(&points, 10), points);
        assert!(extremes(&[], 10).is_empty());
    }

    #[test]
    fn a_single_spike_among_100_000_points_survives() {
        let mut points: Vec<_> =
            (0..100_000).map(|index| (f64::from(index), (f64::from(index) * 0.37).sin())).collect();
        points[54_321].1 = 1e6;
        points[54_322].1 = -1e6;
        let kept = extremes(&points, 500);
        assert!(kept.len() <= 2000);
        assert!(kept.contains(&points[54_321]) && kept.contains(&points[54_322]));
        assert_eq!((kept[0], kept[kept.len() - 1]), (points[0], points[99_999]));
        assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn points_at_one_moment_do_not_divide_by_zero() {
        assert_eq!(extremes(&vec![(5.0, 1.0); 100], 3).len(), 100);
    }
}
