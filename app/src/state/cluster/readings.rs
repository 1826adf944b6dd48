//! What the replicas reported last: view, leader, last executed block, and how far each is behind.

use crate::state::series::SeriesSet;
use model::metric;
use std::collections::BTreeMap;

/// A replica that has reported nothing for longer, while others did, has no say in who leads, ms.
const SILENCE_MS: i64 = 2_000;

/// How many of a replica's last reports tell whether the leader changes within a view, and how fast it executes.
const LOOK_BACK: usize = 8;

/// How far apart the moments may be at which replicas make the reports of one moment, s: by what is executed in that time
/// they seem to differ.
const APART_S: f64 = 0.1;

type Points<'a> = &'a [(i64, f64)];

/// The last reports of all replicas.
pub(super) struct Readings<'a> {
    views: BTreeMap<u32, Points<'a>>,
    committed: BTreeMap<u32, Points<'a>>,
    lags: BTreeMap<u32, Points<'a>>,
    newest_ms: i64,
    /// How many blocks a second the fastest replica has executed over its last reports.
    pace: f64,
    /// The view that most replicas are in; of two that equally many are in, the later one.
    pub(super) main_view: Option<u64>,
    /// Whom most replicas of that view see as the leader.
    pub(super) leader: Option<u32>,
    /// Whether the leader changes within a view.
    pub(super) rotating: bool,
}

impl<'a> Readings<'a> {
    pub(super) fn of(series: &'a SeriesSet, replicas: u32, active: bool) -> Self {
        let of = |name: &'a str| -> BTreeMap<u32, Points<'a>> {
            series.of_metric(name).filter(|(entity, points)| *entity < replicas && !points.is_empty()).collect()
        };
        let (views, committed, leaders) = (of(metric::VIEW), of(metric::LAST_EXECUTED), of(metric::LEADER));
        let lags = of(metric::LAG);
        let newest_ms =
            committed.values().chain(views.values()).filter_map(|points| last_ms(points)).max().unwrap_or(0);
        let heard = |points: Points<'a>| !active || last_ms(points).is_some_and(|at| newest_ms - at <= SILENCE_MS);
        let main_view = most(views.values().filter(|points| heard(points)).filter_map(|points| last_value(points)));
        let in_view = |replica: &u32| views.get(replica).and_then(|points| last_value(points)) == main_view;
        let votes = leaders.iter().filter(|(replica, points)| heard(points) && in_view(replica));
        let leader = most(votes.filter_map(|(_, points)| last_value(points))).map(|leader| leader as u32);
        let rotating =
            leaders.iter().any(|(replica, points)| views.get(replica).is_some_and(|views| rotates(points, views)));
        let pace = committed.values().filter_map(|points| pace(points)).fold(0.0, f64::max);
        Self { views, committed, lags, newest_ms, pace, main_view, leader, rotating }
    }

    pub(super) fn view(&self, replica: u32) -> Option<u64> {
        last_value(self.views.get(&replica)?)
    }

    pub(super) fn committed(&self, replica: u32) -> Option<u64> {
        last_value(self.committed.get(&replica)?)
    }

    /// What the most advanced replica has executed.
    pub(super) fn furthest(&self) -> Option<u64> {
        self.committed.values().filter_map(|points| last_value(points)).max()
    }

    /// How many blocks a replica was behind at its last report: by what it heard of the others, which is exact but misses
    /// what it does not hear, or by what they reported before, which is the less the longer before that was.
    pub(super) fn lag(&self, replica: u32) -> u64 {
        let heard = self.lags.get(&replica).and_then(|points| last_value(points));
        heard.unwrap_or(0).max(self.lag_by_reports(replica))
    }

    /// How many blocks a replica was behind the most advanced one at its last report; of one that has fallen silent, how
    /// many it is behind now. None where that may be because they reported at different moments.
    fn lag_by_reports(&self, replica: u32) -> u64 {
        let Some(own) = self.committed.get(&replica) else { return 0 };
        let (Some(at), Some(value)) = (last_ms(own), last_value(own)) else { return 0 };
        let at = if self.newest_ms - at > SILENCE_MS { self.newest_ms } else { at };
        let furthest = self.committed.values().filter_map(|points| {
            let until = points.partition_point(|point| point.0 <= at);
            last_value(&points[..until])
        });
        let lag = furthest.max().unwrap_or(0).saturating_sub(value);
        if lag as f64 > self.pace * APART_S { lag } else { 0 }
    }
}

fn last_ms(points: Points<'_>) -> Option<i64> {
    points.last().map(|last| last.0)
}

fn last_value(points: Points<'_>) -> Option<u64> {
    points.last().map(|last| last.1.max(0.0) as u64)
}

/// What a value grew by in a second, over the last reports.
fn pace(points: Points<'_>) -> Option<f64> {
    let recent = last_of(points);
    let ((from_ms, from), (to_ms, to)) = (recent.first()?, recent.last()?);
    (to_ms > from_ms).then(|| (to - from) * 1_000.0 / (to_ms - from_ms) as f64)
}

fn last_of(points: Points<'_>) -> Points<'_> {
    &points[points.len().saturating_sub(LOOK_BACK)..]
}

fn most(values: impl Iterator<Item = u64>) -> Option<u64> {
    let mut counts = BTreeMap::<u64, usize>::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    counts.into_iter().max_by_key(|(value, count)| (*count, *value)).map(|(value, _)| value)
}

/// Whether among the last reports there are two of one view with different leaders.
fn rotates(leaders: Points<'_>, views: Points<'_>) -> bool {
    // Of a view that holds, the first and the last report are kept.
    let view_at = |at: i64| views.partition_point(|point| point.0 <= at).checked_sub(1).map(|index| views[index].1);
    last_of(leaders)
        .windows(2)
        .any(|pair| pair[0].1 != pair[1].1 && view_at(pair[0].0).is_some_and(|view| view_at(pair[1].0) == Some(view)))
}
