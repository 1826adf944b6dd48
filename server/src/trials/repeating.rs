//! Running a trial again, exactly: its protocol text, its configuration with the seed, and its schedule.

use super::backend::not_found;
use super::registry::Trials;
use super::starting::store_failed;
use app::backend::{BackendError, StartRequest};
use app::state::timeline::Timeline;
use model::ids::TrialId;
use model::trial::{MAX_NAME_CHARACTERS, TrialDetail};
use std::sync::Arc;

/// What is put behind the name of a trial that is run again.
const AGAIN: &str = " (again)";

impl Trials {
    /// Starts a trial like another one. `with_updates` also repeats the Updates that were made by hand, at their times.
    pub(super) async fn run_again(
        self: Arc<Self>,
        trial: TrialId,
        with_updates: bool,
    ) -> Result<TrialId, BackendError> {
        let detail = self.store.trial(trial).await.map_err(store_failed)?.ok_or_else(|| not_found(trial))?;
        self.enqueue(again(detail, with_updates)).await.map(|session| session.id)
    }
}

fn again(detail: TrialDetail, with_updates: bool) -> StartRequest {
    // What the schedule did is among the Updates: these alone repeat both.
    let schedule =
        if with_updates { Timeline::of_trial(&detail).schedule(&detail.config) } else { detail.schedule.clone() };
    StartRequest {
        name: name_again(&detail.summary.name),
        protocol: detail.summary.protocol,
        testbed: detail.summary.testbed,
        engine: detail.summary.engine,
        protocol_text: detail.protocol_text,
        config: Some(detail.config),
        changes: vec![],
        schedule,
    }
}

fn name_again(name: &str) -> String {
    let stem = name.strip_suffix(AGAIN).unwrap_or(name);
    let stem: String = stem.chars().take(MAX_NAME_CHARACTERS - AGAIN.len()).collect();
    stem + AGAIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_again_once_and_still_fits() {
        assert_eq!(name_again("a"), "a (again)");
        assert_eq!(name_again("a (again)"), "a (again)");
        assert_eq!(name_again(&"ä".repeat(200)).chars().count(), 200);
    }
}
