//! Waiting for an experiment's controller, and ending it in time.

use super::launcher::Running;
use super::registry::Trials;
use super::session::Session;
use crate::unit_api::apply_event;
use model::report::ControllerEvent;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long a controller has to end its units before it is ended by force; its units then end by themselves.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// Runs until no process of the trial is left, and gives the trial its last state.
pub(super) async fn supervise(
    trials: Arc<Trials>,
    session: Arc<Session>,
    mut running: Box<dyn Running>,
    mut events: mpsc::Receiver<ControllerEvent>,
) {
    let by_itself = loop {
        tokio::select! {
            biased;
            Some(event) = events.recv() => take(&trials, &session, event).await,
            exit = running.wait() => break Some(exit),
            () = session.wind_down.cancelled() => break None,
        }
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
    events.close();
    while let Some(event) = events.recv().await {
        take(&trials, &session, event).await;
    }
    let at_ms = trials.clock.now_ms();
    trials.note(&session, move |progress| progress.exited(&exit, at_ms)).await;
    session.ended.cancel();
    trials.next_on(&session).await;
}

/// Something that the launcher tells.
async fn take(trials: &Arc<Trials>, session: &Arc<Session>, event: ControllerEvent) {
    let now_ms = trials.clock.now_ms();
    trials.note(session, move |progress| apply_event(progress, event, now_ms)).await;
}
