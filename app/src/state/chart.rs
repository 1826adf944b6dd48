//! A chart ready to be drawn: its lines, the part of them in the window, axes, latest values, and the words for a screen
//! reader.

use crate::state::chart_kind::ChartKind;
use crate::state::decimate;
use crate::state::format;
use crate::state::heat::{self, Heat};
use crate::state::scale;
use crate::state::series::SeriesSet;
use crate::state::tracks::{self, Track};
use model::latency::band_start_ms;
use model::trial::TrialSummary;
use std::collections::BTreeSet;

/// One line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name in the legend; unique within its chart.
    pub label: String,
    /// Its colour and dash pattern: the same entity has the same on every chart of its kind.
    pub style: usize,
    /// Whether it is drawn.
    pub visible: bool,
    /// (seconds since the start, value), decimated, within the window.
    pub points: Vec<(f64, f64)>,
    /// (seconds since the start, lowest, highest) within the window: how far the line may be off, where that is known.
    pub band: Vec<(f64, f64, f64)>,
    /// The last value of the whole series.
    pub latest: Option<f64>,
    /// Longer than this, in seconds, nobody is silent who is there: between points further apart there is no line.
    pub silence: f64,
}

impl Line {
    /// The points in pieces that are lines: while a unit was not there, nothing was measured, and nothing is drawn.
    pub fn strokes(&self) -> impl Iterator<Item = &[(f64, f64)]> {
        self.points.chunk_by(|one, next| next.0 - one.0 <= self.silence)
    }
}

/// A chart ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    /// The lines.
    pub lines: Vec<Line>,
    /// The seconds shown.
    pub time: (f64, f64),
    /// The largest value of the axis; the smallest is `low`.
    pub high: f64,
    /// The smallest value of the axis.
    pub low: f64,
    /// The ticks of the value axis; none where there is nothing to read off.
    pub ticks: Vec<f64>,
    /// The cells of a map, which has no lines.
    pub heat: Option<Heat>,
}

/// How a chart is cut and drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct PlotOptions {
    /// The seconds shown; the same for all charts of a trial.
    pub time: (f64, f64),
    /// The drawing's width in CSS pixels. Of each line, a smallest and a largest point a pixel are kept, or of two or more
    /// pixels where there are many lines: what is drawn is bounded, whatever the number of samples.
    pub pixels: usize,
    /// How many value ticks fit.
    pub ticks: usize,
    /// The labels of the lines that are switched off.
    pub hidden: BTreeSet<String>,
}

/// More lines than this share their pixels.
const MANY_LINES: usize = 8;

/// So many times as long as usual nobody is silent who is there: a busy machine may let a report come late.
const USUAL_TIMES: f64 = 5.0;

/// Silence that nobody wonders at, seconds.
const SHORTEST_SILENCE: f64 = 1.5;

/// With more points than this nobody sees the corners of lines.
const MANY_POINTS: usize = 2_000;

/// The newest sample of the main charts, seconds since the start.
pub fn newest_seconds(series: &SeriesSet, zero_ms: i64) -> f64 {
    let metrics = ChartKind::MAIN.into_iter().flat_map(ChartKind::metrics);
    let newest =
        metrics.flat_map(|(name, _)| series.of_metric(name)).filter_map(|(_, points)| points.last()).map(|last| last.0);
    newest.max().map_or(0.0, |at_ms| ((at_ms - zero_ms) as f64 / 1000.0).max(0.0))
}

/// Builds a trial's chart from its samples.
pub fn plot(kind: ChartKind, series: &SeriesSet, trial: &TrialSummary, zero_ms: i64, options: &PlotOptions) -> Plot {
    if !kind.has_lines() && series.latencies().is_empty() {
        return Plot { time: options.time, high: 1.0, ..Plot::default() };
    }
    if !kind.has_lines() {
        return heat::plot(series.latencies(), zero_ms, options);
    }
    plot_tracks(kind, &tracks::tracks(kind, series, trial, zero_ms), options)
}

/// Builds a chart from any lines.
pub fn plot_tracks(kind: ChartKind, tracks: &[Track<'_>], options: &PlotOptions) -> Plot {
    let shown = tracks.iter().filter(|track| !options.hidden.contains(&track.label)).count();
    let buckets = (options.pixels / (1 + shown / MANY_LINES)).max(1);
    let line = |track: &Track<'_>| {
        let visible = !options.hidden.contains(&track.label);
        let points = if visible { window(&track.points, track.zero_ms, options.time, buckets) } else { Vec::new() };
        Line {
            label: track.label.clone(),
            style: track.style,
            visible,
            silence: if kind.is_stepped() { f64::INFINITY } else { silence(&points, options.time, buckets) },
            points: if kind.is_stepped() { steps(&points) } else { points },
            band: if visible { band_within(track, options) } else { Vec::new() },
            latest: track.points.last().map(|last| last.1),
        }
    };
    let lines: Vec<_> = tracks.iter().map(line).collect();
    let values = || lines.iter().flat_map(|line| &line.points).map(|point| point.1);
    let line_high = values().fold(0.0, f64::max);
    // A band that is wide because little is known must not press the lines flat: it is cut at twice their height.
    let band_high = lines.iter().flat_map(|line| &line.band).map(|point| point.2).fold(0.0, f64::max);
    let largest = line_high.max(band_high.min(line_high * 2.0));
    // A count that only grows would be a flat line at the top of a late window's axis.
    let smallest =
        if kind == ChartKind::Committed && options.time.0 > 0.0 { values().fold(largest, f64::min) } else { 0.0 };
    let mut ticks = scale::value_axis(smallest, largest, options.ticks);
    let (low, high) = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
    if lines.is_empty() {
        ticks.clear();
    }
    Plot { lines, time: options.time, high, low, ticks, heat: None }
}

/// How long reports do not come while a unit is there, seconds: some of the usual times between points, where they are
/// thinned out some of the buckets that each have kept two.
fn silence(points: &[(f64, f64)], (low, high): (f64, f64), buckets: usize) -> f64 {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return f64::INFINITY };
    let usual = (last.0 - first.0) / (points.len() - 1).max(1) as f64;
    let bucket = (high - low) / buckets as f64;
    (USUAL_TIMES * usual).max(USUAL_TIMES * bucket).max(SHORTEST_SILENCE)
}

/// The part of a line's band in the window, with about one step a pixel.
fn band_within(track: &Track<'_>, options: &PlotOptions) -> Vec<(f64, f64, f64)> {
    let seconds = |at_ms: i64| (at_ms - track.zero_ms) as f64 / 1000.0;
    let within = |point: &&(i64, f64, f64)| (options.time.0..=options.time.1).contains(&seconds(point.0));
    let shown: Vec<_> = track.band.iter().filter(within).collect();
    let stride = shown.len() / options.pixels.max(1) + 1;
    shown.into_iter().step_by(stride).map(|(at_ms, low, high)| (seconds(*at_ms), *low, *high)).collect()
}

/// A value that holds until the next one: a corner before each change.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut stepped: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    for point in points {
        if let Some(before) = stepped.last().filter(|before| before.1 != point.1).map(|before| before.1) {
            stepped.push((point.0, before));
        }
        stepped.push(*point);
    }
    stepped
}

/// The part of a series in the window, and one point on either side so that lines run into the edges.
fn window(points: &[(i64, f64)], zero_ms: i64, (low, high): (f64, f64), buckets: usize) -> Vec<(f64, f64)> {
    let at = |seconds: f64| zero_ms.saturating_add((seconds * 1000.0) as i64);
    // Nothing before the start belongs on the chart; before a later window it gives the line its direction.
    let began = if low > 0.0 { 0 } else { points.partition_point(|point| point.0 < zero_ms) };
    let kept = decimate::window(&points[began..], (at(low), at(high)), buckets);
    kept.into_iter().map(|(at_ms, value)| ((at_ms - zero_ms) as f64 / 1000.0, value)).collect()
}

impl Plot {
    /// How many points are drawn.
    pub fn drawn_points(&self) -> usize {
        let cells = self.heat.iter().flat_map(|heat| &heat.columns).map(|column| column.cells.len());
        self.lines.iter().map(|line| line.points.len()).chain(cells).sum()
    }

    /// Whether it was built and there is nothing of this kind at all, in this window or elsewhere.
    pub fn is_silent(&self) -> bool {
        self.time.1 > self.time.0 && self.lines.is_empty() && self.heat.is_none()
    }

    /// Whether so much is drawn that thin lines are easier to tell apart.
    pub fn is_crowded(&self) -> bool {
        self.lines.iter().filter(|line| line.visible).count() > MANY_LINES || self.drawn_points() > MANY_POINTS
    }

    /// The same numbers as lines: those of a map are its bands.
    pub fn tabular(&self) -> Self {
        match &self.heat {
            None => self.clone(),
            Some(heat) => Self { lines: heat.lines(), heat: None, ..self.clone() },
        }
    }

    /// The value in the heading: the sum of the clients, the first percentile, the furthest replica. None without
    /// samples: a chart never shows a zero that nobody measured.
    pub fn headline(&self, kind: ChartKind) -> Option<f64> {
        let mut latest = self.lines.iter().filter_map(|line| line.latest);
        match kind {
            ChartKind::Throughput => {
                // What was offered has a line of its own and is not part of the sum.
                let achieved = self.lines.iter().filter(|line| !line.label.ends_with("offered"));
                achieved.filter_map(|line| line.latest).reduce(|sum, value| sum + value)
            }
            ChartKind::Latency => latest.next(),
            ChartKind::Histogram => {
                let (band, _) = self.heat.as_ref()?.columns.last()?.fullest()?;
                Some(band_start_ms(band))
            }
            ChartKind::Messages | ChartKind::Bytes => latest.reduce(|sum, value| sum + value),
            _ => latest.reduce(f64::max),
        }
    }

    /// What the value in the heading is, of a trial that is active or not: "p50 now", or "mean now" where no percentile is
    /// told.
    pub fn headline_words(&self, kind: ChartKind, active: bool) -> String {
        let words = kind.headline(active);
        let first = self.lines.iter().find(|line| line.latest.is_some()).filter(|_| kind == ChartKind::Latency);
        match first.and_then(|line| line.label.rsplit(' ').next()) {
            Some(what) => format!("{what} {words}"),
            None => words.to_owned(),
        }
    }

    /// The value of each visible line at a time: that of its point closest to it, if one is within 3 seconds or a
    /// hundredth of the window, or if its neighbours have the same.
    pub fn values_at(&self, time: f64) -> Vec<(&Line, f64)> {
        let reach = ((self.time.1 - self.time.0) / 100.0).max(3.0);
        let value = |line: &Line| {
            let after = line.points.partition_point(|point| point.0 < time);
            let near = line.points[after.saturating_sub(1)..line.points.len().min(after + 1)].iter();
            if let [before, next] = near.as_slice()
                && before.1 == next.1
            {
                return Some(before.1);
            }
            let closest = near.min_by(|a, b| (a.0 - time).abs().total_cmp(&(b.0 - time).abs()))?;
            ((closest.0 - time).abs() <= reach).then_some(closest.1)
        };
        self.lines.iter().filter_map(|line| Some((line, value(line)?))).collect()
    }

    /// The chart in a sentence.
    pub fn summary(&self, kind: ChartKind) -> String {
        let (from, to) = (format::clock(self.time.0), format::clock(self.time.1));
        if let Some(column) = self.heat.as_ref().and_then(|heat| heat.columns.last()) {
            let words: Vec<_> = column.words().into_iter().map(|(what, value)| format!("{what} {value}")).collect();
            return format!("{} from {from} to {to}. Latest: {}", kind.title(), words.join(", "));
        }
        if self.lines.iter().all(|line| line.latest.is_none()) {
            return format!("{}: no samples yet", kind.title());
        }
        let lines = self.lines.iter().filter(|line| line.visible);
        let values: Vec<_> = lines
            .filter_map(|line| Some(format!("{} {} {}", line.label, kind.format(line.latest?), kind.unit())))
            .collect();
        format!("{} from {from} to {to}. Latest: {}", kind.title(), values.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::chart_kind::Window;
    use crate::state::trial::tests::running;
    use model::metric;
    use model::series::LivePoint;

    fn samples() -> SeriesSet {
        let mut set = SeriesSet::default();
        for second in 0..60 {
            let at_ms = 1000 + second * 1000;
            let point =
                |metric: &str, entity: u32, value: f64| LivePoint { metric: metric.into(), entity, at_ms, value };
            let mut points = vec![point(metric::THROUGHPUT, 4, 900.0), point(metric::LATENCY_P50, 4, 2.5)];
            points.extend((0..4).map(|replica| point(metric::LAST_EXECUTED, replica, (second * 90) as f64)));
            set.push(&points);
        }
        set
    }

    fn options(time: (f64, f64)) -> PlotOptions {
        PlotOptions { time, pixels: 400, ticks: 4, hidden: BTreeSet::new() }
    }

    #[test]
    fn lines_are_named_after_their_entities() {
        let trial = running().summary;
        let series = samples();
        let labels = |kind| -> Vec<String> {
            plot(kind, &series, &trial, 1000, &options((0.0, 60.0))).lines.into_iter().map(|line| line.label).collect()
        };
        assert_eq!(labels(ChartKind::Throughput), ["achieved"]);
        assert_eq!(labels(ChartKind::Latency), ["p50"]);
        assert_eq!(labels(ChartKind::Committed), ["Replica 0", "Replica 1", "Replica 2", "Replica 3"]);
    }

    #[test]
    fn a_window_shows_its_part_and_one_point_before_it() {
        let trial = running().summary;
        let time = Window::Last(60).range(newest_seconds(&samples(), 1000));
        assert_eq!(time, (0.0, 59.0));
        let plot = plot(ChartKind::Throughput, &samples(), &trial, 1000, &options((20.5, 30.5)));
        let times: Vec<_> = plot.lines[0].points.iter().map(|point| point.0).collect();
        assert_eq!((times[0], times[times.len() - 1]), (20.0, 31.0));
    }

    #[test]
    fn while_a_unit_is_not_there_it_has_no_line() {
        let trial = running().summary;
        let mut series = SeriesSet::default();
        let point = |metric: &str, at_ms: i64| LivePoint { metric: metric.into(), entity: 0, at_ms, value: 1.0 };
        for at_ms in (1_000..60_000).step_by(250).filter(|at_ms| !(20_000..26_000).contains(at_ms)) {
            series.push(&[point(metric::LAST_EXECUTED, at_ms), point(metric::VIEW, at_ms)]);
        }
        let pieces = |kind, time| plot(kind, &series, &trial, 1000, &options(time)).lines[0].strokes().count();
        assert_eq!(pieces(ChartKind::Committed, (0.0, 60.0)), 2);
        assert_eq!(pieces(ChartKind::Committed, (0.0, 18.0)), 1);
        // A view holds until there is another.
        assert_eq!(pieces(ChartKind::Views, (0.0, 60.0)), 1);
        // In the picture of an hour, six seconds are two pixels.
        assert_eq!(pieces(ChartKind::Committed, (0.0, 3_600.0)), 1);
    }

    #[test]
    fn points_that_are_thinned_out_are_no_silence() {
        let trial = running().summary;
        let mut series = SeriesSet::default();
        for index in 0..30_000_i64 {
            // Uneven, so that buckets keep points at their edges.
            let value = ((index * 7_919) % 1_009) as f64;
            let point = LivePoint { metric: metric::MEMORY.into(), entity: 0, at_ms: 1000 + index * 250, value };
            series.push(&[point]);
        }
        for until in [60.0, 600.0, 3_600.0, 7_200.0] {
            let plot = plot(ChartKind::Memory, &series, &trial, 1000, &options((0.0, until)));
            assert_eq!(plot.lines[0].strokes().count(), 1, "{until}");
        }
    }

    #[test]
    fn a_hidden_line_is_listed_and_not_drawn() {
        let trial = running().summary;
        let mut options = options((0.0, 60.0));
        options.hidden.insert("Replica 1".into());
        let plot = plot(ChartKind::Committed, &samples(), &trial, 1000, &options);
        assert_eq!(plot.drawn_points(), 3 * 60);
        assert_eq!(plot.values_at(10.2).len(), 3);
        assert_eq!(plot.headline(ChartKind::Committed), Some(59.0 * 90.0));
    }

    #[test]
    fn the_heading_names_the_line_whose_value_it_shows() {
        let latency = |labels: &[&str]| {
            let line = |label: &&str| Line {
                label: (*label).to_owned(),
                style: 0,
                visible: true,
                points: vec![],
                band: vec![],
                latest: Some(1.0),
                silence: f64::INFINITY,
            };
            Plot { lines: labels.iter().map(line).collect(), ..Plot::default() }
        };
        assert_eq!(latency(&["p50", "max"]).headline_words(ChartKind::Latency, true), "p50 now");
        assert_eq!(latency(&["mean", "max"]).headline_words(ChartKind::Latency, false), "mean at the end");
        assert_eq!(latency(&["Client 1 mean"]).headline_words(ChartKind::Latency, true), "mean now");
        assert_eq!(latency(&["Replica 0"]).headline_words(ChartKind::Committed, true), "highest");
    }

    #[test]
    fn a_chart_is_silent_where_nothing_of_its_kind_was_reported_and_not_in_a_quiet_window() {
        let trial = running().summary;
        let silent = |kind, time| plot(kind, &samples(), &trial, 1000, &options(time)).is_silent();
        assert!(!silent(ChartKind::Throughput, (0.0, 60.0)) && !silent(ChartKind::Throughput, (500.0, 600.0)));
        for kind in [ChartKind::Histogram, ChartKind::Memory, ChartKind::Messages, ChartKind::Views] {
            assert!(silent(kind, (0.0, 60.0)), "{kind:?}");
        }
        // Not drawn yet.
        assert!(!Plot::default().is_silent());
    }

    #[test]
    fn without_samples_nothing_pretends_to_be_zero() {
        let trial = running().summary;
        let plot = plot(ChartKind::Latency, &SeriesSet::default(), &trial, 1000, &options((0.0, 10.0)));
        assert_eq!(plot.headline(ChartKind::Latency), None);
        assert_eq!(plot.summary(ChartKind::Latency), "Latency: no samples yet");
    }

    #[test]
    fn a_summary_gives_the_latest_values_in_words() {
        let trial = running().summary;
        let plot = plot(ChartKind::Throughput, &samples(), &trial, 1000, &options((0.0, 59.0)));
        assert_eq!(plot.summary(ChartKind::Throughput), "Throughput from 0:00 to 0:59. Latest: achieved 900 req/s");
    }
}
