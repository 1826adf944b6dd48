//! Starting a trial.

use super::registry::Trials;
use super::session::Session;
use super::supervise::supervise;
use super::{environment, timeline, token};
use crate::protocols::{ChosenProtocol, TrialSize, known_names};
use app::backend::{BackendError, StartRequest};
use model::config::{ConfigTree, ConfigValue};
use model::event::LiveEvent;
use model::ids::TrialId;
use model::launch::LaunchSpec;
use model::schedule::{ScheduledChange, ScheduledPatch, check_schedule};
use model::trial::{TrialDetail, TrialState, TrialSummary, check_name};
use model::validate::{Problem, apply_changes};
use protocol::language::document::MAX_PROTOCOL_BYTES;
use std::sync::Arc;
use store::{NewTrial, StoreError};

/// A request that has been checked.
struct Plan {
    name: String,
    protocol: ChosenProtocol,
    config: ConfigTree,
    schedule: Vec<ScheduledPatch>,
    size: TrialSize,
}

impl Trials {
    /// Starts a trial, unless one is active.
    pub(super) async fn begin(self: Arc<Self>, request: StartRequest) -> Result<TrialId, BackendError> {
        let plan = self.plan(&request)?;
        let mut active = self.active.lock().await;
        if let Some(session) = active.as_ref().filter(|session| !session.ended.is_cancelled()) {
            let name = session.read(|progress| progress.summary().name.clone());
            let message =
                format!("the trial {name:?} (number {}) is active: stop it first, then start again", session.id);
            return Err(BackendError::Conflict { message });
        }
        let token = token::random_hex::<32>().map_err(|error| BackendError::Failed { message: error.to_string() })?;
        let session = self.create(&plan, request.schedule, &token).await.map_err(store_failed)?;
        *active = Some(Arc::clone(&session));
        let schedule = plan.schedule.clone();
        let spec = self.specification(&session, plan, &token);
        match self.launcher.launch(spec).await {
            Ok(running) => {
                tokio::spawn(supervise(Arc::clone(&self), Arc::clone(&session), running));
                tokio::spawn(timeline::follow(Arc::clone(&self), Arc::clone(&session), schedule));
                Ok(session.id)
            }
            Err(error) => {
                let (message, at_ms) = (error.to_string(), self.clock.now_ms());
                let reason = message.clone();
                self.note(&session, move |progress| progress.launch_failed(reason, at_ms)).await;
                session.ended.cancel();
                Err(BackendError::Failed { message })
            }
        }
    }

    fn plan(&self, request: &StartRequest) -> Result<Plan, BackendError> {
        let mut problems = Vec::new();
        let mut problem = |key: &str, message: String| problems.push(Problem { key: key.to_owned(), message });
        let name = check_name(&request.name).map_err(|message| problem("name", message));
        let protocol = match &request.protocol_text {
            Some(text) => own_protocol(&request.protocol, text),
            None => ChosenProtocol::shipped(&request.protocol)
                .ok_or_else(|| format!("there is no such protocol; choose one of: {}", known_names())),
        };
        let protocol = protocol.map_err(|message| problem("protocol", message));
        let mut config = request.config.as_ref().unwrap_or(&self.settings.config).clone();
        // What is checked includes what was there before.
        if let Err(found) = apply_changes(&mut config, &request.changes) {
            problems.extend(found);
        }
        let schedule = check_schedule(&config, &request.schedule).map_err(|found| problems.extend(found));
        let (Ok(name), Ok(protocol), Ok(schedule), true) = (name, protocol, schedule, problems.is_empty()) else {
            return Err(BackendError::Invalid { problems });
        };
        match protocol.size(&config) {
            Ok(size) => Ok(Plan { name, protocol, config, schedule, size }),
            Err(message) => Err(BackendError::Invalid { problems: vec![Problem { key: "protocol".into(), message }] }),
        }
    }

    async fn create(
        &self,
        plan: &Plan,
        schedule: Vec<ScheduledChange>,
        token: &str,
    ) -> Result<Arc<Session>, StoreError> {
        let summary = TrialSummary {
            id: TrialId(0),
            name: plan.name.clone(),
            protocol: plan.protocol.name.clone(),
            replicas: plan.size.replicas,
            created_ms: self.clock.now_ms(),
            started_ms: None,
            ended_ms: None,
            state: TrialState::Launching,
            verdict: None,
        };
        let token_hash = token::hash(token).ok_or(StoreError::Closed)?;
        let mut detail = TrialDetail {
            summary,
            config: plan.config.clone(),
            phases: vec![],
            patches: vec![],
            units: plan.size.units(),
            log: vec![],
            environment: environment::facts(),
            protocol_text: plan.protocol.kept_text(),
            schedule,
        };
        let new = NewTrial {
            summary: detail.summary.clone(),
            token_hash,
            config: detail.config.clone(),
            environment: detail.environment.clone(),
            units: detail.units.clone(),
            protocol_text: detail.protocol_text.clone(),
            schedule: detail.schedule.clone(),
        };
        detail.summary.id = self.store.create_trial(new).await?;
        self.tell(&LiveEvent::Trial { summary: detail.summary.clone() });
        let session = Arc::new(Session::new(detail));
        self.keep(token_hash, &session);
        Ok(session)
    }

    /// What the controller is told. Only here the token is in the configuration, never in what is stored.
    fn specification(&self, session: &Session, plan: Plan, token: &str) -> LaunchSpec {
        let address = self.settings.address;
        let host = match address {
            std::net::SocketAddr::V4(address) => address.ip().to_string(),
            std::net::SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        let mut config = plan.config;
        config.set("demo.update_server", ConfigValue::Text(host));
        config.set("demo.update_port", ConfigValue::Text(format!("{}/w/{token}", address.port())));
        LaunchSpec {
            trial: session.id,
            backend_url: format!("http://{address}/w/{token}"),
            config,
            protocol_name: plan.protocol.name,
            protocol_text: plan.protocol.text,
        }
    }
}

/// A protocol file that came with the request, under a name that people can read.
fn own_protocol(name: &str, text: &str) -> Result<ChosenProtocol, String> {
    if text.len() > MAX_PROTOCOL_BYTES {
        return Err(format!("the file has {} bytes; at most {MAX_PROTOCOL_BYTES} fit", text.len()));
    }
    Ok(ChosenProtocol::own(&check_name(name)?, text.to_owned()))
}

/// The store's sentence for the page.
pub(crate) fn store_failed(error: StoreError) -> BackendError {
    BackendError::Failed { message: error.to_string() }
}
