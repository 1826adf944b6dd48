//! The samples of one trial, as they are loaded and as they come in.

use crate::state::decimate;
use crate::state::totals::Totals;
use model::latency::{LatencyMap, LatencyReport};
use model::metric;
use model::series::{ALL_UNITS, LivePoint, Series};
use std::collections::BTreeMap;

/// The most points kept of one series. A series that grows beyond is thinned to its extremes, so that a trial of many
/// hours stays within O(series) memory with every spike still visible: 32 units with eight series each take at most 32 MB.
pub const MAX_POINTS: usize = 8_192;

/// All series of a trial by metric and entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesSet {
    series: BTreeMap<String, BTreeMap<u32, Vec<(i64, f64)>>>,
    totals: Totals,
    latencies: LatencyMap,
    /// When each entity last reported.
    last_ms: BTreeMap<u32, i64>,
}

impl SeriesSet {
    /// Takes over what the host has stored.
    pub fn load(series: Vec<Series>, latencies: LatencyMap) -> Self {
        let mut set = Self { latencies, ..Self::default() };
        for Series { metric, entity, points } in series {
            if entity == ALL_UNITS {
                set.totals.load(&metric, points);
            } else {
                points.iter().for_each(|(at_ms, value)| set.add(&metric, entity, *at_ms, *value));
            }
        }
        set
    }

    /// Adds live points. A point that is not newer than its series' last one is a repetition after a cut and is dropped.
    pub fn push(&mut self, points: &[LivePoint]) {
        for point in points.iter().filter(|point| point.value.is_finite()) {
            self.add(&point.metric, point.entity, point.at_ms, point.value);
        }
    }

    /// Adds what clients reported of their latencies; a repetition changes nothing.
    pub fn push_latencies(&mut self, reports: &[LatencyReport]) {
        reports.iter().for_each(|report| self.latencies.add(report));
    }

    fn add(&mut self, metric: &str, entity: u32, at_ms: i64, value: f64) {
        if !self.series.contains_key(metric) {
            self.series.insert(metric.to_owned(), BTreeMap::new());
        }
        let Some(entities) = self.series.get_mut(metric) else { return };
        let series = entities.entry(entity).or_default();
        if series.last().is_some_and(|last| last.0 >= at_ms) {
            return;
        }
        let last_ms = self.last_ms.entry(entity).or_insert(at_ms);
        *last_ms = (*last_ms).max(at_ms);
        if metric::is_of_type(metric) {
            self.totals.add(metric, entity, at_ms, value);
            // Of these, charts show the sums: the last point is kept to know a repetition.
            series.clear();
        } else if holds(metric)
            && let [.., before, last] = series.as_mut_slice()
            && before.1 == value
            && last.1 == value
        {
            last.0 = at_ms;
            return;
        }
        series.push((at_ms, value));
        if series.len() > MAX_POINTS {
            *series = decimate::thinned(series, MAX_POINTS / 2);
        }
    }

    /// The points of one series, in time order. Of values that hold until the next one, a run of equal ones has its first
    /// and its last point only.
    pub fn points<'a>(&'a self, metric: &str, entity: u32) -> &'a [(i64, f64)] {
        self.series.get(metric).and_then(|entities| entities.get(&entity)).map_or(&[], Vec::as_slice)
    }

    /// The entities that have reported a metric, with their points.
    pub fn of_metric<'a>(&'a self, metric: &str) -> impl Iterator<Item = (u32, &'a [(i64, f64)])> + use<'a> {
        let entities = self.series.get(metric).into_iter().flatten();
        entities.map(|(entity, points)| (*entity, points.as_slice()))
    }

    /// The sums over all entities of each type `<name>/<type>`, one point a second.
    pub fn totals<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, Vec<(i64, f64)>)> {
        self.totals.of(name)
    }

    /// The latencies of all clients.
    pub fn latencies(&self) -> &LatencyMap {
        &self.latencies
    }

    /// When an entity last reported anything.
    pub fn last_report_ms(&self, entity: u32) -> Option<i64> {
        self.last_ms.get(&entity).copied()
    }

    /// Whether there is no point at all.
    pub fn is_empty(&self) -> bool {
        self.last_ms.is_empty() && self.totals.is_empty()
    }
}

/// Whether a metric has a value that holds until the next one, as a view has.
fn holds(metric: &str) -> bool {
    matches!(metric, metric::VIEW | metric::LEADER)
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

    #[test]
    fn of_a_view_that_holds_the_first_and_the_last_report_are_kept() {
        let mut set = SeriesSet::default();
        let view = |at_ms: i64, value: f64| LivePoint { metric: metric::VIEW.into(), entity: 1, at_ms, value };
        let points: Vec<_> = (0..1_000).map(|index| view(index, if index < 600 { 0.0 } else { 2.0 })).collect();
        set.push(&points);
        set.push(&points[990..]);
        assert_eq!(set.points(metric::VIEW, 1), [(0, 0.0), (599, 0.0), (600, 2.0), (999, 2.0)]);
    }

    #[test]
    fn a_loaded_second_goes_on_with_what_comes_in_and_repetitions_do_not_count() {
        let name = metric::messages_of_type("PREPARE");
        let series = |entity, points: &[(i64, f64)]| Series { metric: name.clone(), entity, points: points.to_vec() };
        let loaded = vec![series(ALL_UNITS, &[(0, 8.0)]), series(0, &[(1_000, 3.0)]), series(1, &[(1_000, 4.0)])];
        let mut set = SeriesSet::load(loaded, LatencyMap::default());
        let live = |entity, at_ms, value| LivePoint { metric: name.clone(), entity, at_ms, value };
        set.push(&[live(0, 1_000, 3.0), live(0, 1_500, 5.0), live(1, 2_000, 6.0)]);
        let totals: Vec<_> = set.totals(metric::MESSAGES_SENT).collect();
        assert_eq!(totals, [("PREPARE", vec![(0, 8.0), (1_000, 8.0), (2_000, 6.0)])]);
        assert!(!set.is_empty());
    }
}
