//! Latencies over time in a form that stays small whatever the number of requests: counts in bands of latency, each a
//! tenth of a factor of ten wide, in columns of equal time. The host makes it from what is stored, and the page carries it
//! on from what comes in.

use crate::report::SparseHistogram;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bands in a factor of ten.
pub const BANDS_IN_DECADE: u32 = 10;
/// How many bands there are: from 1 µs to 1,000 s. What lies beyond counts in the last one.
pub const BANDS: u8 = 90;
/// The most columns kept; where there would be more, each becomes twice as wide. At the start a column is
/// [`FIRST_WIDTH_MS`] wide, so that an hour has columns of 2 s. Memory: O(columns × bands).
pub const MAX_COLUMNS: usize = 2_048;
/// The width of a column at the start, ms.
pub const FIRST_WIDTH_MS: i64 = 500;

/// How many requests were answered within each band of latency; bands without any are left out.
pub type Bands = BTreeMap<u8, u64>;

/// The latencies that one client reported at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatencyReport {
    /// Whose, as in [`crate::series::Series`].
    pub entity: u32,
    /// The end of the reported interval, milliseconds since the epoch.
    pub at_ms: i64,
    /// (band, requests).
    pub bands: Vec<(u8, u64)>,
}

/// The band of a latency in microseconds.
pub fn band_of(micros: u64) -> u8 {
    // The bound of a band belongs to the band that it begins, also where the logarithm comes out a bit too small.
    let band = (micros.max(1) as f64).log10() * f64::from(BANDS_IN_DECADE) + 1e-9;
    (band as u8).min(BANDS - 1)
}

/// The latency at which a band begins, ms.
pub fn band_start_ms(band: u8) -> f64 {
    10f64.powf(f64::from(band) / f64::from(BANDS_IN_DECADE)) / 1000.0
}

impl LatencyReport {
    /// The bands of a histogram; none where it is empty.
    pub fn of(entity: u32, at_ms: i64, histogram: &SparseHistogram) -> Option<Self> {
        let mut bands = Bands::new();
        for (micros, count) in histogram {
            let band = bands.entry(band_of(*micros)).or_default();
            *band = band.saturating_add(*count);
        }
        (!bands.is_empty()).then(|| Self { entity, at_ms, bands: bands.into_iter().collect() })
    }
}

/// The latencies of a trial, all clients together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatencyMap {
    /// How much time a column stands for, ms.
    width_ms: i64,
    /// Each column's beginning, in units of its width since the epoch, and its bands.
    columns: Vec<(i64, Bands)>,
    /// The last report of each client: one that comes again is not counted again.
    newest: BTreeMap<u32, i64>,
}

impl Default for LatencyMap {
    fn default() -> Self {
        Self { width_ms: FIRST_WIDTH_MS, columns: Vec::new(), newest: BTreeMap::new() }
    }
}

impl LatencyMap {
    /// Counts a report, unless it, or a later one of the same client, has been counted.
    pub fn add(&mut self, report: &LatencyReport) {
        let newest = self.newest.entry(report.entity).or_insert(i64::MIN);
        if report.at_ms <= *newest || report.bands.is_empty() {
            return;
        }
        *newest = report.at_ms;
        let place = report.at_ms.div_euclid(self.width_ms);
        let index = self.columns.partition_point(|column| column.0 < place);
        if self.columns.get(index).is_none_or(|column| column.0 != place) {
            self.columns.insert(index, (place, Bands::new()));
        }
        let bands = &mut self.columns[index].1;
        for (band, count) in &report.bands {
            let known = bands.entry((*band).min(BANDS - 1)).or_default();
            *known = known.saturating_add(*count);
        }
        while self.columns.len() > MAX_COLUMNS {
            self.widen();
        }
    }

    fn widen(&mut self) {
        self.width_ms *= 2;
        let mut wider: Vec<(i64, Bands)> = Vec::with_capacity(self.columns.len() / 2 + 1);
        for (place, bands) in std::mem::take(&mut self.columns) {
            let place = place.div_euclid(2);
            match wider.last_mut().filter(|last| last.0 == place) {
                None => wider.push((place, bands)),
                Some((_, known)) => merge(known, &bands),
            }
        }
        self.columns = wider;
    }

    /// How much time a column stands for, ms.
    pub fn width_ms(&self) -> i64 {
        self.width_ms
    }

    /// The columns that begin within `from_ms..to_ms` or reach into it: (beginning, milliseconds since the epoch; bands).
    pub fn columns(&self, from_ms: i64, to_ms: i64) -> impl Iterator<Item = (i64, &Bands)> {
        let first = self.columns.partition_point(|column| (column.0 + 1).saturating_mul(self.width_ms) <= from_ms);
        let begun = self.columns[first..].iter().map(|(place, bands)| (place.saturating_mul(self.width_ms), bands));
        begun.take_while(move |(at_ms, _)| *at_ms < to_ms)
    }

    /// Whether no request has been answered.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }
}

/// Adds one column's counts to another's.
pub fn merge(into: &mut Bands, from: &Bands) {
    for (band, count) in from {
        let known = into.entry(*band).or_default();
        *known = known.saturating_add(*count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(entity: u32, at_ms: i64, bands: &[(u8, u64)]) -> LatencyReport {
        LatencyReport { entity, at_ms, bands: bands.to_vec() }
    }

    #[test]
    fn a_latency_lies_within_its_band() {
        assert_eq!((band_of(0), band_of(1), band_of(10), band_of(1_000), band_of(u64::MAX)), (0, 0, 10, 30, 89));
        for micros in [1, 2, 9, 10, 99, 100, 1_500, 123_456, 99_999_999] {
            let band = band_of(micros);
            let ms = micros as f64 / 1000.0;
            assert!(band_start_ms(band) <= ms * 1.000_001 && ms < band_start_ms(band + 1), "{micros}");
        }
    }

    #[test]
    fn a_report_that_comes_again_counts_once_and_clients_add_up() {
        let mut map = LatencyMap::default();
        let first = report(4, 1_000, &[(30, 5)]);
        map.add(&first);
        map.add(&first);
        map.add(&report(5, 1_100, &[(30, 2), (45, 1)]));
        let columns: Vec<_> = map.columns(0, 10_000).collect();
        assert_eq!(columns, [(1_000, &Bands::from([(30, 7), (45, 1)]))]);
    }

    #[test]
    fn an_hour_keeps_every_request_and_stays_bounded() {
        let mut map = LatencyMap::default();
        let reports = 4 * 3_600;
        for index in 0..reports {
            let rare = if index == 7_777 { vec![(30, 9), (75, 1)] } else { vec![(30, 10)] };
            map.add(&report(4, index * 250, &rare));
        }
        let columns: Vec<_> = map.columns(i64::MIN, i64::MAX).collect();
        assert!(columns.len() <= MAX_COLUMNS, "{}", columns.len());
        assert_eq!(columns.iter().map(|(_, bands)| bands.values().sum::<u64>()).sum::<u64>(), 10 * reports as u64);
        let spike = columns.iter().find(|(_, bands)| bands.contains_key(&75)).unwrap();
        assert!((spike.0..spike.0 + map.width_ms()).contains(&(7_777 * 250)));
    }

    #[test]
    fn a_part_has_the_columns_that_reach_into_it() {
        let mut map = LatencyMap::default();
        (0..10).for_each(|second| map.add(&report(4, second * 1_000, &[(1, 1)])));
        let begins = |from, to| map.columns(from, to).map(|column| column.0).collect::<Vec<_>>();
        assert_eq!(begins(2_100, 4_000), [2_000, 3_000]);
        assert_eq!(begins(2_600, 4_001), [3_000, 4_000]);
    }

    #[test]
    fn it_travels_as_json() {
        let mut map = LatencyMap::default();
        map.add(&LatencyReport::of(4, 1_000, &vec![(1_000, 3), (1_010, 1), (90_000, 1)]).unwrap());
        let text = serde_json::to_string(&map).unwrap();
        assert_eq!(serde_json::from_str::<LatencyMap>(&text).unwrap(), map);
        assert_eq!(LatencyReport::of(4, 1, &Vec::new()), None);
    }
}
