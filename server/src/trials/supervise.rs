//! Waiting for an experiment's controller, and ending it in time.

use super::launcher::Running;
use super::registry::Trials;
use super::session::Session;
use std::sync::Arc;
use std::time::Duration;

/// How long a controller has to end its units before it is ended by force; its units then end by themselves.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// Runs until no process of the trial is left, and gives the trial its last state.
pub(super) async fn supervise(trials: Arc<Trials>, session: Arc<Session>, mut running: Box<dyn Running>) {
    let by_itself = tokio::select! {
        exit = running.wait() => Some(exit),
        () = session.wind_down.cancelled() => None,
    };
    let exit = match by_itself {
        Some(exit) => exit,
        None => {
            running.stop().await;
            match tokio::time::timeout(STOP_LIMIT, running.wait()).await {
                Ok(exit) => exit,
                Err(_) => {
                    tracing::warn!("trial {}: the controller did not end in time and is killed", session.id);
                    running.kill().await;
                    running.wait().await
                }
            }
        }
    };
    let at_ms = trials.clock.now_ms();
    trials.note(&session, move |progress| progress.exited(&exit, at_ms)).await;
    session.ended.cancel();
    trials.measure(session.id).await;
}
