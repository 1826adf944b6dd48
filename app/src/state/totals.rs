//! Sums over all units of what each reports by type of message, kept up to date as samples come in: adding them up for
//! every frame would cost far more than drawing, and keeping each unit's samples far more memory.

use crate::state::decimate;
use std::collections::BTreeMap;

/// The most seconds kept of one type; beyond that they are thinned to their extremes.
const MAX_SECONDS: usize = 4_096;
/// How many of the last seconds stay open for units that report late.
const OPEN_SECONDS: usize = 8;

/// Each unit's sum and number of reports in one second.
type Units = BTreeMap<u32, (f64, u32)>;

/// One type of messages.
#[derive(Clone, Debug, Default, PartialEq)]
struct Type {
    /// (milliseconds since the epoch, sum over all units), in time order.
    closed: Vec<(i64, f64)>,
    /// The seconds after those.
    open: BTreeMap<i64, Units>,
}

/// One sum a second of each metric whose name has a slash.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    types: BTreeMap<String, Type>,
}

impl Totals {
    /// Takes over sums that somebody else has made of the beginning of a trial, a point a second.
    pub fn load(&mut self, metric: &str, sums: Vec<(i64, f64)>) {
        let of_type = self.types.entry(metric.to_owned()).or_default();
        of_type.closed = sums;
        of_type.thin();
    }

    /// Adds a sample of a unit. One that is older than the open seconds comes too late.
    pub fn add(&mut self, metric: &str, entity: u32, at_ms: i64, value: f64) {
        if !self.types.contains_key(metric) {
            self.types.insert(metric.to_owned(), Type::default());
        }
        let Some(of_type) = self.types.get_mut(metric) else { return };
        let second = at_ms.div_euclid(1000) * 1000;
        if of_type.closed.last().is_some_and(|closed| closed.0 >= second) {
            return;
        }
        let unit = of_type.open.entry(second).or_default().entry(entity).or_default();
        *unit = (unit.0 + value, unit.1 + 1);
        while of_type.open.len() > OPEN_SECONDS
            && let Some((second, units)) = of_type.open.pop_first()
        {
            of_type.closed.push((second, sum(&units)));
            of_type.thin();
        }
    }

    /// The sums of `<name>/<type>` with their type, at the start of each second.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, Vec<(i64, f64)>)> {
        self.types.iter().filter_map(move |(metric, of_type)| {
            let (of, kind) = metric.split_once('/')?;
            let open = of_type.open.iter().map(|(second, units)| (*second, sum(units)));
            (of == name).then(|| (kind, of_type.closed.iter().copied().chain(open).collect()))
        })
    }

    /// Whether nothing has been added.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }
}

impl Type {
    fn thin(&mut self) {
        if self.closed.len() > MAX_SECONDS {
            self.closed = decimate::thinned(&self.closed, MAX_SECONDS / 2);
        }
    }
}

fn sum(units: &Units) -> f64 {
    units.values().map(|(sum, reports)| sum / f64::from(*reports)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREPARE: &str = "messages-sent/PREPARE";

    #[test]
    fn sums_go_on_where_loaded_ones_end_and_no_second_counts_twice() {
        let mut totals = Totals::default();
        totals.load(PREPARE, vec![(0, 80.0), (1_000, 90.0)]);
        for unit in 0..4 {
            totals.add(PREPARE, unit, 1_900, 7.0);
            totals.add(PREPARE, unit, 2_000, 10.0);
            totals.add(PREPARE, unit, 2_500, 20.0);
        }
        let all: Vec<_> = totals.of("messages-sent").collect();
        assert_eq!(all, [("PREPARE", vec![(0, 80.0), (1_000, 90.0), (2_000, 60.0)])]);
        assert_eq!(totals.of("bytes-sent").count(), 0);
    }

    #[test]
    fn an_hour_of_31_units_keeps_sums_only() {
        let mut totals = Totals::default();
        for quarter in 0..4 * 3_600 {
            for unit in 0..31 {
                let value = if quarter / 4 == 1_234 { 100.0 } else { 2.0 };
                totals.add(PREPARE, unit, quarter * 250, value);
            }
        }
        let points = totals.of("messages-sent").next().unwrap().1;
        assert!(points.len() <= MAX_SECONDS + OPEN_SECONDS, "{}", points.len());
        assert!(points.contains(&(1_234_000, 3_100.0)) && points.contains(&(3_599_000, 62.0)));
        assert!(totals.types.values().all(|of_type| of_type.open.len() <= OPEN_SECONDS));
    }
}
