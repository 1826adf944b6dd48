//! Workers on other hosts: the controller asks the server for them on standard output, and is told of their ends on
//! standard input.

use crate::host::RemoteRequest;
use model::ids::UnitId;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Who is waited for. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Remote(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    /// Nobody tells of ends any more.
    closed: bool,
    ends: BTreeMap<UnitId, oneshot::Sender<String>>,
}

impl Remote {
    /// How a unit ends, once it does; an error when nobody will tell any more.
    pub(super) fn end_of(&self, unit: UnitId) -> oneshot::Receiver<String> {
        let (end, told) = oneshot::channel();
        let mut waiting = self.lock();
        if !waiting.closed {
            waiting.ends.insert(unit, end);
        }
        told
    }

    /// A unit has ended.
    pub(super) fn ended(&self, unit: UnitId, ending: String) {
        if let Some(end) = self.lock().ends.remove(&unit) {
            let _ = end.send(ending);
        }
    }

    /// Nobody tells of ends any more.
    pub(super) fn close(&self) {
        let mut waiting = self.lock();
        waiting.closed = true;
        waiting.ends.clear();
    }

    /// Asks the server for something. When it is gone, the end of the input says so.
    pub(super) fn ask(&self, request: &RemoteRequest) {
        if let Ok(line) = serde_json::to_string(request) {
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
