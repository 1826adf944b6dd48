//! Points of the history that units report for comparison: few enough, and the same ones at every unit.

use model::report::HistoryPoint;
use protocol::engine::Digest;
use protocol::engine::block::hexadecimal;

/// About how many points go into one report. After a divergence every later point differs, so a few show it, and the store
/// is spared a row for every block.
const POINTS_A_REPORT: u64 = 8;

/// Of points after `reported` up to `last`, newest first, those that other units report too: multiples of a power of two
/// of `interval` that leaves few enough of them.
pub(super) fn choose(
    points: impl Iterator<Item = (u64, Digest)>,
    reported: u64,
    last: u64,
    interval: u64,
) -> Vec<HistoryPoint> {
    let interval = interval.max(1);
    let new = last.saturating_sub(reported) / interval;
    let stride = (new / POINTS_A_REPORT + 1).next_power_of_two() * interval;
    points
        .take_while(|(sequence, _)| *sequence > reported)
        .filter(|(sequence, _)| sequence.is_multiple_of(stride))
        .map(|(sequence, hash)| HistoryPoint { sequence, hash: hexadecimal(&hash) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(reported: u64, last: u64, interval: u64) -> Vec<u64> {
        let points = (1..=last).rev().map(|sequence| (sequence, [0; 32]));
        choose(points, reported, last, interval).into_iter().map(|point| point.sequence).collect()
    }

    #[test]
    fn few_points_are_chosen_and_units_that_report_at_different_times_choose_common_ones() {
        assert_eq!(chosen(0, 5, 1), [5, 4, 3, 2, 1]);
        assert_eq!(chosen(100, 1_000, 1), [896, 768, 640, 512, 384, 256, 128]);
        assert_eq!(chosen(170, 1_020, 1), [896, 768, 640, 512, 384, 256]);
        assert_eq!(chosen(0, 300, 100), [300, 200, 100]);
        assert_eq!(chosen(7, 7, 1), Vec::<u64>::new());
    }
}
