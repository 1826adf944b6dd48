//! A comparison as the address of its page: whoever opens the same link sees the same.

use crate::state::compare::overlay::Percentile;
use model::ids::TrialId;

/// The most trials that are compared: as many as there are colours.
pub const MAX_TRIALS: usize = 8;

/// What stands at the same place of the time axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// The moment at which the clients began.
    #[default]
    Start,
    /// A mark of each trial, counted from 1.
    Mark(usize),
}

/// What is compared, and how it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The trials, each once, at most [`MAX_TRIALS`].
    pub trials: Vec<TrialId>,
    /// The trial that the others are measured against, if one was chosen; see [`Comparison::baseline`].
    pub chosen: Option<TrialId>,
    /// How their times are aligned.
    pub align: Align,
    /// Which percentile of the latency is drawn.
    pub percentile: Percentile,
    /// Whether repetitions of one setting are shown as one.
    pub merged: bool,
}

impl Comparison {
    /// Reads the values of a query; what does not fit is passed over.
    pub fn read(value: impl Fn(&str) -> Option<String>) -> Self {
        let mut trials = Vec::new();
        for id in value("trials").unwrap_or_default().split(',').filter_map(|id| id.trim().parse().ok().map(TrialId)) {
            if !trials.contains(&id) && trials.len() < MAX_TRIALS {
                trials.push(id);
            }
        }
        let mark = value("align").and_then(|align| align.strip_prefix("mark:")?.parse::<usize>().ok());
        let percentile = value("percentile").unwrap_or_default();
        Self {
            trials,
            chosen: value("baseline").and_then(|id| id.parse().ok().map(TrialId)),
            align: mark.filter(|mark| *mark > 0).map_or(Align::Start, Align::Mark),
            percentile: Percentile::ALL.into_iter().find(|one| one.label() == percentile).unwrap_or_default(),
            merged: value("repetitions").is_some_and(|repetitions| repetitions == "merged"),
        }
    }

    /// The query that reads back as this, with its question mark; what is as it is by itself is left out.
    pub fn query(&self) -> String {
        let ids: Vec<_> = self.trials.iter().map(ToString::to_string).collect();
        let mut query = format!("?trials={}", ids.join(","));
        if let Some(chosen) = self.chosen.filter(|chosen| Some(chosen) != self.trials.first()) {
            query.push_str(&format!("&baseline={chosen}"));
        }
        if let Align::Mark(mark) = self.align {
            query.push_str(&format!("&align=mark:{mark}"));
        }
        if self.percentile != Percentile::default() {
            query.push_str(&format!("&percentile={}", self.percentile.label()));
        }
        if self.merged {
            query.push_str("&repetitions=merged");
        }
        query
    }

    /// The trial that the others are measured against: the chosen one, else the first.
    pub fn baseline(&self) -> Option<TrialId> {
        self.chosen.filter(|chosen| self.trials.contains(chosen)).or(self.trials.first().copied())
    }

    /// With one more trial, where it fits.
    pub fn with(mut self, trial: TrialId) -> Self {
        if !self.trials.contains(&trial) && self.trials.len() < MAX_TRIALS {
            self.trials.push(trial);
        }
        self
    }

    /// Without a trial.
    pub fn without(mut self, trial: TrialId) -> Self {
        self.trials.retain(|known| *known != trial);
        self.chosen = self.chosen.filter(|chosen| *chosen != trial);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Comparison {
        Comparison::read(|wanted| {
            let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(key, _)| *key == wanted).map(|(_, value)| value.to_owned()).next()
        })
    }

    #[test]
    fn a_link_shows_the_same_comparison() {
        for query in ["?trials=3,5,7", "?trials=3,5&baseline=5&align=mark:2&percentile=p99&repetitions=merged"] {
            assert_eq!(read(query).query(), query);
        }
        assert_eq!(read("trials=3,5").baseline(), Some(TrialId(3)));
        assert_eq!(read("trials=3,5&baseline=5").baseline(), Some(TrialId(5)));
    }

    #[test]
    fn what_does_not_fit_in_a_link_is_passed_over() {
        let read = read("trials=3,x,3,-,4,5,6,7,8,9,10,11&baseline=99&align=mark:0&percentile=p12");
        assert_eq!(read.trials.len(), MAX_TRIALS);
        assert_eq!((read.align, read.percentile, read.baseline()), (Align::Start, Percentile::P50, Some(TrialId(3))));
    }

    #[test]
    fn trials_come_and_go() {
        let one = read("trials=3,5&baseline=5").with(TrialId(7)).with(TrialId(7)).without(TrialId(5));
        assert_eq!((one.query().as_str(), one.baseline()), ("?trials=3,7", Some(TrialId(3))));
    }
}
