//! The list of trials as a person searches, filters and sorts it.

pub mod column;
pub mod figures;
pub mod filter;

use column::Column;
use filter::{SettingFilter, Settings, Words};
use model::ids::TrialId;
use model::trial::TrialSummary;

/// What a person wants to see of the list, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What was typed: words, and conditions such as `block-size>=10`.
    pub search: String,
    /// Only this protocol; its name.
    pub protocol: Option<String>,
    /// Only this verdict, in the page's words.
    pub verdict: Option<String>,
    /// Only this state, in the page's words.
    pub state: Option<String>,
    /// What it is sorted by.
    pub column: Column,
    /// Smallest, oldest or first in the alphabet on top.
    pub ascending: bool,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            search: String::new(),
            protocol: None,
            verdict: None,
            state: None,
            column: Column::Started,
            ascending: false,
        }
    }
}

impl Query {
    /// Sorts by a column; by the same one the other way round.
    pub fn sort_by(&mut self, column: Column) {
        self.ascending = if self.column == column { !self.ascending } else { column.starts_ascending() };
        self.column = column;
    }

    /// Whether anything is left out.
    pub fn filters(&self) -> bool {
        !self.search.trim().is_empty() || self.protocol.is_some() || self.verdict.is_some() || self.state.is_some()
    }

    /// Shows all again, in the same order.
    pub fn clear(&mut self) {
        *self = Self { column: self.column, ascending: self.ascending, ..Self::default() };
    }
}

/// The trials that a query finds, in its order: pinned ones first. `title` gives a protocol the name that people read.
///
/// # Errors
/// A sentence, where a condition in the search names no setting.
pub fn found(
    trials: &[TrialSummary],
    query: &Query,
    settings: &Settings,
    title: impl Fn(&str) -> String,
) -> Result<Vec<TrialId>, String> {
    let Words { words, conditions } = filter::read(&query.search)?;
    let fits = |trial: &&TrialSummary| {
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        is(&query.protocol, &trial.protocol)
            && is(&query.verdict, crate::state::summary::verdict_label(Some(trial)))
            && is(&query.state, trial.state.label())
            && conditions.iter().all(|condition: &SettingFilter| condition.fits(settings.get(&trial.id)))
            && words_are_in(&words, trial, settings, &title)
    };
    let mut found: Vec<&TrialSummary> = trials.iter().filter(fits).collect();
    found.sort_by(|one, other| {
        let by_column = query.column.compare(one, other, query.ascending, &title);
        other.pinned.cmp(&one.pinned).then(by_column).then(other.id.cmp(&one.id))
    });
    Ok(found.into_iter().map(|trial| trial.id).collect())
}

fn words_are_in(words: &[String], trial: &TrialSummary, settings: &Settings, title: impl Fn(&str) -> String) -> bool {
    if words.is_empty() {
        return true;
    }
    let (protocol, place) = (title(&trial.protocol), column::ran_on(trial));
    let mut text = format!("{} {} {} {protocol} {place}", trial.name, trial.note, trial.protocol);
    for (key, value) in settings.get(&trial.id).into_iter().flatten() {
        text.push_str(&format!(" {key}={value}"));
    }
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::trial::tests::running;
    use model::figures::{LatencyFigures, TrialFigures};
    use model::statistics::Estimate;
    use model::testbed::{Engine, TestbedName};
    use model::trial::{TrialState, Verdict};

    fn trial(id: i64, name: &str, protocol: &str, throughput: Option<f64>) -> TrialSummary {
        let mut trial = running().summary;
        trial.id = TrialId(id);
        trial.name = name.into();
        trial.protocol = protocol.into();
        trial.state = TrialState::Finished;
        trial.verdict = Some(Verdict::Pass);
        trial.started_ms = Some(id * 1_000);
        trial.figures = throughput.map(|mean| TrialFigures {
            throughput: Some(Estimate { mean, half_width: None }),
            latency: Some(LatencyFigures { p50: 1.0, p90: 2.0, p99: 1_000.0 - mean, max: 4.0 }),
            ..TrialFigures::default()
        });
        trial
    }

    fn trials() -> Vec<TrialSummary> {
        let mut trials = vec![
            trial(1, "baseline", "pbft", Some(500.0)),
            trial(2, "Slow leader", "prime", Some(90.0)),
            trial(3, "failed", "pbft", None),
        ];
        trials[1].note = "the timer was 400".into();
        trials[2].state = TrialState::Failed { reason: "x".into() };
        trials[2].verdict = None;
        trials[0].testbed = TestbedName::new("six-hosts").unwrap();
        trials[1].engine = Engine::Bftbrain;
        trials
    }

    fn settings() -> Settings {
        Settings::from([(TrialId(2), vec![("fault.slow-proposal.timer".to_owned(), "400".to_owned())])])
    }

    fn ids(query: &Query) -> Vec<i64> {
        let title = |name: &str| name.to_uppercase();
        found(&trials(), query, &settings(), title).unwrap().into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn words_are_looked_for_in_name_note_protocol_place_and_settings() {
        let search = |search: &str| ids(&Query { search: search.into(), ..Query::default() });
        assert_eq!(search(""), [3, 2, 1]);
        assert_eq!(search("SLOW"), [2]);
        assert_eq!(search("timer was"), [2]);
        assert_eq!(search("pbft base"), [1]);
        assert_eq!(search("slow-proposal"), [2]);
        assert_eq!((search("six-hosts"), search("this machine"), search("bftbrain")), (vec![1], vec![3, 2], vec![2]));
        assert!(search("nothing like it").is_empty());
    }

    #[test]
    fn conditions_ask_for_settings_those_at_their_defaults_too() {
        let search = |search: &str| ids(&Query { search: search.into(), ..Query::default() });
        assert_eq!(search("slow-proposal.timer=400"), [2]);
        assert_eq!(search("fault.slow-proposal.timer<400"), [3, 1]);
        assert_eq!(search("block-size=10 slow-proposal.timer>=100"), [2]);
        let unknown = Query { search: "blocksize=1".into(), ..Query::default() };
        assert!(found(&trials(), &unknown, &settings(), str::to_owned).unwrap_err().contains("blocksize"));
    }

    #[test]
    fn a_column_sorts_both_ways_and_what_has_no_figure_stays_last() {
        let mut query = Query::default();
        query.sort_by(Column::Throughput);
        assert_eq!(ids(&query), [1, 2, 3]);
        query.sort_by(Column::Throughput);
        assert_eq!(ids(&query), [2, 1, 3]);
        query.sort_by(Column::Name);
        assert_eq!(ids(&query), [1, 3, 2]);
        query.sort_by(Column::Testbed);
        assert_eq!(ids(&query), [1, 3, 2]);
    }

    #[test]
    fn filters_narrow_and_pinned_trials_stay_on_top() {
        let query = Query { protocol: Some("pbft".into()), ..Query::default() };
        assert_eq!(ids(&query), [3, 1]);
        assert_eq!(ids(&Query { verdict: Some("Pass".into()), ..Query::default() }), [2, 1]);
        assert_eq!(ids(&Query { state: Some("Failed".into()), ..query.clone() }), [3]);
        let mut pinned = trials();
        pinned[0].pinned = true;
        let found = found(&pinned, &Query::default(), &settings(), str::to_owned).unwrap();
        assert_eq!(found[0], TrialId(1));
    }
}
