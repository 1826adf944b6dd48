//! A map of latencies over time: how many requests a second took how long, as cells of columns (time) and bands (latency).

use crate::state::chart::{Line, Plot, PlotOptions};
use crate::state::format;
use crate::state::scale;
use model::latency::{BANDS_IN_DECADE, Bands, LatencyMap, band_start_ms, merge};

/// How many shades there are: `--heat-0` (few) to `--heat-5` (many) in `style/_tokens.scss`.
pub const SHADES: usize = 6;
/// From the fewest requests that still have a shade of their own to the most: three factors of ten. Fewer have the
/// faintest shade, which is never that of nothing: a single slow request can be seen.
const DECADES: f64 = 3.0;
/// The narrowest column, pixels.
const NARROWEST: usize = 5;
/// How many gaps between columns tell how often clients report.
const GAPS: usize = 256;

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Where it begins and ends, seconds since the start.
    pub time: (f64, f64),
    /// Requests a second in each band that has any, fastest first.
    pub cells: Vec<(u8, f64)>,
}

/// The cells of a map within a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heat {
    /// The columns that have any requests, in time order.
    pub columns: Vec<Column>,
    /// The upper end of the shades, requests a second in one band: a round number.
    pub most: f64,
}

impl Heat {
    /// The shade of a cell.
    pub fn shade(&self, rate: f64) -> usize {
        let place = ((rate / self.most).log10() / DECADES + 1.0) * SHADES as f64;
        if place > 0.0 { (place as usize).min(SHADES - 1) } else { 0 }
    }

    /// The requests a second from which on a cell has a shade.
    pub fn shade_from(&self, shade: usize) -> f64 {
        self.most * 10f64.powf((shade as f64 / SHADES as f64 - 1.0) * DECADES)
    }

    /// The column at a time.
    pub fn column_at(&self, time: f64) -> Option<&Column> {
        let after = self.columns.partition_point(|column| column.time.0 <= time);
        self.columns[..after].last().filter(|column| time < column.time.1)
    }

    /// A line for each band that has any requests, fastest first: the same numbers for tables and files.
    pub fn lines(&self) -> Vec<Line> {
        let mut bands: Vec<u8> = self.columns.iter().flat_map(|column| &column.cells).map(|(band, _)| *band).collect();
        bands.sort_unstable();
        bands.dedup();
        let line = |band: u8| {
            let point = |column: &Column| {
                let cell = column.cells.iter().find(|(found, _)| *found == band)?;
                Some((column.time.0, cell.1))
            };
            let points: Vec<_> = self.columns.iter().filter_map(point).collect();
            let latest = points.last().map(|last| last.1);
            Line {
                label: band_label(band),
                style: 0,
                visible: true,
                points,
                band: Vec::new(),
                latest,
                silence: f64::INFINITY,
            }
        };
        bands.into_iter().map(line).collect()
    }
}

impl Column {
    /// All requests a second.
    pub fn total(&self) -> f64 {
        self.cells.iter().map(|(_, rate)| rate).sum()
    }

    /// The band with the most requests, and how many of them a second.
    pub fn fullest(&self) -> Option<(u8, f64)> {
        self.cells.iter().copied().max_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// What is to be said of it, in words: (what, value).
    pub fn words(&self) -> Vec<(&'static str, String)> {
        let ends = (self.cells.first(), self.fullest(), self.cells.last());
        let (Some(fastest), Some(fullest), Some(slowest)) = ends else { return Vec::new() };
        let share = (fullest.1 / self.total() * 100.0).round();
        vec![
            ("All requests", format!("{} req/s", format::si(self.total()))),
            ("Slowest", format!("{}: {} req/s", band_label(slowest.0), format::si(slowest.1))),
            ("Most", format!("{}: {share} %", band_label(fullest.0))),
            ("Fastest", format!("{}: {} req/s", band_label(fastest.0), format::si(fastest.1))),
        ]
    }
}

/// From where to where a band goes: "1 to 1.26 ms", "794 ms to 1 s".
pub fn band_label(band: u8) -> String {
    let ((from, unit), (to, unit_to)) = (in_unit(band_start_ms(band)), in_unit(band_start_ms(band + 1)));
    if unit == unit_to { format!("{from} to {to} {unit}") } else { format!("{from} {unit} to {to} {unit_to}") }
}

/// A latency in the unit that suits it.
fn in_unit(ms: f64) -> (String, &'static str) {
    if ms < 999.5 { (format::si(ms), "ms") } else { (format::si(ms / 1000.0), "s") }
}

/// The place of a latency on the axis, which is logarithmic: 0 is 1 ms, 1 is 10 ms.
pub fn axis_place(band: u8) -> f64 {
    f64::from(band) / f64::from(BANDS_IN_DECADE) - 3.0
}

/// The label of a place on the axis.
pub fn axis_label(place: f64) -> String {
    let (number, unit) = in_unit(10f64.powf(place));
    format!("{number} {unit}")
}

/// Builds the map of a window.
pub fn plot(map: &LatencyMap, zero_ms: i64, options: &PlotOptions) -> Plot {
    let (low, high) = options.time;
    let at = |seconds: f64| zero_ms + (seconds * 1000.0) as i64;
    let (from_ms, to_ms) = (at(low), at(high).saturating_add(1));
    let width_ms = column_width(map, from_ms, to_ms, options.pixels);
    let mut merged: Vec<(i64, Bands)> = Vec::new();
    for (at_ms, bands) in map.columns(from_ms, to_ms) {
        let place = at_ms.div_euclid(width_ms);
        match merged.last_mut().filter(|last| last.0 == place) {
            None => merged.push((place, bands.clone())),
            Some((_, known)) => merge(known, bands),
        }
    }
    let seconds = |place: i64| (place.saturating_mul(width_ms) - zero_ms) as f64 / 1000.0;
    let rate = |(band, count): (&u8, &u64)| (*band, *count as f64 * 1000.0 / width_ms as f64);
    let columns: Vec<Column> = merged
        .iter()
        .map(|(place, bands)| Column {
            time: (seconds(*place).max(0.0), seconds(place + 1)),
            cells: bands.iter().map(rate).collect(),
        })
        .filter(|column| column.time.1 > 0.0)
        .collect();
    let cells = || columns.iter().flat_map(|column| &column.cells);
    let Some((lowest, highest)) = cells().map(|cell| cell.0).fold(None, |ends: Option<(u8, u8)>, band| {
        Some(ends.map_or((band, band), |(low, high)| (low.min(band), high.max(band))))
    }) else {
        return Plot { time: options.time, high: 1.0, heat: Some(Heat::default()), ..Plot::default() };
    };
    let most = scale::round_up(cells().map(|cell| cell.1).fold(0.0, f64::max));
    let (low, high) = (axis_place(lowest), axis_place(highest + 1));
    let ticks = (low.ceil() as i64..=high.floor() as i64).map(|decade| decade as f64).collect();
    Plot { lines: Vec::new(), time: options.time, low, high, ticks, heat: Some(Heat { columns, most }) }
}

/// How wide the columns of a window are, ms: no narrower than a few pixels, nor than the time between two reports.
fn column_width(map: &LatencyMap, from_ms: i64, to_ms: i64, pixels: usize) -> i64 {
    let begins: Vec<i64> = map.columns(from_ms, to_ms).take(GAPS).map(|column| column.0).collect();
    let mut gaps: Vec<i64> = begins.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_unstable();
    let gap = gaps.get(gaps.len() / 2).copied().unwrap_or(0);
    let columns = (pixels / NARROWEST).max(1) as i64;
    let least = gap.max(to_ms.saturating_sub(from_ms) / columns);
    let mut width = map.width_ms().max(1);
    while width < least {
        width = width.saturating_mul(2);
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::latency::{LatencyReport, band_of};
    use std::collections::BTreeSet;

    fn map(reports: i64, every_ms: i64) -> LatencyMap {
        let mut map = LatencyMap::default();
        for index in 0..reports {
            let slow = (index == reports / 2).then_some((band_of(2_000_000), 1));
            let bands = [(band_of(1_000), 500)].into_iter().chain(slow).collect();
            map.add(&LatencyReport { entity: 4, at_ms: 1_000 + index * every_ms, bands });
        }
        map
    }

    fn options(time: (f64, f64)) -> PlotOptions {
        PlotOptions { time, pixels: 600, ticks: 4, hidden: BTreeSet::new() }
    }

    fn heat(plot: &Plot) -> &Heat {
        plot.heat.as_ref().unwrap()
    }

    #[test]
    fn a_single_slow_request_in_an_hour_has_a_cell_of_its_own() {
        let plot = plot(&map(4 * 3_600, 250), 1_000, &options((0.0, 3_600.0)));
        let heat = heat(&plot);
        assert!(heat.columns.len() <= 120, "{}", heat.columns.len());
        let slow: Vec<_> =
            heat.columns.iter().filter(|column| column.cells.last().is_some_and(|cell| cell.0 == 63)).collect();
        assert_eq!(slow.len(), 1);
        assert!((slow[0].time.0..slow[0].time.1).contains(&1_800.0));
        assert_eq!(heat.shade(slow[0].cells[1].1), 0);
        assert_eq!(plot.ticks, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(
            plot.ticks.iter().map(|tick| axis_label(*tick)).collect::<Vec<_>>(),
            ["1 ms", "10 ms", "100 ms", "1 s"]
        );
    }

    #[test]
    fn columns_are_no_narrower_than_the_time_between_reports() {
        let plot = plot(&map(40, 2_000), 1_000, &options((0.0, 80.0)));
        let heat = heat(&plot);
        assert_eq!(heat.columns.len(), 40);
        assert!(heat.columns.windows(2).all(|pair| pair[0].time.1 == pair[1].time.0));
        assert_eq!((heat.columns[3].total(), heat.most), (250.0, 500.0));
    }

    #[test]
    fn shades_grow_with_the_rate_and_say_where_they_begin() {
        let heat = Heat { columns: Vec::new(), most: 1_000.0 };
        assert_eq!([0.001, 1.0, 4.0, 40.0, 400.0, 1_000.0].map(|rate| heat.shade(rate)), [0, 0, 1, 3, 5, 5]);
        for shade in 1..SHADES {
            assert_eq!(heat.shade(heat.shade_from(shade) * 1.001), shade);
            assert_eq!(heat.shade(heat.shade_from(shade) * 0.999), shade - 1);
        }
    }

    #[test]
    fn bands_are_lines_of_a_table_and_a_column_is_told_in_words() {
        let plot = plot(&map(9, 1_000), 1_000, &options((0.0, 10.0)));
        let lines = heat(&plot).lines();
        let labels: Vec<_> = lines.iter().map(|line| (line.label.as_str(), line.points.len())).collect();
        assert_eq!(labels, [("1 to 1.26 ms", 9), ("2 to 2.51 s", 1)]);
        let words = heat(&plot).column_at(4.2).unwrap().words();
        assert_eq!(words[0], ("All requests", "501 req/s".to_owned()));
        assert_eq!(words[1], ("Slowest", "2 to 2.51 s: 1 req/s".to_owned()));
        assert_eq!(words[2], ("Most", "1 to 1.26 ms: 100 %".to_owned()));
        assert!(heat(&plot).column_at(50.0).is_none());
    }

    #[test]
    fn without_requests_there_is_nothing_to_read_off() {
        let plot = plot(&LatencyMap::default(), 1_000, &options((0.0, 10.0)));
        assert!(plot.ticks.is_empty() && heat(&plot).columns.is_empty());
    }
}
