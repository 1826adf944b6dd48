//! What each change of the configuration did to the throughput.

use super::outcome::FaultFigures;
use super::timeline::Timeline;

/// How far back the throughput before a change is looked at, ms.
const BEFORE_MS: i64 = 5_000;
/// The time over which throughput counts as recovered, ms; less where the next change comes sooner.
const OVER_MS: i64 = 1_000;
/// No less than that: throughput over a shorter time is a matter of chance.
const LEAST_OVER_MS: i64 = 250;
/// The step in which the moment of recovery is looked for, ms.
const STEP_MS: i64 = 50;
/// The share of the throughput before that counts as recovered.
const RECOVERED: f64 = 0.9;

/// A change that was made: when (ms since the epoch), and what.
pub(super) type Change = (i64, String);

/// The figures of all changes, in order. The measured time is from `from_ms` to `to_ms`.
pub(super) fn figures(timeline: &Timeline, changes: &[Change], from_ms: i64, to_ms: i64) -> Vec<FaultFigures> {
    let to_ms = timeline.end().map_or(to_ms, |end| end.min(to_ms));
    let of_change = |(index, (at_ms, change)): (usize, &Change)| {
        let begin = index.checked_sub(1).map_or(from_ms, |before| changes[before].0);
        let end = changes.get(index + 1).map_or(to_ms, |(next, _)| *next);
        let before = timeline.rate(begin.max(at_ms - BEFORE_MS), *at_ms);
        FaultFigures {
            at_s: (at_ms - from_ms) as f64 / 1_000.0,
            change: change.clone(),
            throughput_before_req_s: before,
            throughput_after_req_s: timeline.rate(*at_ms, end),
            // What stood still has nothing to come back to.
            recovered_after_ms: before
                .filter(|before| *before > 0.0)
                .and_then(|before| recovery(timeline, before, *at_ms, end)),
        }
    };
    changes.iter().enumerate().map(of_change).collect()
}

fn recovery(timeline: &Timeline, before: f64, at_ms: i64, end_ms: i64) -> Option<i64> {
    let over_ms = OVER_MS.min(end_ms - at_ms).max(LEAST_OVER_MS);
    let mut moments = (0..).map(|step| step * STEP_MS).take_while(|after| at_ms + after + over_ms <= end_ms);
    moments.find(|after| {
        let rate = timeline.rate(at_ms + after, at_ms + after + over_ms);
        rate.is_some_and(|rate| rate >= RECOVERED * before)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One client that reports this many answers for each 250 ms.
    fn timeline(answers: &[u64]) -> Timeline {
        let mut timeline = Timeline::default();
        timeline.note(0, 0, 0);
        for (index, answered) in answers.iter().enumerate() {
            timeline.note(0, 250 * (index as i64 + 1), *answered);
        }
        timeline
    }

    #[test]
    fn an_outage_is_measured_from_the_change_to_the_first_good_second() {
        let mut answers = vec![100; 8];
        answers.extend([0; 8]);
        answers.extend([100; 8]);
        let changes = vec![(2_000, "crash".to_owned())];
        let figures = figures(&timeline(&answers), &changes, 1_000, 9_000);
        let found = &figures[0];
        assert_eq!((found.at_s, found.throughput_before_req_s), (1.0, Some(400.0)));
        assert_eq!(found.throughput_after_req_s, Some(200.0));
        // 1,900 ms: from there on a second has at most a tenth of outage.
        assert_eq!(found.recovered_after_ms, Some(1_900));
    }

    #[test]
    fn what_never_falls_recovers_at_once_and_what_never_comes_back_not_at_all() {
        let mut answers = vec![100; 16];
        answers.extend([10; 16]);
        let changes = vec![(2_000, "nothing".to_owned()), (4_000, "for good".to_owned())];
        let figures = figures(&timeline(&answers), &changes, 0, 8_000);
        assert_eq!((figures[0].recovered_after_ms, figures[1].recovered_after_ms), (Some(0), None));
        assert_eq!(figures[1].throughput_after_req_s, Some(40.0));
    }

    #[test]
    fn what_stood_still_before_does_not_count_as_recovered() {
        let figures = figures(&timeline(&[0; 16]), &[(2_000, "one more crash".to_owned())], 0, 4_000);
        assert_eq!((figures[0].throughput_before_req_s, figures[0].recovered_after_ms), (Some(0.0), None));
    }
}
