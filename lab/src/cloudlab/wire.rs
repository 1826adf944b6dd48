//! What the portal's OpenAPI document calls its objects: the parts of them that are read or sent here. Fields that may be
//! missing there may be missing here.

use super::moment;
use model::cloudlab::{ExperimentId, ExperimentRequest};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// What the portal says of a token (`Token`). The token itself, which is part of the answer, is not read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TokenInfo {
    /// Its id, which is no secret.
    pub id: String,
    /// Whose it is.
    #[serde(default)]
    pub user: Option<String>,
    /// When it expires, milliseconds since the epoch; none where it does not.
    #[serde(default, rename = "expires_at", deserialize_with = "read_moment")]
    pub expires_ms: Option<i64>,
}

/// A profile (`Profile`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Profile {
    /// Its name.
    #[serde(default, deserialize_with = "or_nothing")]
    pub name: String,
    /// Its project.
    #[serde(default, deserialize_with = "or_nothing")]
    pub project: String,
}

#[derive(Deserialize)]
pub(super) struct ProfileList {
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) profiles: Vec<Profile>,
}

/// An experiment (`Experiment`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PortalExperiment {
    /// Its id.
    pub id: ExperimentId,
    /// Its name.
    #[serde(default, deserialize_with = "or_nothing")]
    pub name: String,
    /// Its project.
    #[serde(default, deserialize_with = "or_nothing")]
    pub project: String,
    /// The profile's name.
    #[serde(default, deserialize_with = "or_nothing")]
    pub profile_name: String,
    /// The profile's project.
    #[serde(default, deserialize_with = "or_nothing")]
    pub profile_project: String,
    /// Where it is: a word that the document does not list.
    #[serde(default, deserialize_with = "or_nothing")]
    pub status: String,
    /// When it was created, milliseconds since the epoch.
    #[serde(default, rename = "created_at", deserialize_with = "read_moment")]
    pub created_ms: Option<i64>,
    /// When its time is over, milliseconds since the epoch.
    #[serde(default, rename = "expires_at", deserialize_with = "read_moment")]
    pub expires_ms: Option<i64>,
    /// The sites that take part, by their name. Empty in short answers.
    #[serde(default, deserialize_with = "or_nothing")]
    pub aggregates: BTreeMap<String, AggregateStatus>,
}

#[derive(Deserialize)]
pub(super) struct ExperimentList {
    #[serde(default, deserialize_with = "or_nothing")]
    pub(super) experiments: Vec<PortalExperiment>,
}

/// A site of an experiment (`AggregateStatus`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct AggregateStatus {
    /// Where the site's part is.
    #[serde(default, deserialize_with = "or_nothing")]
    pub status: String,
    /// Its machines.
    #[serde(default, deserialize_with = "or_nothing")]
    pub nodes: Vec<AggregateNode>,
}

/// A machine (`AggregateNode`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AggregateNode {
    /// Its name in the profile.
    #[serde(deserialize_with = "or_nothing")]
    pub client_id: String,
    /// Its host name; the portal also sends `<notyet>`.
    #[serde(deserialize_with = "or_nothing")]
    pub hostname: String,
    /// Its public address; the portal also sends `<notyet>`.
    #[serde(deserialize_with = "or_nothing")]
    pub ipv4: String,
    /// `ready`, `changing`, `failed`.
    #[serde(deserialize_with = "or_nothing")]
    pub status: String,
    /// `started`, `starting`.
    #[serde(deserialize_with = "or_nothing")]
    pub state: String,
    /// `ISUP`, `BOOTING`.
    #[serde(deserialize_with = "or_nothing")]
    pub rawstate: String,
}

/// A request for an experiment (`ExperimentCreate`).
#[derive(Debug, Serialize)]
pub(super) struct ExperimentCreate<'a> {
    name: &'a str,
    project: &'a str,
    profile_name: &'a str,
    profile_project: &'a str,
    duration: u32,
    bindings: BTreeMap<&'static str, String>,
}

impl<'a> ExperimentCreate<'a> {
    pub(super) fn new(request: &'a ExperimentRequest) -> Self {
        // Bindings are the profile's own; the portal takes their values as text.
        let mut bindings = BTreeMap::from([("nodeCount", request.nodes.to_string())]);
        if !request.node_type.is_empty() {
            bindings.insert("phystype", request.node_type.clone());
        }
        Self {
            name: &request.name,
            project: &request.project,
            profile_name: &request.profile.name,
            profile_project: &request.profile.project,
            duration: request.hours,
            bindings,
        }
    }
}

/// A request for more time (`ExtensionRequest`).
#[derive(Debug, Serialize)]
pub(super) struct ExtensionRequest<'a> {
    pub(super) extend_by: u32,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) reason: &'a str,
}

/// Why the portal refuses: `error` in its document, `detail` where its framework answers before its own code.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Refusal {
    pub(super) error: Option<serde_json::Value>,
    #[serde(deserialize_with = "or_nothing")]
    pub(super) errors: Vec<serde_json::Value>,
    pub(super) detail: Option<serde_json::Value>,
}

/// The portal's framework writes what it does not know as null, also where the document does not say so.
fn or_nothing<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}

fn read_moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
    match moment::milliseconds(&text) {
        Some(at_ms) => Ok(Some(at_ms)),
        None => Err(serde::de::Error::custom("a time is not written as 2023-06-30T22:11:05Z")),
    }
}
