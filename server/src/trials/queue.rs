//! The queues: a trial starts when its testbed is free, one after the other.

use super::lanes::{Lanes, MAX_WAITING};
use super::launcher::Launcher;
use super::progress::Progress;
use super::registry::Trials;
use super::session::Session;
use super::starting::store_failed;
use app::backend::{BackendError, StartRequest};
use futures::future::BoxFuture;
use model::event::LiveEvent;
use model::ids::{SweepId, TrialId};
use model::testbed::{TestbedName, TestbedState, TestbedSummary};
use model::trial::TrialState;
use model::validate::Problem;
use std::sync::Arc;
use store::{Record, StoreError};

impl Trials {
    /// Starts a trial, or queues it while its testbed has another. [`Session::over`] tells when it has ended.
    ///
    /// # Errors
    /// When the request has problems, the testbed takes no trials or has too many waiting, or the trial cannot be stored
    /// or started. The trial is kept as failed when it is the start that failed.
    pub async fn enqueue(self: &Arc<Self>, request: StartRequest) -> Result<Arc<Session>, BackendError> {
        self.enqueue_for(None, request).await
    }

    /// As [`Trials::enqueue`]; the trial may be a run of a sweep, which then has it as its current one from the start.
    pub(crate) async fn enqueue_for(
        self: &Arc<Self>,
        sweep: Option<SweepId>,
        request: StartRequest,
    ) -> Result<Arc<Session>, BackendError> {
        let plan = self.plan(&request)?;
        let testbed = request.testbed.clone();
        let Some(summary) = self.testbeds.find(&testbed) else {
            let message = format!("there is no testbed {testbed}; choose one of: {}", self.testbeds.names());
            return Err(BackendError::Invalid { problems: vec![Problem { key: "testbed".into(), message }] });
        };
        if let TestbedState::Unavailable { reason } = summary.state {
            return Err(BackendError::Conflict { message: format!("the testbed {testbed} takes no trials: {reason}") });
        }
        let mut lanes = self.lanes.lock().await;
        if lanes.closed {
            return Err(BackendError::Failed { message: "the server is ending: start it again first".to_owned() });
        }
        let lane = lanes.of(&testbed);
        if lane.waiting.len() >= MAX_WAITING {
            let message = format!(
                "{MAX_WAITING} trials wait for the testbed {testbed} already: wait, or cancel some of them first"
            );
            return Err(BackendError::Conflict { message });
        }
        let at_once = lane.is_free() && self.testbeds.launcher(&testbed).is_some();
        let state = if at_once { TrialState::Launching } else { TrialState::Queued };
        let session = self.create(plan, request, sweep, state).await.map_err(store_failed)?;
        lanes.of(&testbed).waiting.push_back(Arc::clone(&session));
        if at_once {
            self.advance(&mut lanes, &testbed).await;
        } else {
            self.tell_queue(&lanes);
        }
        match session.read(|progress| progress.summary().state.clone()) {
            TrialState::Failed { reason } if at_once => Err(BackendError::Failed { message: reason }),
            _ => Ok(session),
        }
    }

    /// Lets a trial that waits be the next one of its testbed.
    pub(super) async fn make_next(self: &Arc<Self>, trial: TrialId) -> Result<(), BackendError> {
        let mut lanes = self.lanes.lock().await;
        let Some(session) = lanes.take_waiting(trial) else {
            let name = self.known(trial).await?.name;
            let message = format!("the trial {name:?} is not in the queue any more");
            return Err(BackendError::Conflict { message });
        };
        let testbed = session.read(|progress| progress.summary().testbed.clone());
        lanes.of(&testbed).waiting.push_front(session);
        let order = lanes.waiting();
        self.tell_queue(&lanes);
        self.store.write(vec![Record::Queue(order)]).await.map_err(store_failed)
    }

    /// Takes a trial out of the queue; whether it waited there.
    pub(super) async fn cancel(self: &Arc<Self>, trial: TrialId) -> bool {
        let mut lanes = self.lanes.lock().await;
        let Some(session) = lanes.take_waiting(trial) else { return false };
        let at_ms = self.clock.now_ms();
        self.note(&session, move |progress| progress.cancelled(at_ms)).await;
        session.ended.cancel();
        self.tell_queue(&lanes);
        true
    }

    /// Takes up the queue that an earlier life of this server left behind. To be called once, when the testbeds are known
    /// and units can reach this server.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn resume(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut lanes = self.lanes.lock().await;
        for trial in self.store.queued().await? {
            if lanes.find(trial).is_some() {
                continue;
            }
            let Some(detail) = self.store.trial(trial).await? else { continue };
            let testbed = detail.summary.testbed.clone();
            let session = Arc::new(Session::new(detail));
            if self.testbeds.find(&testbed).is_some() {
                lanes.of(&testbed).waiting.push_back(session);
            } else {
                let reason = format!("the testbed {testbed} is not there any more: start it again on another");
                self.fail(&session, reason).await;
            }
        }
        for testbed in lanes.testbeds() {
            self.advance(&mut lanes, &testbed).await;
        }
        Ok(())
    }

    /// Adds a testbed, or replaces what is known of it. What waits for it starts when it is ready.
    pub async fn set_testbed(self: &Arc<Self>, summary: TestbedSummary, launcher: Arc<dyn Launcher>) {
        let name = summary.name.clone();
        self.testbeds.set(summary, launcher);
        self.tell(&LiveEvent::Testbeds { testbeds: self.testbeds.list() });
        let mut lanes = self.lanes.lock().await;
        self.advance(&mut lanes, &name).await;
    }

    /// Forgets a testbed that has no trials.
    ///
    /// # Errors
    /// When one is active there, or waits.
    pub async fn remove_testbed(self: &Arc<Self>, name: &TestbedName) -> Result<(), BackendError> {
        let mut lanes = self.lanes.lock().await;
        if !lanes.of(name).is_free() {
            let message =
                format!("the testbed {name} has trials: stop the active one and cancel those that wait first");
            return Err(BackendError::Conflict { message });
        }
        self.testbeds.remove(name);
        self.tell(&LiveEvent::Testbeds { testbeds: self.testbeds.list() });
        Ok(())
    }

    /// Forgets a testbed whose machines are gone for good. What waits for it fails, with the reason; what is active there ends
    /// by itself, and the testbed goes with it.
    pub async fn retire_testbed(self: &Arc<Self>, name: &TestbedName, reason: &str) {
        let mut lanes = self.lanes.lock().await;
        self.testbeds.retire(name, reason);
        let stranded: Vec<_> = lanes.of(name).waiting.drain(..).collect();
        for session in &stranded {
            self.fail(session, format!("{reason}: start it again on another testbed")).await;
        }
        if !stranded.is_empty() {
            self.tell_queue(&lanes);
        }
        self.advance(&mut lanes, name).await;
        self.tell(&LiveEvent::Testbeds { testbeds: self.testbeds.list() });
    }

    /// The active trial of a testbed has ended: the next one begins. Boxed, because it starts what calls it in the end.
    pub(super) fn next_on<'a>(self: &'a Arc<Self>, ended: &Session) -> BoxFuture<'a, ()> {
        let testbed = ended.read(|progress| progress.summary().testbed.clone());
        Box::pin(async move {
            let mut lanes = self.lanes.lock().await;
            self.advance(&mut lanes, &testbed).await;
        })
    }

    /// Starts what waits for a testbed, if it is free and ready.
    async fn advance(self: &Arc<Self>, lanes: &mut Lanes, testbed: &TestbedName) {
        let lane = lanes.of(testbed);
        lane.active.take_if(|session| session.ended.is_cancelled());
        let mut changed = false;
        while !lanes.closed
            && let Some(launcher) = self.testbeds.launcher(testbed)
            && let lane = lanes.of(testbed)
            && lane.active.is_none()
            && let Some(session) = lane.waiting.pop_front()
        {
            changed = true;
            match self.launch(&session, launcher.as_ref()).await {
                Ok(()) => lanes.of(testbed).active = Some(session),
                Err(reason) => self.fail(&session, reason).await,
            }
        }
        if changed {
            self.tell_queue(lanes);
        }
        if lanes.of(testbed).is_free() && self.testbeds.remove_retired(testbed) {
            self.tell(&LiveEvent::Testbeds { testbeds: self.testbeds.list() });
        }
    }

    async fn fail(self: &Arc<Self>, session: &Arc<Session>, reason: String) {
        let at_ms = self.clock.now_ms();
        self.note(session, move |progress: &mut Progress| progress.launch_failed(reason, at_ms)).await;
        session.ended.cancel();
    }

    fn tell_queue(&self, lanes: &Lanes) {
        self.tell(&LiveEvent::Queue { trials: lanes.waiting() });
    }
}
