//! What the page's server functions call.

use super::driver::perform;
use super::keeper::{Cloudlab, Life, MAX_KEPT};
use crate::in_full::in_full;
use crate::trials::store_failed;
use app::backend::BackendError;
use app::backend::cloudlab::{
    CloudlabBackend, CloudlabView, ExperimentAction, HostKey, MachineAddress, Offers, OwnExperiment, TokenState,
};
use async_trait::async_trait;
use lab::cloudlab::lifecycle::Duty;
use lab::cloudlab::{ApiToken, PortalClient, PortalError};
use model::cloudlab::{
    Experiment, ExperimentId, ExperimentKey, ExperimentRequest, ExperimentState, MAX_HOURS, check_project,
    parse_profile,
};
use model::hosts::TestbedCheck;
use model::validate::Problem;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The longest reason for an extension, characters.
const MAX_REASON: usize = 500;

/// CloudLab as the page sees it.
#[derive(Clone, Debug)]
pub struct CloudlabHost(pub Arc<Cloudlab>);

#[async_trait]
impl CloudlabBackend for CloudlabHost {
    async fn cloudlab(&self) -> Result<CloudlabView, BackendError> {
        let portal = self.0.access.address();
        Ok(CloudlabView { portal, token: self.0.access.state(), experiments: self.0.experiments() })
    }

    async fn give_token(&self, token: String) -> Result<TokenState, BackendError> {
        let token = ApiToken::new(token).map_err(|reason| problem("token", reason))?;
        let state = self.0.access.give(token).await.map_err(|error| match error {
            PortalError::TokenRefused { .. } | PortalError::Forbidden { .. } => problem("token", error.to_string()),
            error => failed(&error),
        })?;
        self.0.wake_all().await;
        Ok(state)
    }

    async fn check_token(&self) -> Result<TokenState, BackendError> {
        self.0.access.check().await.map_err(|error| failed(&error))
    }

    async fn forget_token(&self) -> Result<TokenState, BackendError> {
        self.0.access.forget();
        Ok(self.0.access.state())
    }

    async fn offers(&self) -> Result<Offers, BackendError> {
        let portal = self.portal()?;
        let (profiles, experiments) =
            tokio::try_join!(portal.profiles(), portal.experiments()).map_err(|error| failed(&error))?;
        let named = profiles.iter().map(|profile| &profile.project).chain(experiments.iter().map(|one| &one.project));
        let projects: BTreeSet<_> = named.filter(|project| check_project(project).is_ok()).cloned().collect();
        let names = profiles.iter().map(|profile| format!("{}/{}", profile.project, profile.name));
        let known: Vec<_> = self.0.experiments().into_iter().filter_map(|known| known.id).collect();
        let others = experiments.into_iter().filter(|one| !known.contains(&one.id));
        Ok(Offers {
            projects: projects.into_iter().collect(),
            profiles: names.filter(|name| parse_profile(name).is_ok()).collect(),
            experiments: others
                .map(|one| OwnExperiment { title: format!("{}/{}", one.project, one.name), id: one.id })
                .filter(|one| parse_profile(&one.title).is_ok())
                .collect(),
        })
    }

    async fn create_experiment(&self, request: ExperimentRequest) -> Result<ExperimentKey, BackendError> {
        let host = self.clone();
        // What the portal has been asked for has to be followed.
        in_full(async move { host.create(request).await }).await
    }

    async fn resume_experiment(&self, id: String) -> Result<ExperimentKey, BackendError> {
        let host = self.clone();
        in_full(async move { host.resume(id).await }).await
    }

    async fn check_machines(&self, key: ExperimentKey) -> Result<TestbedCheck, BackendError> {
        let experiment = self.0.find(key)?.experiment();
        self.0.bench()?.check(&experiment).await
    }

    async fn trust_machines(&self, key: ExperimentKey, keys: Vec<HostKey>) -> Result<(), BackendError> {
        let experiment = self.0.find(key)?.experiment();
        self.0.bench()?.trust(&experiment, &keys).await
    }

    async fn distrust_machines(&self, key: ExperimentKey, machines: Vec<MachineAddress>) -> Result<(), BackendError> {
        let experiment = self.0.find(key)?.experiment();
        self.0.bench()?.distrust(&experiment, &machines).await
    }

    async fn change_experiment(&self, key: ExperimentKey, action: ExperimentAction) -> Result<(), BackendError> {
        let life = self.0.find(key)?;
        match action {
            ExperimentAction::Extend { hours, reason } => self.extend(&life, hours, &reason).await?,
            ExperimentAction::Terminate => {
                self.portal()?;
                self.0.change(&life, |lifecycle, now_ms| lifecycle.terminate(now_ms)).await.map_err(store_failed)?;
            }
            ExperimentAction::WaitAgain => {
                self.0.change(&life, |lifecycle, now_ms| lifecycle.wait_again(now_ms)).await.map_err(store_failed)?;
            }
            ExperimentAction::Place { addresses } => {
                let experiment = life.experiment();
                if let Some(name) =
                    addresses.keys().find(|name| experiment.nodes.iter().all(|node| node.name != **name))
                {
                    let message = format!("{} has no machine {name:?}", experiment.request.name);
                    return Err(BackendError::Conflict { message });
                }
                let placed = self.0.change(&life, move |lifecycle, _| lifecycle.place_by_hand(&addresses));
                placed.await.map_err(store_failed)?;
            }
            ExperimentAction::Forget => {
                let experiment = life.experiment();
                if !experiment.state.is_over() || experiment.held {
                    let message = "the portal may still hold machines for it: terminate it first".to_owned();
                    return Err(BackendError::Conflict { message });
                }
                self.0.remove(key).await.map_err(store_failed)?;
            }
        }
        life.bell.notify_one();
        Ok(())
    }
}

impl CloudlabHost {
    async fn create(&self, request: ExperimentRequest) -> Result<ExperimentKey, BackendError> {
        let request = request.check().map_err(|problems| BackendError::Invalid { problems })?;
        let portal = self.portal()?;
        let _one_at_a_time = self.0.adding.lock().await;
        self.check_room(&request)?;
        let mut experiment = Experiment::new(self.0.next_key(), request, self.0.clock.now_ms());
        experiment.user = self.0.access.user();
        let life = self.0.add(experiment).await.map_err(store_failed)?;
        perform(&self.0, &life, &portal, Duty::Create).await.map_err(store_failed)?;
        let after = life.experiment();
        match after.state {
            // The portal said no: there is nothing to keep.
            ExperimentState::Failed { reason } if !after.held => {
                self.0.remove(life.key).await.map_err(store_failed)?;
                Err(BackendError::Failed { message: reason })
            }
            _ => {
                self.0.follow(&life);
                Ok(life.key)
            }
        }
    }

    async fn resume(&self, id: String) -> Result<ExperimentKey, BackendError> {
        let id = ExperimentId::try_from(id).map_err(|reason| problem("id", reason))?;
        let portal = self.portal()?;
        let _one_at_a_time = self.0.adding.lock().await;
        if let Some(known) = self.0.experiments().into_iter().find(|known| known.id.as_ref() == Some(&id)) {
            let message = format!("the experiment {} is in the list already", known.request.name);
            return Err(BackendError::Conflict { message });
        }
        let seen = portal.experiment(&id).await.map_err(|error| failed(&error))?;
        let nodes = seen.aggregates.values().map(|site| site.nodes.len() as u32).sum::<u32>().max(1);
        let hours =
            seen.expires_ms.zip(seen.created_ms).map_or(1, |(end_ms, start_ms)| (end_ms - start_ms) / 3_600_000);
        let profile = format!("{}/{}", seen.profile_project, seen.profile_name);
        let hours = hours.clamp(1, i64::from(MAX_HOURS)).to_string();
        let request = ExperimentRequest::read([&seen.name, &seen.project, &profile], [&nodes.to_string(), "", &hours]);
        let request = request.map_err(|problems| BackendError::Invalid { problems })?;
        self.check_room(&request)?;
        let mut experiment = Experiment::new(self.0.next_key(), request, self.0.clock.now_ms());
        (experiment.id, experiment.user) = (Some(id), self.0.access.user());
        let life = self.0.add(experiment).await.map_err(store_failed)?;
        self.0.change(&life, move |lifecycle, now_ms| lifecycle.see(&seen, now_ms)).await.map_err(store_failed)?;
        self.0.follow(&life);
        Ok(life.key)
    }

    fn portal(&self) -> Result<Arc<PortalClient>, BackendError> {
        self.0
            .access
            .portal()
            .ok_or_else(|| problem("token", "there is no token: give the portal's token first".into()))
    }

    /// Whether one more experiment, of this name, can be kept.
    fn check_room(&self, request: &ExperimentRequest) -> Result<(), BackendError> {
        let known = self.0.experiments();
        if known.len() >= MAX_KEPT {
            let message = format!("{MAX_KEPT} experiments are kept: take some that are over out of the list");
            return Err(BackendError::Conflict { message });
        }
        let same = |known: &Experiment| known.request.name == request.name && (known.held || !known.state.is_over());
        match known.iter().any(same) {
            true => {
                Err(problem("name", format!("there is an experiment {} already; choose another name", request.name)))
            }
            false => Ok(()),
        }
    }

    async fn extend(&self, life: &Arc<Life>, hours: u32, reason: &str) -> Result<(), BackendError> {
        if !(1..=MAX_HOURS).contains(&hours) {
            return Err(problem("hours", format!("the extension is a whole number of hours from 1 to {MAX_HOURS}")));
        }
        let reason = reason.trim();
        if reason.chars().count() > MAX_REASON || reason.chars().any(char::is_control) {
            return Err(problem("reason", format!("the reason is one line of at most {MAX_REASON} characters")));
        }
        let Some(id) = life.experiment().id else {
            let message = "the portal has not answered yet: extend it when it has".to_owned();
            return Err(BackendError::Conflict { message });
        };
        let seen = self.portal()?.extend(&id, hours, reason).await.map_err(|error| failed(&error))?;
        let extended = self.0.change(life, move |lifecycle, now_ms| lifecycle.extended(&seen, now_ms));
        extended.await.map_err(store_failed)
    }
}

fn problem(key: &str, message: String) -> BackendError {
    BackendError::Invalid { problems: vec![Problem { key: key.to_owned(), message }] }
}

fn failed(error: &PortalError) -> BackendError {
    match error {
        PortalError::Busy { said, wait } => {
            BackendError::Busy { message: PortalError::busy(said), wait_s: wait.as_secs() }
        }
        error => BackendError::Failed { message: error.to_string() },
    }
}
