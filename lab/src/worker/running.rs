//! A unit that runs: what it was given, and the loop that drives its one owner.

use crate::backend::ReportSink;
use crate::clock::Monotonic;
use crate::keys::UnitKeys;
use crate::transport::{Batch, Inbox, Peer, TransportCounters};
use model::config::ConfigTree;
use model::ids::UnitId;
use model::patch::Patch;
use protocol::table::Table;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Batches taken in one turn; then timers and writers have theirs.
const BATCHES_A_TURN: usize = 64;

/// A change of the configuration, and whom to tell when it is in force.
pub(super) type Change = (Patch, oneshot::Sender<()>);

/// Everything a unit needs to run.
pub(super) struct Running {
    pub(super) unit: UnitId,
    pub(super) table: Arc<Table>,
    pub(super) config: ConfigTree,
    /// The version of the configuration.
    pub(super) version: u64,
    /// Whether the unit has been there before and lost everything.
    pub(super) rejoining: bool,
    /// How many client units there are.
    pub(super) clients: u32,
    pub(super) keys: Arc<UnitKeys>,
    /// Whether connections authenticate frames.
    pub(super) tagged: bool,
    pub(super) peers: BTreeMap<UnitId, Peer>,
    pub(super) counters: Arc<TransportCounters>,
    pub(super) reports: ReportSink,
    pub(super) news: News,
}

/// What reaches a unit from outside.
pub(super) struct News {
    pub(super) inbox: Inbox,
    pub(super) changes: mpsc::Receiver<Change>,
    pub(super) stop: watch::Receiver<bool>,
}

/// The one owner of a unit's state. None of this waits.
pub(super) trait Owner {
    /// The clock of the times here.
    fn clock(&self) -> Monotonic;
    /// When something is due next, µs.
    fn next_us(&self) -> u64;
    /// Takes messages of a peer.
    fn take(&mut self, batch: Batch);
    /// Does what has come due.
    fn do_what_is_due(&mut self);
    /// When the next report is due, µs.
    fn report_due_us(&self) -> u64;
    /// Those it speaks to.
    fn peers(&mut self) -> &mut BTreeMap<UnitId, Peer>;
    /// Puts a change into force.
    fn apply(&mut self, patch: &Patch);
    /// Reports the time since the last report.
    fn report(&mut self);
}

/// Drives a unit until it is told to stop, and has it report once more.
pub(super) async fn drive(owner: &mut impl Owner, news: News) {
    let News { mut inbox, mut changes, mut stop } = news;
    let mut batches: Vec<Batch> = Vec::new();
    let mut changes_open = true;
    loop {
        let wake = owner.clock().instant(owner.next_us());
        tokio::select! {
            biased;
            _ = stop.changed() => break,
            change = changes.recv(), if changes_open => match change {
                Some((patch, done)) => {
                    owner.apply(&patch);
                    let _ = done.send(());
                }
                None => changes_open = false,
            },
            _ = inbox.recv_many(&mut batches, BATCHES_A_TURN), if !inbox.is_closed() || !inbox.is_empty() => {}
            () = tokio::time::sleep_until(wake.into()) => {}
        }
        for batch in batches.drain(..) {
            owner.take(batch);
        }
        owner.do_what_is_due();
        if owner.report_due_us() <= owner.clock().now_us() {
            owner.report();
        }
        // Everything that is to be sent goes to the writers.
        for peer in owner.peers().values_mut() {
            peer.flush();
        }
        // Readers and writers share this thread.
        tokio::task::yield_now().await;
    }
    owner.report();
}
