//! The heat map: one metric over two of the dimensions of a sweep, the others at chosen values.

use super::book::OpenSweep;
use super::dimension::Dimension;
use super::metric::Metric;
use super::results::PointResult;
use std::collections::BTreeMap;

/// How many shades there are: `--cell-0` to `--cell-8` in `style/_heat.scss`.
pub const SHADES: u8 = 9;
/// Where the largest value is so many times the smallest, shades follow the logarithm.
const WIDE: f64 = 20.0;

/// What a heat map shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatChoice {
    /// The dimension from left to right.
    pub across: Option<Dimension>,
    /// The dimension from top to bottom.
    pub down: Option<Dimension>,
    /// The value of each other dimension; the first one where it is not in it.
    pub fixed: BTreeMap<Dimension, usize>,
}

/// A heat map ready to be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// What the columns are, and each one's value.
    pub across: Option<(String, Vec<String>)>,
    /// What the rows are, and each one's value; one row without a name where there is nothing to vary.
    pub down: Option<(String, Vec<String>)>,
    /// The cells, row by row.
    pub rows: Vec<Vec<HeatCell>>,
    /// The smallest and the largest value.
    pub range: Option<(f64, f64)>,
    /// Whether shades follow the logarithm of the values.
    pub logarithmic: bool,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatCell {
    /// Its point.
    pub point: usize,
    /// The mean and, for two runs or more, half the width of its 95 % confidence interval.
    pub value: Option<(f64, Option<f64>)>,
    /// Its shade, 0 for the smallest value.
    pub shade: Option<u8>,
    /// Whether it is the best of all.
    pub best: bool,
    /// Measured runs, failed runs, missing runs.
    pub counts: (usize, usize, usize),
}

impl HeatChoice {
    /// The choice with what is not chosen, or does not exist, filled in: the first two keys that vary, else the protocol.
    pub fn settled(&self, varying: &[Dimension]) -> Self {
        let exists = |dimension: &Dimension| varying.contains(dimension);
        let keys_first = || {
            let (keys, protocol): (Vec<_>, Vec<_>) =
                varying.iter().copied().partition(|dimension| *dimension != Dimension::Protocol);
            keys.into_iter().chain(protocol)
        };
        let across = self.across.filter(exists).or_else(|| keys_first().find(|each| Some(*each) != self.down));
        let down = self.down.filter(|down| exists(down) && Some(*down) != across);
        let down = down.or_else(|| keys_first().find(|each| Some(*each) != across));
        Self { across, down, fixed: self.fixed.clone() }
    }

    /// The dimensions whose value is chosen, of those that vary.
    pub fn others(&self, varying: &[Dimension]) -> Vec<Dimension> {
        let shown = |dimension: &&Dimension| Some(**dimension) != self.across && Some(**dimension) != self.down;
        varying.iter().filter(shown).copied().collect()
    }
}

/// Builds a heat map. `choice` has been settled; `title` gives a protocol's title.
pub fn heat_map(
    sweep: &OpenSweep,
    results: &[PointResult],
    metric: Metric,
    choice: &HeatChoice,
    title: &dyn Fn(&str) -> String,
) -> HeatMap {
    let plan = &sweep.plan;
    let heads = |dimension: Option<Dimension>| {
        dimension.map(|dimension| {
            let values = (0..dimension.count(plan)).map(|place| dimension.value(plan, place, title));
            (dimension.label(plan), values.collect::<Vec<_>>())
        })
    };
    let (across, down) = (heads(choice.across), heads(choice.down));
    let columns = across.as_ref().map_or(1, |(_, values)| values.len());
    let mut rows = vec![vec![HeatCell::default(); columns]; down.as_ref().map_or(1, |(_, values)| values.len())];
    let others = choice.others(&Dimension::varying(plan));
    for result in results {
        let place = |dimension: Dimension| dimension.place(plan, result.point);
        let wanted = |dimension: &Dimension| place(*dimension) == choice.fixed.get(dimension).copied().unwrap_or(0);
        if !others.iter().all(wanted) {
            continue;
        }
        let cell =
            rows.get_mut(choice.down.map_or(0, place)).and_then(|row| row.get_mut(choice.across.map_or(0, place)));
        if let Some(cell) = cell {
            *cell = HeatCell {
                point: result.point,
                value: result.estimate(metric).map(|estimate| (estimate.mean, estimate.half_width)),
                counts: (result.done().count(), result.failed(), result.missing),
                ..HeatCell::default()
            };
        }
    }
    let values: Vec<f64> = rows.iter().flatten().filter_map(|cell| Some(cell.value?.0)).collect();
    let range = values.iter().copied().reduce(f64::min).zip(values.iter().copied().reduce(f64::max));
    let logarithmic = range.is_some_and(|(low, high)| low > 0.0 && high / low >= WIDE);
    if let Some(range) = range {
        let best = metric.more_is_better().map(|more| if more { range.1 } else { range.0 });
        for cell in rows.iter_mut().flatten() {
            let Some((value, _)) = cell.value else { continue };
            cell.shade = Some(shade(value, range, logarithmic));
            cell.best = values.len() > 1 && best == Some(value);
        }
    }
    HeatMap { across, down, rows, range, logarithmic }
}

/// The shade of a value, from 0 to the last one.
fn shade(value: f64, (low, high): (f64, f64), logarithmic: bool) -> u8 {
    let scaled = |value: f64| if logarithmic { value.ln() } else { value };
    let width = scaled(high) - scaled(low);
    let share = if width > 0.0 { (scaled(value) - scaled(low)) / width } else { 0.5 };
    (share * f64::from(SHADES - 1)).round() as u8
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::{done, failed, plan, summary};
    use super::super::results::results;
    use super::*;

    fn map(runs: Vec<model::sweep::SweepRun>, choice: &HeatChoice) -> HeatMap {
        let runs = runs.into_iter().map(|run| (run.run, run)).collect();
        let sweep = OpenSweep { summary: summary(1), plan: plan(), runs };
        let choice = choice.settled(&Dimension::varying(&sweep.plan));
        heat_map(&sweep, &results(&sweep), Metric::Throughput, &choice, &|name| name.to_owned())
    }

    #[test]
    fn without_a_choice_the_keys_are_the_axes_and_the_first_protocol_is_shown() {
        let map =
            map(vec![done(0, 100.0), done(1, 100.0), done(4, 500.0), done(12, 9e9), failed(2)], &HeatChoice::default());
        assert_eq!(map.across, Some(("Block size, requests".into(), vec!["1".into(), "10".into(), "100".into()])));
        assert_eq!(map.down.as_ref().map(|down| down.1.clone()), Some(vec!["mac".into(), "none".into()]));
        assert_eq!(map.range, Some((100.0, 500.0)), "the other protocol is not in it");
        let cell = &map.rows[0][1];
        assert_eq!((cell.point, cell.value, cell.shade, cell.best), (2, Some((500.0, None)), Some(8), true));
        assert_eq!((map.rows[0][0].shade, map.rows[0][0].value), (Some(0), Some((100.0, Some(0.0)))));
        assert_eq!((map.rows[1][0].value, map.rows[1][0].counts), (None, (0, 1, 1)));
    }

    #[test]
    fn any_two_dimensions_can_be_chosen_and_the_third_has_a_value() {
        let choice = HeatChoice {
            across: Some(Dimension::Axis(1)),
            down: Some(Dimension::Protocol),
            fixed: [(Dimension::Axis(0), 2)].into(),
        };
        let map = map(vec![done(8, 10.0), done(22, 1_000.0)], &choice);
        assert_eq!((map.rows.len(), map.rows[0].len(), map.logarithmic), (2, 2, true));
        assert_eq!(map.rows[0][0].value.map(|value| value.0), Some(10.0));
        assert_eq!(map.rows[1][1].value.map(|value| value.0), Some(1_000.0));
    }

    #[test]
    fn one_dimension_is_a_row_and_the_same_one_is_never_on_both_axes() {
        let settled = HeatChoice::default().settled(&[Dimension::Protocol]);
        assert_eq!((settled.across, settled.down), (Some(Dimension::Protocol), None));
        let both = HeatChoice { across: Some(Dimension::Axis(0)), down: Some(Dimension::Axis(0)), ..settled };
        let settled = both.settled(&[Dimension::Protocol, Dimension::Axis(0)]);
        assert_eq!((settled.across, settled.down), (Some(Dimension::Axis(0)), Some(Dimension::Protocol)));
    }

    #[test]
    fn a_single_value_has_a_middle_shade_and_is_not_the_best_of_all() {
        let map = map(vec![done(0, 100.0)], &HeatChoice::default());
        assert_eq!((map.rows[0][0].shade, map.rows[0][0].best), (Some(4), false));
    }
}
