//! Words for what the page shows with badges.

use model::testbed::Engine;
use model::trial::{TrialState, TrialSummary, Verdict};
use model::unit::{UnitHealth, UnitStatus};

/// How serious something is: its colour and its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to say.
    Neutral,
    /// Something is going on.
    Busy,
    /// As it should be.
    Good,
    /// To be looked at.
    Warning,
    /// Wrong.
    Bad,
}

impl Tone {
    /// The CSS class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Busy => "busy",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

/// The tone of a trial's state.
pub fn state_tone(state: &TrialState) -> Tone {
    match state {
        TrialState::Launching | TrialState::Stopping => Tone::Busy,
        TrialState::Running => Tone::Good,
        TrialState::Queued | TrialState::Finished | TrialState::Cancelled => Tone::Neutral,
        TrialState::Interrupted => Tone::Warning,
        TrialState::Failed { .. } => Tone::Bad,
    }
}

/// The tone of a verdict.
pub fn verdict_tone(verdict: Option<&Verdict>) -> Tone {
    match verdict {
        None => Tone::Neutral,
        Some(Verdict::Pass) => Tone::Good,
        Some(Verdict::NoProgress) => Tone::Warning,
        Some(Verdict::Diverged(_)) => Tone::Bad,
    }
}

/// The words for what a trial's histories say.
pub fn verdict_label(trial: Option<&TrialSummary>) -> &'static str {
    match trial {
        Some(TrialSummary { verdict: Some(verdict), .. }) => verdict.label(),
        Some(trial) if trial.state.is_over() => "No verdict",
        _ => "No verdict yet",
    }
}

/// What a trial's histories say, in a sentence.
pub fn verdict_text(trial: Option<&TrialSummary>) -> String {
    match trial.and_then(|trial| trial.verdict.as_ref()) {
        None if trial.is_some_and(|trial| trial.engine == Engine::Bftbrain) => {
            "BFTBrain's replicas do not tell what they executed".to_owned()
        }
        None if trial.is_some_and(|trial| trial.state.is_over()) => "No replica reported".to_owned(),
        None => "No replica has reported yet".to_owned(),
        Some(Verdict::Pass) => "All replicas executed the same blocks".to_owned(),
        Some(Verdict::NoProgress) if trial.is_some_and(|trial| trial.state.is_over()) => {
            "No client got an answer in the end".to_owned()
        }
        Some(Verdict::NoProgress) => "No client gets an answer".to_owned(),
        Some(Verdict::Diverged(divergence)) => divergence.to_string(),
    }
}

/// Why one chart of a trial has nothing to draw while others have.
pub fn silent_reason(trial: &TrialSummary) -> &'static str {
    match trial.engine {
        Engine::Bftbrain => "BFTBrain does not report this.",
        Engine::Native if trial.state.is_over() => "Nothing of this was reported.",
        Engine::Native => "Nothing of this reported yet.",
    }
}

/// How many characters of a reason an empty chart has room for.
const ROOM_IN_A_CHART: usize = 160;

/// Why there is nothing to draw for a trial without samples, in a sentence that has room in a chart.
pub fn empty_reason(trial: &TrialSummary) -> String {
    match &trial.state {
        TrialState::Queued => "Waiting until its testbed is free.".to_owned(),
        TrialState::Cancelled => "This trial was taken out of the queue before it ran.".to_owned(),
        TrialState::Launching => "Bringing the cluster up…".to_owned(),
        TrialState::Running => "Waiting for the first report…".to_owned(),
        TrialState::Stopping | TrialState::Finished => "This trial ended before its first report.".to_owned(),
        TrialState::Interrupted => "The server ended before this trial's first report.".to_owned(),
        TrialState::Failed { reason } if reason.chars().count() > ROOM_IN_A_CHART => {
            "This trial failed; the reason is above.".to_owned()
        }
        TrialState::Failed { reason } => format!("This trial failed: {reason}"),
    }
}

/// A text as long as an empty chart has room for: what is too long is cut after a word.
pub fn fitting(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(ROOM_IN_A_CHART) else { return text.to_owned() };
    let words = text[..end].rfind(char::is_whitespace).map_or(&text[..end], |space| &text[..space]);
    format!("{}…", words.trim_end_matches([' ', ',', ';', ':', '.']))
}

/// The value of a unit's `data-health` attribute.
pub fn health_name(health: &UnitHealth) -> &'static str {
    match health {
        UnitHealth::Waiting => "waiting",
        UnitHealth::Up => "up",
        UnitHealth::Stopped => "stopped",
        UnitHealth::Died { .. } => "died",
    }
}

/// The word for a unit's health.
pub fn health_label(health: &UnitHealth) -> &'static str {
    match health {
        UnitHealth::Waiting => "Waiting",
        UnitHealth::Up => "Up",
        UnitHealth::Stopped => "Stopped",
        UnitHealth::Died { .. } => "Died",
    }
}

/// Whether a unit has the newest configuration: "Updated v2", or "Waiting v2" while it has an older one. None for a unit
/// that is not running.
pub fn applied_label(status: &UnitStatus, newest: u64) -> Option<String> {
    match status.health {
        UnitHealth::Up if status.applied_version >= newest => Some(format!("Updated v{}", status.applied_version)),
        UnitHealth::Up => Some(format!("Waiting v{newest}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::trial::tests::running;
    use model::verdict::{Compared, Divergence};

    #[test]
    fn a_unit_waits_until_it_has_the_newest_version() {
        let mut status = running().units[2].clone();
        assert_eq!(applied_label(&status, 0).as_deref(), Some("Updated v0"));
        assert_eq!(applied_label(&status, 2).as_deref(), Some("Waiting v2"));
        status.applied_version = 2;
        assert_eq!(applied_label(&status, 2).as_deref(), Some("Updated v2"));
        status.health = UnitHealth::Stopped;
        assert_eq!(applied_label(&status, 2), None);
    }

    #[test]
    fn a_failed_trial_says_why_it_has_nothing_to_show() {
        let mut trial = running().summary;
        trial.state = TrialState::Failed { reason: "replica 2 did not arrive".into() };
        assert_eq!(empty_reason(&trial), "This trial failed: replica 2 did not arrive");
        assert_eq!(state_tone(&trial.state), Tone::Bad);
        trial.state = TrialState::Failed { reason: "10.0.0.1: it cannot be reached; ".repeat(6) };
        assert_eq!(empty_reason(&trial), "This trial failed; the reason is above.");
    }

    #[test]
    fn what_is_too_long_for_a_chart_is_cut_after_a_word() {
        assert_eq!(fitting("the disk is full"), "the disk is full");
        let cut = fitting(&"größer, ".repeat(40));
        assert!(cut.ends_with("größer…") && cut.chars().count() <= ROOM_IN_A_CHART, "{cut}");
        assert_eq!(fitting(&"x".repeat(500)).chars().count(), ROOM_IN_A_CHART + 1);
    }

    #[test]
    fn a_divergence_names_the_place_and_the_replicas() {
        let mut trial = running().summary;
        assert_eq!(verdict_label(Some(&trial)), "No verdict yet");
        let replicas = vec![(0, "aa".into()), (2, "bb".into())];
        let divergence = Divergence { sequence: 40, what: Compared::History, replicas, clients: vec![] };
        trial.verdict = Some(Verdict::Diverged(divergence));
        assert_eq!(verdict_text(Some(&trial)), "Replicas 0, 2 executed different blocks at sequence 40");
        trial.verdict = None;
        trial.state = TrialState::Finished;
        assert_eq!(verdict_label(Some(&trial)), "No verdict");
    }
}
