//! When the replicas went from one view to another, and who leads there.

use crate::state::series::SeriesSet;
use model::metric;
use std::collections::BTreeMap;

/// The most changes told one by one; where there are more, those that follow close on each other are told as one.
const MOST: usize = 60;
/// Changes closer together than this are one at any rate, ms.
const CLOSEST_MS: i64 = 400;

/// One or more changes of view at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// When the first replica reported the first of these views, milliseconds since the epoch.
    pub(super) at_ms: i64,
    from: u64,
    to: u64,
    leader: Option<u32>,
}

impl Change {
    /// What stands on its flag.
    pub(super) fn flag(&self) -> String {
        format!("view {}", self.to)
    }

    /// What happened, in words.
    pub(super) fn text(&self) -> String {
        let views = if self.from == self.to {
            format!("View {}", self.to)
        } else {
            format!("Views {} to {}", self.from, self.to)
        };
        match self.leader {
            Some(leader) => format!("{views}: replica {leader} leads"),
            None => views,
        }
    }
}

/// The changes of a trial, in time order, at most [`MOST`].
pub(super) fn changes(series: &SeriesSet, replicas: u32) -> Vec<Change> {
    // Each view with when it was reported first, and by whom.
    let mut first = BTreeMap::<u64, (i64, u32)>::new();
    for (replica, points) in series.of_metric(metric::VIEW).filter(|(entity, _)| *entity < replicas) {
        let mut before = 0.0;
        for (at_ms, view) in points {
            if *view > before {
                let known = first.entry(*view as u64).or_insert((*at_ms, replica));
                *known = (*known).min((*at_ms, replica));
            }
            before = *view;
        }
    }
    let leader = |replica: u32, at_ms: i64| {
        let points = series.points(metric::LEADER, replica);
        let until = points.partition_point(|point| point.0 <= at_ms);
        points[..until].last().map(|point| point.1.max(0.0) as u32)
    };
    let single = first.iter().map(|(view, (at_ms, replica))| Change {
        at_ms: *at_ms,
        from: *view,
        to: *view,
        leader: leader(*replica, *at_ms),
    });
    let mut changes: Vec<Change> = single.collect();
    changes.sort_by_key(|change| (change.at_ms, change.to));
    let mut closest = CLOSEST_MS;
    changes = joined(changes, closest);
    while changes.len() > MOST {
        closest *= 2;
        changes = joined(changes, closest);
    }
    changes
}

/// Those that follow the one before within `closest` ms become one with it.
fn joined(changes: Vec<Change>, closest: i64) -> Vec<Change> {
    let mut fewer: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        match fewer.last_mut().filter(|last| change.at_ms - last.at_ms < closest) {
            Some(last) => {
                *last = Change {
                    at_ms: last.at_ms,
                    from: last.from.min(change.from),
                    to: last.to.max(change.to),
                    leader: if change.to >= last.to { change.leader } else { last.leader },
                };
            }
            None => fewer.push(change),
        }
    }
    fewer
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::series::LivePoint;

    fn series(reports: &[(u32, i64, u64, u32)]) -> SeriesSet {
        let mut set = SeriesSet::default();
        for (entity, at_ms, view, leader) in reports {
            let point =
                |metric: &str, value: f64| LivePoint { metric: metric.into(), entity: *entity, at_ms: *at_ms, value };
            set.push(&[point(metric::LEADER, f64::from(*leader)), point(metric::VIEW, *view as f64)]);
        }
        set
    }

    #[test]
    fn a_view_is_told_once_where_the_first_replica_reported_it() {
        let set = series(&[(0, 1_000, 0, 0), (1, 1_010, 0, 0), (2, 5_000, 1, 1), (1, 5_200, 1, 1), (0, 9_000, 1, 1)]);
        let changes = changes(&set, 4);
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].at_ms, changes[0].text().as_str()), (5_000, "View 1: replica 1 leads"));
        assert_eq!(changes[0].flag(), "view 1");
    }

    #[test]
    fn views_in_quick_succession_are_one_mark_and_a_restart_is_none() {
        let set = series(&[(0, 1_000, 0, 0), (0, 5_000, 3, 3), (1, 5_100, 4, 0), (0, 7_000, 0, 0), (0, 8_000, 4, 0)]);
        let texts: Vec<_> = changes(&set, 4).iter().map(Change::text).collect();
        assert_eq!(texts, ["Views 3 to 4: replica 0 leads"]);
    }

    #[test]
    fn thousands_of_views_are_a_bounded_number_of_marks() {
        let reports: Vec<_> = (0..6_000).map(|view| (0, i64::from(view) * 1_000, u64::from(view), view % 4)).collect();
        let found = changes(&series(&reports), 4);
        assert!(found.len() <= MOST && found.len() > MOST / 4, "{}", found.len());
        assert_eq!((found[0].from, found[found.len() - 1].to), (1, 5_999));
    }
}
