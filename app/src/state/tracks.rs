//! The lines of a chart before they are cut and thinned: which entities have one, what it is called, and its samples.

use crate::state::chart_kind::{ChartKind, Lines};
use crate::state::series::SeriesSet;
use model::ids::UnitId;
use model::metric;
use model::testbed::Engine;
use model::trial::TrialSummary;
use model::unit::UnitRole;
use std::borrow::Cow;

/// What the public framework tells of its clients' latency.
const FRAMEWORK_LATENCY: [(&str, &str); 2] = [(metric::LATENCY_MEAN, "mean"), (metric::LATENCY_MAX, "max")];

/// One line with all its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Track<'a> {
    /// Its name in the legend; unique within its chart.
    pub label: String,
    /// Its colour and dash pattern.
    pub style: usize,
    /// Where its time axis begins, milliseconds since the epoch: each trial of a comparison has its own.
    pub zero_ms: i64,
    /// (milliseconds since the epoch, value), in time order.
    pub points: Cow<'a, [(i64, f64)]>,
    /// (milliseconds since the epoch, lowest, highest): how far the line may be off, where that is known.
    pub band: Vec<(i64, f64, f64)>,
}

/// The lines of one trial's chart.
pub fn tracks<'a>(kind: ChartKind, series: &'a SeriesSet, trial: &TrialSummary, zero_ms: i64) -> Vec<Track<'a>> {
    match kind.lines() {
        // The public framework tells no percentiles.
        Lines::Metrics(_) if kind == ChartKind::Latency && trial.engine == Engine::Bftbrain => {
            of_metrics(kind, &FRAMEWORK_LATENCY, series, trial, zero_ms)
        }
        Lines::Metrics(metrics) => of_metrics(kind, metrics, series, trial, zero_ms),
        Lines::Types(prefix) => series
            .totals(prefix)
            .enumerate()
            .map(|(style, (name, points))| Track {
                label: name.to_owned(),
                style,
                zero_ms,
                points: Cow::Owned(points),
                band: Vec::new(),
            })
            .collect(),
        Lines::SlowShare => slow_share(series, trial, zero_ms),
        Lines::None => Vec::new(),
    }
}

fn of_metrics<'a>(
    kind: ChartKind,
    metrics: &'static [(&'static str, &'static str)],
    series: &'a SeriesSet,
    trial: &TrialSummary,
    zero_ms: i64,
) -> Vec<Track<'a>> {
    let mut tracks = Vec::new();
    for (index, (metric, label)) in metrics.iter().enumerate() {
        let entities: Vec<_> = series.of_metric(metric).collect();
        let several = entities.len() > 1;
        for (position, (entity, points)) in entities.into_iter().enumerate() {
            let name = entity_name(entity, trial.replicas);
            let label = match (label.is_empty(), several) {
                (true, _) => name,
                (false, false) => (*label).to_owned(),
                (false, true) => format!("{name} {label}"),
            };
            let style = if metrics.len() > 1 { index + metrics.len() * position } else { entity as usize };
            let style = if kind == ChartKind::Throughput { style % 32 } else { style };
            tracks.push(Track { label, style, zero_ms, points: Cow::Borrowed(points), band: Vec::new() });
        }
    }
    tracks
}

/// Of the blocks that a replica executed between two of its reports, the share that took the slow path, percent.
/// Reports between which nothing was executed have no share.
fn slow_share(series: &SeriesSet, trial: &TrialSummary, zero_ms: i64) -> Vec<Track<'static>> {
    let replicas = series.of_metric(metric::SLOW_PATH).filter(|(entity, _)| *entity < trial.replicas);
    let track = |(entity, slow): (u32, &[(i64, f64)])| {
        let executed = series.points(metric::LAST_EXECUTED, entity);
        let mut shares = Vec::new();
        let mut before: Option<(f64, f64)> = None;
        let mut next = 0;
        for (at_ms, slow) in slow {
            // Of a long trial both series are thinned, each in its own way: what was executed last by then counts.
            while executed.get(next + 1).is_some_and(|point| point.0 <= *at_ms) {
                next += 1;
            }
            let Some((_, count)) = executed.get(next).filter(|point| point.0 <= *at_ms) else { continue };
            if let Some((slow_before, count_before)) = before {
                // A restarted replica counts from the beginning again.
                if *count > count_before && *slow >= slow_before {
                    shares.push((*at_ms, ((slow - slow_before) / (count - count_before) * 100.0).min(100.0)));
                } else if *count == count_before {
                    continue;
                }
            }
            before = Some((*slow, *count));
        }
        (entity, shares)
    };
    // The public framework tells the share itself, of 1.
    let told = series.of_metric(metric::SLOW_PATH_SHARE).filter(|(entity, _)| *entity < trial.replicas);
    let percent = |(entity, shares): (u32, &[(i64, f64)])| {
        (entity, shares.iter().map(|(at_ms, share)| (*at_ms, (share * 100.0).min(100.0))).collect())
    };
    let finish = |(entity, shares): (u32, Vec<(i64, f64)>)| Track {
        label: entity_name(entity, trial.replicas),
        style: entity as usize,
        zero_ms,
        points: Cow::Owned(shares),
        band: Vec::new(),
    };
    replicas.map(track).chain(told.map(percent)).map(finish).collect()
}

fn entity_name(entity: u32, replicas: u32) -> String {
    UnitRole::of(UnitId(entity + 1), replicas).label()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::trial::tests::running;
    use model::series::LivePoint;

    fn series(points: &[(&str, u32, i64, f64)]) -> SeriesSet {
        let mut set = SeriesSet::default();
        let live = |(metric, entity, at_ms, value): &(&str, u32, i64, f64)| LivePoint {
            metric: (*metric).into(),
            entity: *entity,
            at_ms: *at_ms,
            value: *value,
        };
        set.push(&points.iter().map(live).collect::<Vec<_>>());
        set
    }

    #[test]
    fn the_slow_share_is_of_the_blocks_between_two_reports() {
        let set = series(&[
            (metric::SLOW_PATH, 0, 1000, 0.0),
            (metric::LAST_EXECUTED, 0, 1000, 10.0),
            (metric::SLOW_PATH, 0, 2000, 5.0),
            (metric::LAST_EXECUTED, 0, 2000, 20.0),
            (metric::SLOW_PATH, 0, 3000, 5.0),
            (metric::LAST_EXECUTED, 0, 3000, 20.0),
            (metric::SLOW_PATH, 0, 4000, 0.0),
            (metric::LAST_EXECUTED, 0, 4000, 3.0),
            (metric::SLOW_PATH, 4, 4000, 3.0),
        ]);
        let tracks = tracks(ChartKind::SlowPath, &set, &running().summary, 0);
        assert_eq!(tracks.len(), 1);
        assert_eq!(tracks[0].points.as_ref(), [(2000, 50.0)]);
    }

    #[test]
    fn a_thinned_series_still_has_its_slow_share() {
        let set = series(&[
            (metric::LAST_EXECUTED, 0, 1000, 10.0),
            (metric::SLOW_PATH, 0, 1200, 1.0),
            (metric::LAST_EXECUTED, 0, 9000, 90.0),
            (metric::SLOW_PATH, 0, 9100, 21.0),
        ]);
        let tracks = tracks(ChartKind::SlowPath, &set, &running().summary, 0);
        assert_eq!(tracks[0].points.as_ref(), [(9100, 25.0)]);
    }

    #[test]
    fn the_latency_of_the_public_framework_is_its_mean_and_its_maximum() {
        let set = series(&[(metric::LATENCY_MEAN, 4, 1000, 1.5), (metric::LATENCY_MAX, 4, 1000, 9.0)]);
        let labels = |engine| {
            let trial = TrialSummary { engine, ..running().summary };
            tracks(ChartKind::Latency, &set, &trial, 0).into_iter().map(|track| track.label).collect::<Vec<_>>()
        };
        assert_eq!(
            (labels(Engine::Bftbrain), labels(Engine::Native)),
            (vec!["mean".into(), "max".into()], vec!["max".into()])
        );
    }

    #[test]
    fn a_share_that_is_told_as_such_is_on_the_same_chart_in_percent() {
        let set = series(&[(metric::SLOW_PATH_SHARE, 0, 1000, 0.25), (metric::SLOW_PATH_SHARE, 4, 1000, 0.5)]);
        let tracks = tracks(ChartKind::SlowPath, &set, &running().summary, 0);
        assert_eq!((tracks.len(), tracks[0].points.as_ref()), (1, &[(1000, 25.0)][..]));
    }

    #[test]
    fn the_types_of_messages_are_summed_over_the_units() {
        let name = metric::messages_of_type("PREPARE");
        let set = series(&[(&name, 0, 1000, 10.0), (&name, 1, 1100, 20.0), (&name, 0, 1500, 30.0)]);
        let tracks = tracks(ChartKind::Messages, &set, &running().summary, 0);
        assert_eq!(tracks[0].label, "PREPARE");
        assert_eq!(tracks[0].points.as_ref(), [(1000, 40.0)]);
    }
}
