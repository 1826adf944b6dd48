//! What a controller orders while its worker is brought up and runs.

use super::running::Change;
use crate::control::{ControlReceiver, ToWorker};
use crate::error::LabError;
use crate::keys::UnitKeys;
use crate::transport::Links;
use model::patch::Patch;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Carries orders out.
#[derive(Debug)]
pub(super) struct Orders {
    pub(super) stop: watch::Sender<bool>,
    pub(super) patches: mpsc::Sender<Change>,
    pub(super) links: Links,
    pub(super) keys: Arc<UnitKeys>,
}

/// The next message of a launch. What may come at any time is kept for later.
pub(super) async fn next_step(receiver: &mut ControlReceiver, kept: &mut Vec<ToWorker>) -> Result<ToWorker, LabError> {
    loop {
        match receiver.next().await? {
            order @ (ToWorker::Patch { .. } | ToWorker::Replace { .. }) => kept.push(order),
            step => return Ok(step),
        }
    }
}

impl Orders {
    /// Follows the orders that were kept, and those that come. A controller that is gone ends this process at once,
    /// whatever the unit is busy with.
    pub(super) async fn follow(self, kept: Vec<ToWorker>, mut receiver: ControlReceiver) {
        for order in kept {
            self.carry_out(order).await;
        }
        loop {
            match receiver.next().await {
                Ok(order) => self.carry_out(order).await,
                Err(_) => std::process::exit(if *self.stop.borrow() { 0 } else { 3 }),
            }
        }
    }

    async fn carry_out(&self, order: ToWorker) {
        match order {
            ToWorker::Stop => {
                self.stop.send_replace(true);
            }
            ToWorker::Patch { patch } => self.hand_on(patch).await,
            ToWorker::Replace { peer } => {
                let Some(exchange) = peer.lives.first().map(|keys| keys.exchange) else { return };
                self.keys.learn(peer.unit, &peer.lives);
                self.links.replace(peer.unit, peer.address, exchange);
            }
            _ => {}
        }
    }

    async fn hand_on(&self, patch: Patch) {
        // Nobody waits for the answer: reports carry the version in force.
        let (done, _) = oneshot::channel();
        let _ = self.patches.send((patch, done)).await;
    }
}
