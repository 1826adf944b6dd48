//! What the replicas' histories say of a run: the one place where they are compared, whoever runs the replicas.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// How many places are remembered for comparison. A replica that lags further behind the others than this is not
/// compared at the places it missed; its history is rolling, so that any later point shows the difference too.
const MAX_POINTS: usize = 10_000;

/// A run in which clients have got no answer for so long stands still, ms: many times what it takes to replace a leader.
pub const STANDSTILL_MS: i64 = 5_000;

/// Whether clients get answers, from what units report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// When clients got the last one, ms.
    last_ms: Option<i64>,
    /// When the newest report was made, ms.
    newest_ms: i64,
}

impl Answers {
    /// A unit reported at a time; `answered` says whether it is a client that accepted an answer.
    pub fn reported(&mut self, answered: bool, at_ms: i64) {
        self.newest_ms = self.newest_ms.max(at_ms);
        if answered {
            self.last_ms = self.last_ms.max(Some(at_ms));
        }
    }

    /// Whether a report tells anything that counts: units report more often than that is.
    pub fn is_news(&self, answered: bool, at_ms: i64) -> bool {
        let known_ms = if answered { self.last_ms } else { Some(self.newest_ms) };
        known_ms.is_none_or(|known| at_ms.saturating_sub(known) >= STANDSTILL_MS / 10)
    }

    /// Whether clients have got answers, and still did less than [`STANDSTILL_MS`] before the newest report.
    pub fn come(&self) -> bool {
        self.last_ms.is_some_and(|last| self.newest_ms.saturating_sub(last) < STANDSTILL_MS)
    }
}

/// What the replicas' histories say of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Clients got answers, and all replicas that reached the same sequence number executed the same ones.
    Pass,
    /// No client got an answer, or none for [`STANDSTILL_MS`] by the end.
    NoProgress,
    /// Two replicas executed different histories, or came from the same history to different states.
    Diverged(Divergence),
}

impl Verdict {
    /// The words the page shows.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::NoProgress => "No progress",
            Self::Diverged(_) => "Diverged",
        }
    }
}

/// What can be compared at a sequence number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// The rolling hash over all executed blocks.
    #[default]
    History,
    /// The digest of the replicated state, at a checkpoint.
    State,
}

/// Who says what it executed, or accepted as executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Voter {
    /// A replica, of what it executed.
    Replica(u32),
    /// A client unit, of a result that it accepted.
    Client(u32),
}

impl Voter {
    /// The voter with this entity number, in a trial with `replicas` replicas: client i is replicas + i.
    pub fn of_entity(entity: u32, replicas: u32) -> Self {
        match entity.checked_sub(replicas) {
            None => Self::Replica(entity),
            Some(client) => Self::Client(client),
        }
    }
}

/// A place at which not all say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Divergence {
    /// The first sequence number at which they are known to differ.
    pub sequence: u64,
    /// What differs there. Trials of earlier versions compared histories only.
    #[serde(default)]
    pub what: Compared,
    /// (replica, hash) of the replicas compared there.
    pub replicas: Vec<(u32, String)>,
    /// (client, hash) of the clients that accepted a result from there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<(u32, String)>,
}

impl fmt::Display for Divergence {
    /// "Replicas 0, 1, 2 executed different blocks at sequence 200".
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |one: &str, many: &str, of: &[(u32, String)]| {
            let numbers: Vec<String> = of.iter().map(|(number, _)| number.to_string()).collect();
            match numbers.len() {
                0 => None,
                1 => Some(format!("{one} {}", numbers[0])),
                _ => Some(format!("{many} {}", numbers.join(", "))),
            }
        };
        let replicas = named("replica", "replicas", &self.replicas);
        let clients = named("client", "clients", &self.clients);
        let who = [replicas, clients].into_iter().flatten().collect::<Vec<_>>().join(" and ");
        let mut letters = who.chars();
        let first = letters.next().unwrap_or_default().to_ascii_uppercase();
        let what = match (self.what, self.clients.is_empty()) {
            (Compared::History, true) => "executed different blocks at",
            (Compared::History, false) => "do not agree on the blocks up to",
            (Compared::State, _) => "reached different states at",
        };
        write!(formatter, "{first}{} {what} sequence {}", letters.as_str(), self.sequence)
    }
}

/// Those who named the same hash.
type Group = (String, Vec<Voter>);

/// Compares what is told of each place, as it comes. Its memory is bounded.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// At each place the different hashes, each with those who named it; one hash is as it should be.
    points: BTreeMap<(u64, Compared), Vec<Group>>,
    first: Option<Divergence>,
}

impl Comparison {
    /// Nothing told yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what a replica's history is at a place; answers with all that is known of the place if not all agree there.
    pub fn note(&mut self, replica: u32, sequence: u64, hash: &str) -> Option<Verdict> {
        self.note_vote(Voter::Replica(replica), Compared::History, sequence, hash).map(Verdict::Diverged)
    }

    /// Takes what anybody says of a place.
    pub fn note_vote(&mut self, voter: Voter, what: Compared, sequence: u64, hash: &str) -> Option<Divergence> {
        let groups = self.points.entry((sequence, what)).or_default();
        match groups.iter_mut().find(|(known, _)| known == hash) {
            Some((_, voters)) if voters.contains(&voter) => {}
            Some((_, voters)) => voters.push(voter),
            None => groups.push((hash.to_owned(), vec![voter])),
        }
        let found = (groups.len() > 1).then(|| divergence(sequence, what, groups));
        if self.points.len() > MAX_POINTS {
            self.points.pop_first();
        }
        if let Some(found) = &found
            && self.first.as_ref().is_none_or(|first| found.sequence <= first.sequence)
        {
            self.first = Some(found.clone());
        }
        found
    }

    /// The first place at which not all agree, of those compared so far.
    pub fn divergence(&self) -> Option<&Divergence> {
        self.first.as_ref()
    }

    /// The verdict on a run; `progressed` says whether clients get answers, as [`Answers::come`] has it.
    pub fn verdict(&self, progressed: bool) -> Verdict {
        match &self.first {
            Some(divergence) => Verdict::Diverged(divergence.clone()),
            None if progressed => Verdict::Pass,
            None => Verdict::NoProgress,
        }
    }
}

fn divergence(sequence: u64, what: Compared, groups: &[Group]) -> Divergence {
    let (mut replicas, mut clients) = (Vec::new(), Vec::new());
    for (hash, voters) in groups {
        for voter in voters {
            match voter {
                Voter::Replica(replica) => replicas.push((*replica, hash.clone())),
                Voter::Client(client) => clients.push((*client, hash.clone())),
            }
        }
    }
    replicas.sort_unstable();
    clients.sort_unstable();
    Divergence { sequence, what, replicas, clients }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(votes: &[(u32, &str)]) -> Vec<(u32, String)> {
        votes.iter().map(|(voter, hash)| (*voter, (*hash).to_owned())).collect()
    }

    #[test]
    fn a_run_whose_clients_get_no_answers_any_more_stands_still_until_they_do() {
        let mut answers = Answers::default();
        answers.reported(false, 1_000);
        assert!(!answers.come());
        answers.reported(true, 2_000);
        assert!(!answers.is_news(true, 2_499) && answers.is_news(true, 2_500) && !answers.is_news(false, 2_499));
        answers.reported(false, 6_999);
        assert!(answers.come());
        answers.reported(false, 7_000);
        assert!(!answers.come());
        answers.reported(true, 7_500);
        // Reports of several units come in any order.
        answers.reported(true, 7_200);
        answers.reported(false, 7_300);
        assert!(answers.come());
    }

    #[test]
    fn replicas_that_agree_pass_and_one_that_differs_is_named_with_all_others_at_its_place() {
        let mut comparison = Comparison::new();
        for replica in 0..3 {
            assert_eq!(comparison.note(replica, 100, "aa"), None);
        }
        assert_eq!((comparison.verdict(true), comparison.verdict(false)), (Verdict::Pass, Verdict::NoProgress));
        let Some(Verdict::Diverged(found)) = comparison.note(3, 100, "bb") else { panic!("not found") };
        assert_eq!((found.sequence, found.what), (100, Compared::History));
        assert_eq!(found.replicas, named(&[(0, "aa"), (1, "aa"), (2, "aa"), (3, "bb")]));
        assert_eq!(found.to_string(), "Replicas 0, 1, 2, 3 executed different blocks at sequence 100");
        assert_eq!(comparison.verdict(false), Verdict::Diverged(found));
    }

    #[test]
    fn the_first_place_counts_and_every_place_once_a_voter() {
        let mut comparison = Comparison::new();
        for sequence in [300, 200] {
            comparison.note(0, sequence, "aa");
            comparison.note(1, sequence, "bb");
            comparison.note(1, sequence, "bb");
        }
        let first = comparison.divergence().unwrap();
        assert_eq!((first.sequence, first.replicas.len()), (200, 2));
    }

    #[test]
    fn states_are_compared_apart_from_histories() {
        let mut comparison = Comparison::new();
        assert_eq!(comparison.note_vote(Voter::Replica(0), Compared::History, 100, "aa"), None);
        assert_eq!(comparison.note_vote(Voter::Replica(0), Compared::State, 100, "cc"), None);
        let found = comparison.note_vote(Voter::Replica(1), Compared::State, 100, "dd").unwrap();
        assert_eq!(found.to_string(), "Replicas 0, 1 reached different states at sequence 100");
    }

    #[test]
    fn a_client_that_accepted_what_a_replica_did_not_execute_is_named() {
        let mut comparison = Comparison::new();
        assert_eq!(Voter::of_entity(5, 4), Voter::Client(1));
        comparison.note(2, 8, "aa");
        let found = comparison.note_vote(Voter::of_entity(4, 4), Compared::History, 8, "bb").unwrap();
        assert_eq!((found.replicas.clone(), found.clients.clone()), (named(&[(2, "aa")]), named(&[(0, "bb")])));
        assert_eq!(found.to_string(), "Replica 2 and client 0 do not agree on the blocks up to sequence 8");
    }

    #[test]
    fn the_memory_is_bounded_and_what_was_found_stays() {
        let mut comparison = Comparison::new();
        comparison.note(0, 1, "aa");
        comparison.note(1, 1, "bb");
        for sequence in 2..20_000 {
            comparison.note(0, sequence, "aa");
        }
        assert_eq!(comparison.points.len(), MAX_POINTS);
        assert_eq!(comparison.divergence().map(|found| found.sequence), Some(1));
    }

    #[test]
    fn verdicts_that_earlier_versions_stored_are_read() {
        let stored = r#"{"verdict":"diverged","sequence":7,"replicas":[[0,"aa"],[1,"bb"]]}"#;
        let verdict: Verdict = serde_json::from_str(stored).unwrap();
        let Verdict::Diverged(found) = &verdict else { panic!("{verdict:?}") };
        assert_eq!((found.what, found.replicas.len(), found.clients.len()), (Compared::History, 2, 0));
        let written = serde_json::to_string(&verdict).unwrap();
        assert_eq!(serde_json::from_str::<Verdict>(&written).unwrap(), verdict);
        assert_eq!(serde_json::to_string(&Verdict::NoProgress).unwrap(), r#"{"verdict":"no_progress"}"#);
    }
}
