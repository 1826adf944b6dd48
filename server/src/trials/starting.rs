//! Starting a trial.

use super::launcher::Launcher;
use super::progress::Progress;
use super::registry::Trials;
use super::session::Session;
use super::supervise::supervise;
use super::{environment, timeline, token};
use crate::protocols::{ChosenProtocol, TrialSize, known_names};
use app::backend::{BackendError, StartRequest};
use model::config::{ConfigTree, ConfigValue};
use model::event::LiveEvent;
use model::ids::{SweepId, TrialId};
use model::launch::LaunchSpec;
use model::schedule::check_schedule;
use model::testbed::Engine;
use model::trial::{TrialDetail, TrialState, TrialSummary, check_name};
use model::validate::{Problem, apply_changes, unknown_replicas};
use protocol::language::document::MAX_PROTOCOL_BYTES;
use std::sync::Arc;
use store::{NewTrial, Record, StoreError};
use tokio::sync::mpsc;

/// How many events of a launcher wait to be stored.
const LAUNCH_EVENTS: usize = 256;

/// A request that has been checked.
pub(super) struct Plan {
    name: String,
    protocol: ChosenProtocol,
    config: ConfigTree,
    size: TrialSize,
}

impl Trials {
    /// Starts a trial whose turn has come, as the store has it: it may have waited through a restart of the server.
    pub(super) async fn launch(
        self: &Arc<Self>,
        session: &Arc<Session>,
        launcher: &dyn Launcher,
    ) -> Result<(), String> {
        let said = |error: StoreError| error.to_string();
        let stored = self.store.trial(session.id).await.map_err(said)?;
        let detail = stored.ok_or_else(|| format!("the trial {} is not in the store any more", session.id))?;
        let protocol = match detail.protocol_text {
            Some(text) => ChosenProtocol::own(&detail.summary.protocol, text),
            None => ChosenProtocol::shipped(&detail.summary.protocol)
                .ok_or_else(|| format!("this version has no protocol {}", detail.summary.protocol))?,
        };
        let schedule = check_schedule(&detail.config, &detail.schedule)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
        let token = token::random_hex::<32>().map_err(|error| error.to_string())?;
        let hash = token::hash(&token).ok_or("the token is too long")?;
        self.store.write(vec![Record::Token(session.id, hash)]).await.map_err(said)?;
        self.keep(hash, session);
        self.change(session, |progress| ((), Progress::launching(progress))).await.map_err(said)?;
        let (events, told) = mpsc::channel(LAUNCH_EVENTS);
        let framework = match detail.summary.engine {
            Engine::Native => None,
            Engine::Bftbrain => {
                Some(self.framework_launch(session.id, &detail.summary.testbed, &protocol, &detail.config)?)
            }
        };
        let mut spec = self.specification(session, protocol, detail.config, &token);
        spec.bftbrain = framework;
        let running = launcher.launch(spec, events).await.map_err(|error| error.to_string())?;
        tokio::spawn(supervise(Arc::clone(self), Arc::clone(session), running, told));
        tokio::spawn(timeline::follow(Arc::clone(self), Arc::clone(session), schedule));
        Ok(())
    }

    pub(super) fn plan(&self, request: &StartRequest) -> Result<Plan, BackendError> {
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
        if let Err(found) = check_schedule(&config, &request.schedule) {
            problems.extend(found);
        }
        let mut framework = None;
        if request.engine == Engine::Bftbrain
            && let Ok(protocol) = &protocol
        {
            match self.check_framework(&request.testbed, protocol, &config, &request.schedule) {
                Ok(size) => framework = Some(size),
                Err(found) => problems.extend(found),
            }
        }
        let (Ok(name), Ok(protocol), true) = (name, protocol, problems.is_empty()) else {
            return Err(BackendError::Invalid { problems });
        };
        match framework.map_or_else(|| protocol.size(&config), Ok) {
            Ok(size) => match unknown_replicas(&config, size.replicas) {
                problems if problems.is_empty() => Ok(Plan { name, protocol, config, size }),
                problems => Err(BackendError::Invalid { problems }),
            },
            Err(message) => Err(BackendError::Invalid { problems: vec![Problem { key: "protocol".into(), message }] }),
        }
    }

    /// Stores a trial that waits, or is about to start.
    pub(super) async fn create(
        &self,
        plan: Plan,
        request: StartRequest,
        sweep: Option<SweepId>,
        state: TrialState,
    ) -> Result<Arc<Session>, StoreError> {
        let summary = TrialSummary {
            id: TrialId(0),
            name: plan.name,
            protocol: plan.protocol.name.clone(),
            replicas: plan.size.replicas,
            testbed: request.testbed,
            engine: request.engine,
            created_ms: self.clock.now_ms(),
            started_ms: None,
            ended_ms: None,
            state,
            verdict: None,
            note: String::new(),
            pinned: false,
            figures: None,
        };
        // Nobody has the token of this hash: the units get one when they are started.
        let unused = token::random_hex::<32>().ok().and_then(|token| token::hash(&token)).ok_or(StoreError::Closed)?;
        let mut detail = TrialDetail {
            summary,
            config: plan.config,
            phases: vec![],
            patches: vec![],
            units: plan.size.units(),
            hosts: vec![],
            log: vec![],
            environment: environment::facts(),
            protocol_text: plan.protocol.kept_text(),
            schedule: request.schedule,
        };
        let new = NewTrial {
            summary: detail.summary.clone(),
            token_hash: unused,
            config: detail.config.clone(),
            environment: detail.environment.clone(),
            units: detail.units.clone(),
            protocol_text: detail.protocol_text.clone(),
            schedule: detail.schedule.clone(),
            sweep,
        };
        detail.summary.id = self.store.create_trial(new).await?;
        self.tell(&LiveEvent::Trial { summary: detail.summary.clone() });
        Ok(Arc::new(Session::new(detail)))
    }

    /// What the controller is told. Only here the token is in the configuration, never in what is stored.
    fn specification(
        &self,
        session: &Session,
        protocol: ChosenProtocol,
        mut config: ConfigTree,
        token: &str,
    ) -> LaunchSpec {
        let address = self.settings.address;
        let host = match address {
            std::net::SocketAddr::V4(address) => address.ip().to_string(),
            std::net::SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        config.set("demo.update_server", ConfigValue::Text(host));
        config.set("demo.update_port", ConfigValue::Text(format!("{}/w/{token}", address.port())));
        LaunchSpec {
            trial: session.id,
            backend_url: format!("http://{address}/w/{token}"),
            config,
            protocol_name: protocol.name,
            protocol_text: protocol.text,
            listen: None,
            bftbrain: None,
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
