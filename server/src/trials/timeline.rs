//! Changes that come by themselves: each goes the way of an Update, at its time after the clients began.

use super::registry::Trials;
use super::session::Session;
use model::schedule::ScheduledPatch;
use std::sync::Arc;
use std::time::Duration;

/// Makes all changes of a schedule at their times; ends early with the trial.
pub(super) async fn follow(trials: Arc<Trials>, session: Arc<Session>, schedule: Vec<ScheduledPatch>) {
    let over = session.ended.clone();
    let _ = over.run_until_cancelled(apply_all(trials, session, schedule)).await;
}

async fn apply_all(trials: Arc<Trials>, session: Arc<Session>, schedule: Vec<ScheduledPatch>) {
    let started_ms = session.started().await;
    for patch in schedule {
        let due_ms = started_ms.saturating_add_unsigned(patch.at_ms);
        let wait = u64::try_from(due_ms - trials.clock.now_ms()).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        if session.wind_down.is_cancelled() {
            return;
        }
        let at_ms = trials.clock.now_ms();
        trials.note(&session, move |progress| progress.patched(patch.items, at_ms).1).await;
    }
}
