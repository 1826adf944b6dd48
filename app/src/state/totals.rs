//! Sums over all units of what each reports by type of message, kept up to date as samples come in: adding them up for
//! every frame would cost far more than drawing.

use std::collections::BTreeMap;

/// The most seconds kept of one type; older ones are forgotten.
const MAX_SECONDS: usize = 16_384;

/// What the units reported of one type in one second.
#[derive(Clone, Debug, Default, PartialEq)]
struct Second {
    /// Each unit's sum and number of reports.
    units: BTreeMap<u32, (f64, u32)>,
}

/// One sum a second of each metric whose name has a slash.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    types: BTreeMap<String, BTreeMap<i64, Second>>,
}

impl Totals {
    /// Adds samples of a unit; those of metrics without types are passed over.
    pub fn add(&mut self, metric: &str, entity: u32, points: &[(i64, f64)]) {
        if !metric.contains('/') {
            return;
        }
        if !self.types.contains_key(metric) {
            self.types.insert(metric.to_owned(), BTreeMap::new());
        }
        let Some(seconds) = self.types.get_mut(metric) else { return };
        for (at_ms, value) in points {
            let unit = seconds.entry(at_ms.div_euclid(1000)).or_default().units.entry(entity).or_default();
            *unit = (unit.0 + value, unit.1 + 1);
            while seconds.len() > MAX_SECONDS {
                seconds.pop_first();
            }
        }
    }

    /// The sums of `<name>/<type>` with their type, at the start of each second.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, Vec<(i64, f64)>)> {
        self.types.iter().filter_map(move |(metric, seconds)| {
            let (of, kind) = metric.split_once('/')?;
            let sum = |second: &Second| second.units.values().map(|(sum, count)| sum / f64::from(*count)).sum();
            let point = |(second, reports): (&i64, &Second)| (second * 1000, sum(reports));
            (of == name).then(|| (kind, seconds.iter().map(point).collect()))
        })
    }
}
