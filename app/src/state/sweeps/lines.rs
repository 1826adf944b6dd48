//! Lines: one metric along one dimension, a line for each combination of the others, with error bars.

use super::book::OpenSweep;
use super::dimension::{Dimension, short_key};
use super::metric::Metric;
use super::results::PointResult;
use crate::state::format;
use crate::state::scale::value_axis;
use model::words::numbered;
use std::collections::{BTreeMap, BTreeSet};

/// Where the largest number of the x axis is so many times the smallest, it is logarithmic.
const WIDE: f64 = 20.0;

/// A chart ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinePlot {
    /// What the x axis has.
    pub x_label: String,
    /// The ticks of the x axis: (place from 0 to 1, text).
    pub x_ticks: Vec<(f64, String)>,
    /// Whether places follow the logarithm of the values.
    pub logarithmic: bool,
    /// Whether the x axis has numbers: then points are joined.
    pub joined: bool,
    /// The ticks of the y axis, from its beginning to its end.
    pub y_ticks: Vec<f64>,
    /// The lines.
    pub lines: Vec<SweepLine>,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepLine {
    /// Its name; unique.
    pub label: String,
    /// Its colour and dashes.
    pub style: usize,
    /// Whether it is drawn.
    pub visible: bool,
    /// Its points, from left to right.
    pub points: Vec<LinePoint>,
}

/// One point of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct LinePoint {
    /// Its point of the sweep.
    pub point: usize,
    /// Its place on the x axis, 0 to 1.
    pub place: f64,
    /// The value there, as people read it.
    pub at: String,
    /// The mean.
    pub mean: f64,
    /// Half the width of its 95 % confidence interval.
    pub half: Option<f64>,
    /// How many runs it stands for.
    pub runs: usize,
}

/// The dimension that lines go along when nobody has chosen one: the first that has numbers, else the first.
pub fn usual_dimension(sweep: &OpenSweep) -> Option<Dimension> {
    let varying = Dimension::varying(&sweep.plan);
    let numeric = varying.iter().find(|dimension| dimension.numbers(&sweep.plan).is_some());
    numeric.or(varying.first()).copied()
}

/// Builds the lines along a dimension. Those in `hidden` are listed and not drawn; `title` gives a protocol's title.
pub fn line_plot(
    sweep: &OpenSweep,
    results: &[PointResult],
    metric: Metric,
    along: Option<Dimension>,
    hidden: &BTreeSet<String>,
    title: &dyn Fn(&str) -> String,
) -> LinePlot {
    let plan = &sweep.plan;
    let Some(along) = along else { return LinePlot::default() };
    let others: Vec<Dimension> = Dimension::varying(plan).into_iter().filter(|each| *each != along).collect();
    let (places, logarithmic, joined) = places(along.numbers(plan), along.count(plan));
    let mut lines: BTreeMap<Vec<usize>, SweepLine> = BTreeMap::new();
    for result in results {
        let combination: Vec<usize> = others.iter().map(|dimension| dimension.place(plan, result.point)).collect();
        let style = lines.len();
        let line = lines.entry(combination).or_insert_with_key(|combination| {
            let part = |(dimension, place): (&Dimension, &usize)| {
                let value = dimension.value(plan, *place, title);
                match dimension {
                    Dimension::Protocol => value,
                    Dimension::Axis(_) => format!("{} {value}", short_key(&dimension.key(plan))),
                }
            };
            let parts: Vec<String> = others.iter().zip(combination).map(part).collect();
            let label = if parts.is_empty() { title_of_all(sweep, title) } else { parts.join(", ") };
            SweepLine { visible: !hidden.contains(&label), label, style, points: Vec::new() }
        });
        if let Some(estimate) = result.estimate(metric) {
            let place = along.place(plan, result.point);
            line.points.push(LinePoint {
                point: result.point,
                place: places.get(place).copied().unwrap_or(0.0),
                at: along.value(plan, place, title),
                mean: estimate.mean,
                half: estimate.half_width,
                runs: result.done().count(),
            });
        }
    }
    let mut lines: Vec<SweepLine> = lines.into_values().collect();
    for (style, line) in lines.iter_mut().enumerate() {
        line.style = style;
        line.points.sort_by(|a, b| a.place.total_cmp(&b.place));
    }
    let tops = lines.iter().filter(|line| line.visible).flat_map(|line| &line.points);
    let top = tops.map(|point| point.mean + point.half.unwrap_or(0.0)).fold(0.0, f64::max);
    let values = (0..along.count(plan)).map(|place| along.value(plan, place, title));
    LinePlot {
        x_label: along.label(plan),
        x_ticks: places.iter().copied().zip(values).collect(),
        logarithmic,
        joined,
        y_ticks: value_axis(0.0, top, 5),
        lines,
    }
}

/// The only line of a sweep that varies one thing.
fn title_of_all(sweep: &OpenSweep, title: &dyn Fn(&str) -> String) -> String {
    sweep.plan.protocols.first().map(|protocol| title(&protocol.name)).unwrap_or_default()
}

/// Where the values of the x axis are, whether on a logarithmic axis, and whether they are numbers.
fn places(numbers: Option<Vec<f64>>, count: usize) -> (Vec<f64>, bool, bool) {
    let even = || (0..count).map(|index| (index as f64 + 0.5) / count as f64).collect();
    let Some(numbers) = numbers else { return (even(), false, false) };
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low >= high {
        return (even(), false, true);
    }
    let logarithmic = low > 0.0 && high / low >= WIDE;
    let scaled = |value: f64| if logarithmic { value.ln() } else { value };
    // Room on both sides, for dots and labels.
    let place = |value: &f64| 0.04 + 0.92 * (scaled(*value) - scaled(low)) / (scaled(high) - scaled(low));
    (numbers.iter().map(place).collect(), logarithmic, true)
}

impl LinePlot {
    /// The value at the top of the y axis.
    pub fn top(&self) -> f64 {
        self.y_ticks.last().copied().unwrap_or(1.0)
    }

    /// Whether there is anything to draw.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.points.is_empty())
    }

    /// The ticks of the x axis that fit, where labels are about `width` of the axis wide: the first always, others if
    /// they are far enough from the one before.
    pub fn fitting_ticks(&self, width: f64) -> Vec<(f64, String)> {
        let mut sorted: Vec<_> = self.x_ticks.clone();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut fitting: Vec<(f64, String)> = Vec::new();
        for tick in sorted {
            if fitting.last().is_none_or(|last| tick.0 - last.0 >= width) {
                fitting.push(tick);
            }
        }
        fitting
    }

    /// The chart in a sentence.
    pub fn summary(&self, metric: Metric) -> String {
        if self.is_empty() {
            return format!("{}: nothing measured yet", metric.title());
        }
        let ends = |line: &SweepLine| {
            let (first, last) = (line.points.first()?, line.points.last()?);
            let (from, to) = (metric.format(first.mean), metric.format(last.mean));
            Some(format!("{}: {from} at {} to {to} at {}", line.label, first.at, last.at))
        };
        let lines: Vec<String> = self.lines.iter().filter(|line| line.visible).filter_map(ends).collect();
        format!("{} in {} over {}. {}", metric.title(), metric.unit(), self.x_label, lines.join("; "))
    }
}

impl LinePoint {
    /// The point in words: `10: 12.3k ± 0.4k requests/s, 3 runs`.
    pub fn words(&self, metric: Metric) -> String {
        let half = self.half.map(|half| format!(" ± {}", metric.format(half))).unwrap_or_default();
        let runs = numbered(self.runs, "run");
        format!("{}: {}{half} {}, {runs}", self.at, metric.format(self.mean), metric.unit())
    }
}

/// A tick of the y axis.
pub fn y_text(value: f64) -> String {
    format::si(value)
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::{done, failed, plan, summary};
    use super::super::results::results;
    use super::*;

    fn sweep(runs: Vec<model::sweep::SweepRun>) -> OpenSweep {
        let runs = runs.into_iter().map(|run| (run.run, run)).collect();
        OpenSweep { summary: summary(1), plan: plan(), runs }
    }

    fn draw(sweep: &OpenSweep, along: Dimension, hidden: &[&str]) -> LinePlot {
        let hidden = hidden.iter().map(|label| (*label).to_owned()).collect();
        line_plot(sweep, &results(sweep), Metric::Throughput, Some(along), &hidden, &|name| name.to_uppercase())
    }

    #[test]
    fn each_combination_of_the_rest_is_a_line_with_points_where_something_was_measured() {
        let sweep = sweep(vec![done(0, 90.0), done(1, 110.0), done(4, 50.0), failed(8), done(2, 7.0)]);
        assert_eq!(usual_dimension(&sweep), Some(Dimension::Axis(0)));
        let plot = draw(&sweep, Dimension::Axis(0), &[]);
        let labels: Vec<_> = plot.lines.iter().map(|line| line.label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "PBFT, authentication mac",
                "PBFT, authentication none",
                "ZYZZYVA, authentication mac",
                "ZYZZYVA, authentication none"
            ]
        );
        let points = &plot.lines[0].points;
        assert_eq!((points.len(), points[0].mean, points[0].runs, points[1].at.as_str()), (2, 100.0, 2, "10"));
        assert!(plot.logarithmic && plot.joined);
        assert!((plot.x_ticks[1].0 - 0.5).abs() < 1e-9, "10 is in the middle between 1 and 100");
        assert!(plot.top() >= 110.0 + points[0].half.unwrap() - 20.0);
        assert!(points[0].words(Metric::Throughput).ends_with("requests/s, 2 runs"));
        assert!(plot.summary(Metric::Throughput).contains("PBFT, authentication mac: 100 at 1 to 50 at 10"));
        assert!(plot.lines[3].points.is_empty(), "nothing is invented");
    }

    #[test]
    fn a_hidden_line_stretches_no_axis_and_words_are_not_joined() {
        let sweep = sweep(vec![done(0, 1e6), done(2, 7.0)]);
        let plot = draw(&sweep, Dimension::Axis(0), &["PBFT, authentication mac"]);
        assert!(plot.top() < 100.0 && !plot.lines[0].visible);
        let plot = draw(&sweep, Dimension::Axis(1), &[]);
        assert!(!plot.joined && plot.lines.len() == 6);
        assert_eq!(plot.x_ticks, [(0.25, "mac".to_owned()), (0.75, "none".to_owned())]);
    }

    #[test]
    fn ticks_that_would_overlap_are_left_out() {
        let ticks = (0..100).map(|index| (f64::from(index) / 100.0, index.to_string())).collect();
        let plot = LinePlot { x_ticks: ticks, ..LinePlot::default() };
        assert_eq!(plot.fitting_ticks(0.095).len(), 10);
        assert!(plot.is_empty() && plot.summary(Metric::P99).contains("nothing measured yet"));
    }
}
