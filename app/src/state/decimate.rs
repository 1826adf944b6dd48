//! Fewer points for the same picture: each bucket of time keeps its smallest and its largest point, so that no spike is
//! lost however narrow it is.

/// Reduces points in time order, milliseconds, to at most about `limit`; the first and the last one stay. Fewer come back
/// as they are.
pub fn thinned(points: &[(i64, f64)], limit: usize) -> Vec<(i64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let buckets = (limit / 2).saturating_sub(1).max(1) as i64;
    let width = (last.0.saturating_sub(first.0) / buckets + 1).max(1);
    if points.len() <= limit {
        return points.to_vec();
    }
    let mut kept = vec![*first];
    extremes(points, width, |point| kept.push(point));
    kept.push(*last);
    kept.dedup();
    kept
}

/// What of a series lies within `low_ms..=high_ms`, in at most about `buckets` buckets, with one point on either side so
/// that lines run into the edges. Buckets begin at multiples of their width, which is a power of two: what stands still
/// keeps its shape while the window moves.
pub fn window(points: &[(i64, f64)], (low_ms, high_ms): (i64, i64), buckets: usize) -> Vec<(i64, f64)> {
    let first = points.partition_point(|point| point.0 < low_ms);
    let end = points.partition_point(|point| point.0 <= high_ms).max(first);
    let shown = &points[first..end];
    let mut kept = Vec::with_capacity(shown.len().min(buckets * 2) + 2);
    kept.extend(first.checked_sub(1).map(|before| points[before]));
    if shown.len() <= buckets * 2 {
        kept.extend_from_slice(shown);
    } else {
        let span = high_ms.saturating_sub(low_ms).max(1);
        let width = (span / buckets.max(1) as i64 + 1).max(1);
        let width = u64::try_from(width).unwrap_or(1).checked_next_power_of_two().unwrap_or(1 << 62);
        extremes(shown, width as i64, |point| kept.push(point));
    }
    kept.extend(points.get(end));
    kept
}

/// Tells the smallest and the largest point of each bucket of `width` ms, in time order.
fn extremes(points: &[(i64, f64)], width: i64, mut tell: impl FnMut((i64, f64))) {
    let mut rest = points.iter();
    let Some(mut point) = rest.next() else { return };
    loop {
        let end = point.0.div_euclid(width).saturating_add(1).saturating_mul(width);
        let (mut low, mut high) = (point, point);
        let next = loop {
            let Some(next) = rest.next() else { break None };
            if next.0 >= end {
                break Some(next);
            }
            if next.1 < low.1 {
                low = next;
            }
            if next.1 > high.1 {
                high = next;
            }
        };
        // The same place in memory is the same point.
        if std::ptr::eq(low, high) {
            tell(*low);
        } else if low.0 <= high.0 {
            tell(*low);
            tell(*high);
        } else {
            tell(*high);
            tell(*low);
        }
        match next {
            Some(next) => point = next,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random numbers, the same ones at every run (Marsaglia's xorshift).
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % bound
        }

        fn series(&mut self) -> Vec<(i64, f64)> {
            let mut at_ms = self.below(10_000) as i64 - 5_000;
            let points = 1 + self.below(1_500);
            let point = |_| {
                at_ms += 1 + self.below(400) as i64;
                let spike = if self.below(50) == 0 { 1e6 } else { 1.0 };
                (at_ms, (self.below(2_000) as f64 - 1_000.0) * spike)
            };
            (0..points).map(point).collect()
        }
    }

    fn extreme_values(points: &[(i64, f64)]) -> (f64, f64) {
        points.iter().fold((f64::MAX, f64::MIN), |(low, high), point| (low.min(point.1), high.max(point.1)))
    }

    #[test]
    fn a_short_series_is_left_alone() {
        let points: Vec<_> = (0..40).map(|index| (index, 1.0)).collect();
        assert_eq!(thinned(&points, 40), points);
        assert_eq!(window(&points, (0, 100), 20), points);
        assert!(thinned(&[], 10).is_empty() && window(&[], (0, 10), 10).is_empty());
    }

    #[test]
    fn a_single_spike_among_100_000_points_survives() {
        let mut points: Vec<_> = (0..100_000).map(|index| (index, (index as f64 * 0.37).sin())).collect();
        points[54_321].1 = 1e6;
        points[54_322].1 = -1e6;
        for kept in [thinned(&points, 2_000), window(&points, (0, 99_999), 1_000)] {
            assert!(kept.len() <= 2_004, "{}", kept.len());
            assert!(kept.contains(&points[54_321]) && kept.contains(&points[54_322]));
            assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
        }
        let kept = thinned(&points, 2_000);
        assert_eq!((kept[0], kept[kept.len() - 1]), (points[0], points[99_999]));
    }

    #[test]
    fn of_any_series_in_any_window_every_bucket_keeps_its_smallest_and_its_largest_value() {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for case in 0..200 {
            let points = random.series();
            let (from, to) = (points[0].0, points[points.len() - 1].0);
            let low = from - 500 + random.below((to - from) as u64 + 1_000) as i64;
            let high = low + 1 + random.below((to - from) as u64 + 1_000) as i64;
            let buckets = 1 + random.below(900) as usize;
            let kept = window(&points, (low, high), buckets);

            let inside = |point: &&(i64, f64)| (low..=high).contains(&point.0);
            let shown: Vec<_> = points.iter().filter(inside).copied().collect();
            assert!(kept.len() <= buckets * 2 + 6, "case {case}: {} points in {buckets} buckets", kept.len());
            let known = |point: &(i64, f64)| points.binary_search_by_key(&point.0, |known| known.0);
            let real = |point: &(i64, f64)| known(point).is_ok_and(|index| points[index] == *point);
            assert!(kept.iter().all(real), "case {case}: nothing is made up");
            assert!(kept.is_sorted_by(|a, b| a.0 < b.0), "case {case}: in time order");
            let width = ((high - low) / buckets as i64 + 1).max(1).cast_unsigned().next_power_of_two() as i64;
            for bucket in shown.chunk_by(|a, b| a.0.div_euclid(width) == b.0.div_euclid(width)) {
                let within = (bucket[0].0, bucket[bucket.len() - 1].0);
                let from = kept.partition_point(|point| point.0 < within.0);
                let until = kept.partition_point(|point| point.0 <= within.1);
                assert_eq!(extreme_values(&kept[from..until]), extreme_values(bucket), "case {case}, {within:?}");
            }
        }
    }

    #[test]
    fn a_picture_stands_still_while_its_window_moves_on() {
        let points: Vec<_> = (0..10_000).map(|index| (index * 10, (index as f64 * 1.7).sin())).collect();
        let (one, next) = (window(&points, (0, 50_000), 100), window(&points, (0, 50_100), 100));
        assert_eq!(one[..one.len() - 4], next[..one.len() - 4]);
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let points: Vec<_> = (0..100).map(|index| (if index < 50 { i64::MIN } else { i64::MAX }, 1.0)).collect();
        assert!(window(&points, (i64::MIN, i64::MAX), 10).len() <= 100);
        assert!(thinned(&points, 10).len() <= 100);
    }
}
