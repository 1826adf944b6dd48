//! A trial's state as two columns: a word, and the reason of a failure.

use model::trial::TrialState;

/// The word of a state.
pub(crate) fn word(state: &TrialState) -> &'static str {
    match state {
        TrialState::Queued => "queued",
        TrialState::Launching => "launching",
        TrialState::Running => "running",
        TrialState::Stopping => "stopping",
        TrialState::Finished => "finished",
        TrialState::Failed { .. } => "failed",
        TrialState::Interrupted => "interrupted",
        TrialState::Cancelled => "cancelled",
    }
}

/// The reason of a failure.
pub(crate) fn failure(state: &TrialState) -> Option<&str> {
    match state {
        TrialState::Failed { reason } => Some(reason),
        _ => None,
    }
}

/// The state from its columns; none for an unknown word.
pub(crate) fn read(word: &str, failure: Option<String>) -> Option<TrialState> {
    Some(match word {
        "queued" => TrialState::Queued,
        "launching" => TrialState::Launching,
        "running" => TrialState::Running,
        "stopping" => TrialState::Stopping,
        "finished" => TrialState::Finished,
        "failed" => TrialState::Failed { reason: failure.unwrap_or_default() },
        "interrupted" => TrialState::Interrupted,
        "cancelled" => TrialState::Cancelled,
        _ => return None,
    })
}
