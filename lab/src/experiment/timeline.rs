//! How many requests were answered when, from what clients report of each interval.

use std::collections::BTreeMap;

/// The most intervals that are kept: two hours at four a second, shared by all clients.
const MAX_INTERVALS: usize = 460_000;

/// Answered requests over time.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// (start, end, answered), ms since the epoch, in the order of arrival.
    intervals: Vec<(i64, i64, u64)>,
    /// The end of each client's last interval.
    last: BTreeMap<u32, i64>,
}

impl Timeline {
    /// A client has had this many answers since its last report. Its first one only says when it began.
    pub(super) fn note(&mut self, client: u32, at_ms: i64, answered: u64) {
        let start = self.last.insert(client, at_ms);
        if let Some(start) = start
            && start < at_ms
            && self.intervals.len() < MAX_INTERVALS
        {
            self.intervals.push((start, at_ms, answered));
        }
    }

    /// The end of what is known, ms since the epoch: no client has reported less far.
    pub(super) fn end(&self) -> Option<i64> {
        self.last.values().copied().min()
    }

    /// Requests answered per second between two moments; an interval counts by the share of it that lies between.
    pub(super) fn rate(&self, from_ms: i64, to_ms: i64) -> Option<f64> {
        if to_ms <= from_ms {
            return None;
        }
        let share = |(start, end, answered): &(i64, i64, u64)| {
            let overlap = (*end).min(to_ms) - (*start).max(from_ms);
            if overlap > 0 { *answered as f64 * overlap as f64 / (end - start) as f64 } else { 0.0 }
        };
        Some(self.intervals.iter().map(share).sum::<f64>() * 1_000.0 / (to_ms - from_ms) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_all_clients_count_by_the_share_of_them_that_is_asked_for() {
        let mut timeline = Timeline::default();
        for client in [0, 1] {
            timeline.note(client, 1_000, 0);
            timeline.note(client, 2_000, 100);
            timeline.note(client, 3_000, 300);
        }
        timeline.note(7, 2_500, 1_000_000);
        assert_eq!(timeline.rate(1_000, 3_000), Some(400.0));
        assert_eq!(timeline.rate(1_500, 2_500), Some(400.0));
        assert_eq!(timeline.rate(2_000, 3_000), Some(600.0));
        assert_eq!((timeline.rate(3_000, 3_000), timeline.rate(0, 500)), (None, Some(0.0)));
        assert_eq!(timeline.end(), Some(2_500));
    }
}
