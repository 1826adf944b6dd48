//! The samples of one trial, as they are loaded and as they come in.

use crate::state::decimate;
use crate::state::totals::Totals;
use model::series::{LivePoint, Series};
use std::collections::BTreeMap;

/// The most points kept of one series. A series that grows beyond is thinned to its extremes, so that a trial of many
/// hours stays within O(series) memory with every spike still visible.
pub const MAX_POINTS: usize = 16_384;

/// All series of a trial by metric and entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesSet {
    series: BTreeMap<(String, u32), Vec<(i64, f64)>>,
    totals: Totals,
}

impl SeriesSet {
    /// Takes over what the host has stored.
    pub fn load(series: Vec<Series>) -> Self {
        let mut set = Self::default();
        for one in series {
            set.totals.add(&one.metric, one.entity, &one.points);
            set.series.insert((one.metric, one.entity), one.points);
        }
        set
    }

    /// Adds live points. A point that is not newer than its series' last one is a repetition after a cut and is dropped.
    pub fn push(&mut self, points: &[LivePoint]) {
        for point in points.iter().filter(|point| point.value.is_finite()) {
            let series = self.series.entry((point.metric.clone(), point.entity)).or_default();
            if series.last().is_none_or(|(at_ms, _)| *at_ms < point.at_ms) {
                series.push((point.at_ms, point.value));
                self.totals.add(&point.metric, point.entity, &[(point.at_ms, point.value)]);
            }
            if series.len() > MAX_POINTS {
                *series = thinned(series);
            }
        }
    }

    /// The points of one series, in time order.
    pub fn points<'a>(&'a self, metric: &'a str, entity: u32) -> &'a [(i64, f64)] {
        // A lookup in the map would need an owned name each time.
        self.of_metric(metric).find(|(found, _)| *found == entity).map_or(&[], |(_, points)| points)
    }

    /// The entities that have reported a metric, with their points.
    pub fn of_metric<'a>(&'a self, metric: &'a str) -> impl Iterator<Item = (u32, &'a [(i64, f64)])> {
        self.series
            .iter()
            .filter(move |((name, _), _)| name == metric)
            .map(|((_, entity), points)| (*entity, points.as_slice()))
    }

    /// The sums over all entities of each type `<name>/<type>`, one point a second.
    pub fn totals<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, Vec<(i64, f64)>)> {
        self.totals.of(name)
    }

    /// When an entity last reported anything.
    pub fn last_report_ms(&self, entity: u32) -> Option<i64> {
        self.series
            .iter()
            .filter(|((_, found), _)| *found == entity)
            .filter_map(|(_, points)| points.last().map(|(at_ms, _)| *at_ms))
            .max()
    }

    /// Whether there is no point at all.
    pub fn is_empty(&self) -> bool {
        self.series.values().all(Vec::is_empty)
    }
}

fn thinned(points: &[(i64, f64)]) -> Vec<(i64, f64)> {
    // Milliseconds since the epoch are exact in a double for the next 280,000 years.
    let exact: Vec<_> = points.iter().map(|(at_ms, value)| (*at_ms as f64, *value)).collect();
    decimate::extremes(&exact, MAX_POINTS / 8).into_iter().map(|(at, value)| (at as i64, value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at_ms: i64, value: f64) -> LivePoint {
        LivePoint { metric: "throughput".into(), entity: 4, at_ms, value }
    }

    #[test]
    fn a_repeated_point_and_one_that_is_no_number_are_dropped() {
        let mut set = SeriesSet::default();
        set.push(&[point(1, 5.0), point(2, 6.0), point(2, 6.0), point(1, 5.0), point(3, f64::NAN)]);
        assert_eq!(set.points("throughput", 4), [(1, 5.0), (2, 6.0)]);
        assert_eq!(set.points("throughput", 3), []);
        assert_eq!(set.last_report_ms(4), Some(2));
    }

    #[test]
    fn hours_of_points_stay_bounded_and_keep_their_spike() {
        let mut set = SeriesSet::default();
        let points: Vec<_> =
            (0..100_000).map(|index| point(index * 250, if index == 777 { 1e9 } else { 1.0 })).collect();
        set.push(&points);
        let kept = set.points("throughput", 4);
        assert!(kept.len() <= MAX_POINTS);
        assert!(kept.contains(&(777 * 250, 1e9)));
    }
}
