//! The calls of the portal that are used here. Each is one operation of its OpenAPI document.

use super::error::PortalError;
use super::manifest::{MAX_MACHINES, is_word};
use super::token::ApiToken;
use super::transport::{Call, Transport};
use super::url::PortalUrl;
use super::wire::{
    ExperimentCreate, ExperimentList, ExtensionRequest, PortalExperiment, Profile, ProfileList, TokenInfo,
};
use model::cloudlab::{ExperimentId, ExperimentRequest};
use reqwest::Method;
use std::collections::BTreeMap;
use std::path::Path;

/// The most experiments or profiles that are taken from a list.
const MAX_LISTED: usize = 1000;

/// The portal, for the user that a token belongs to. Creating is asynchronous: the portal answers at once with an
/// experiment that comes up later, and so is terminating; neither waits.
#[derive(Clone, Debug)]
pub struct PortalClient(Transport);

impl PortalClient {
    /// A client. `authorities` names a PEM file with certificates to trust besides the system's.
    ///
    /// # Errors
    /// When TLS cannot be set up or that file cannot be read.
    pub fn new(url: PortalUrl, token: ApiToken, authorities: Option<&Path>) -> Result<Self, PortalError> {
        Transport::new(url, token, authorities).map(Self)
    }

    /// Whose the token is, and until when (`getTokenThis`).
    ///
    /// # Errors
    /// As all calls here: see [`PortalError`].
    pub async fn token(&self) -> Result<TokenInfo, PortalError> {
        self.0.read(Call::new("what the token is", Method::GET, &["tokens", "this"])).await
    }

    /// The user's own profiles (`listProfiles`); the portal lists no others.
    ///
    /// # Errors
    /// See [`PortalError`].
    pub async fn profiles(&self) -> Result<Vec<Profile>, PortalError> {
        let mut list: ProfileList = self.0.read(Call::new("the list of profiles", Method::GET, &["profiles"])).await?;
        list.profiles.truncate(MAX_LISTED);
        Ok(list.profiles)
    }

    /// The user's own experiments (`listExperiments`), without their machines; the portal lists no others.
    ///
    /// # Errors
    /// See [`PortalError`].
    pub async fn experiments(&self) -> Result<Vec<PortalExperiment>, PortalError> {
        let call = Call::new("the list of experiments", Method::GET, &["experiments"]);
        let mut list: ExperimentList = self.0.read(call).await?;
        list.experiments.truncate(MAX_LISTED);
        Ok(list.experiments)
    }

    /// Asks for an experiment (`createExperiment`). Where the answer is lost, [`PortalClient::find`] tells whether it was
    /// created; to ask again at once would create a second one, or fail because of the first.
    ///
    /// # Errors
    /// See [`PortalError`].
    pub async fn create(&self, request: &ExperimentRequest) -> Result<PortalExperiment, PortalError> {
        let call = Call::new("the new experiment", Method::POST, &["experiments"]);
        let what = call.what;
        let created = self.0.read(call.json(&ExperimentCreate::new(request))?).await?;
        self.checked(what, created)
    }

    /// An experiment with its machines (`getExperiment`), by its id.
    ///
    /// # Errors
    /// See [`PortalError`].
    pub async fn experiment(&self, id: &ExperimentId) -> Result<PortalExperiment, PortalError> {
        self.get(id.as_str()).await
    }

    /// An experiment with its machines (`getExperiment`), by project and name.
    ///
    /// # Errors
    /// See [`PortalError`].
    pub async fn find(&self, project: &str, name: &str) -> Result<PortalExperiment, PortalError> {
        self.get(&format!("{project},{name}")).await
    }

    async fn get(&self, id: &str) -> Result<PortalExperiment, PortalError> {
        let path = ["experiments", id];
        let call = Call { elaborate: true, ..Call::new("the experiment", Method::GET, &path) };
        let what = call.what;
        let experiment = self.0.read(call).await?;
        self.checked(what, experiment)
    }

    /// Refuses what would be shown or called without being what it says it is.
    fn checked(&self, what: &'static str, experiment: PortalExperiment) -> Result<PortalExperiment, PortalError> {
        let nodes = || experiment.aggregates.values().flat_map(|site| &site.nodes);
        if nodes().count() > MAX_MACHINES {
            return Err(self.0.foreign(what, format!("it has more than {MAX_MACHINES} machines")));
        }
        let words = nodes().flat_map(|node| [&node.status, &node.state, &node.rawstate]).chain([&experiment.status]);
        let names = nodes().map(|node| &node.client_id);
        let strange =
            names.filter(|name| !is_word(name)).chain(words.filter(|word| !word.is_empty() && !is_word(word)));
        let strange = strange.map(|text| text.chars().take(60).collect::<String>()).next();
        match strange {
            Some(text) => Err(self.0.foreign(what, format!("{text:?} is neither a name nor a state"))),
            None => Ok(experiment),
        }
    }

    /// The manifests of an experiment (`getExperimentManifests`), one for each site that has one; XML text.
    ///
    /// # Errors
    /// See [`PortalError`].
    pub async fn manifests(&self, id: &ExperimentId) -> Result<Vec<String>, PortalError> {
        let path = ["experiments", id.as_str(), "manifests"];
        let by_site: BTreeMap<String, Option<String>> =
            self.0.read(Call::new("the list of manifests", Method::GET, &path)).await?;
        Ok(by_site.into_values().flatten().collect())
    }

    /// Asks for more time (`extendExperiment`), hours. Whether it was given is in the answer's `expires_ms`: some
    /// extensions have to be approved by people.
    ///
    /// # Errors
    /// See [`PortalError`].
    pub async fn extend(&self, id: &ExperimentId, hours: u32, reason: &str) -> Result<PortalExperiment, PortalError> {
        let path = ["experiments", id.as_str()];
        let call = Call::new("the extended experiment", Method::PUT, &path);
        let what = call.what;
        let extended = self.0.read(call.json(&ExtensionRequest { extend_by: hours, reason })?).await?;
        self.checked(what, extended)
    }

    /// Ends an experiment (`terminateExperiment`): its machines and all on them are gone.
    ///
    /// # Errors
    /// See [`PortalError`]; [`PortalError::NotFound`] where it is gone already.
    pub async fn terminate(&self, id: &ExperimentId) -> Result<(), PortalError> {
        let path = ["experiments", id.as_str()];
        self.0.send(Call::new("the end of the experiment", Method::DELETE, &path)).await.map(drop)
    }
}
