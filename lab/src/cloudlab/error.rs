//! Why the portal did not do what was asked, in sentences. None of them holds the token.

use std::time::Duration;
use thiserror::Error;

/// What can go wrong between us and the portal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PortalError {
    /// There is no connection, it broke, or nothing came in time. Whether the portal has acted is not known.
    #[error("the portal {place} cannot be reached: {reason}")]
    Unreachable {
        /// Host and port.
        place: String,
        /// Why, with the mend where there is one.
        reason: String,
    },
    /// The token is not accepted: expired, revoked, or not one of this portal's (401).
    #[error("the portal does not accept the token: {said}. Give another one, from the portal's page of API tokens")]
    TokenRefused {
        /// The portal's words.
        said: String,
    },
    /// The token's owner may not do this (403).
    #[error("the portal does not allow this: {said}. Ask the leader of the project, or choose another project")]
    Forbidden {
        /// The portal's words.
        said: String,
    },
    /// There is no such thing (404).
    #[error("the portal knows no such thing: {said}")]
    NotFound {
        /// The portal's words.
        said: String,
    },
    /// The portal has too much to do (429).
    #[error("{}; it asks to wait for {} s", Self::busy(said), wait.as_secs())]
    Busy {
        /// The portal's words.
        said: String,
        /// How long to wait before the next call.
        wait: Duration,
    },
    /// The portal refused what was asked (other codes from 400 on).
    #[error("the portal refuses (status {status}): {said}")]
    Refused {
        /// The status code.
        status: u16,
        /// The portal's words.
        said: String,
    },
    /// The portal itself failed (500 and above). Whether it has acted is not known.
    #[error("the portal failed (status {status}): {said}; try again later")]
    Broken {
        /// The status code.
        status: u16,
        /// The portal's words.
        said: String,
    },
    /// It answers with something that is not of its interface.
    #[error("{what} of {place} is not what CloudLab's interface describes: {reason}; check the portal's address")]
    Foreign {
        /// "The list of profiles".
        what: &'static str,
        /// Host and port.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The connection cannot be set up at all.
    #[error("no connection to the portal can be set up: {reason}")]
    SetUp {
        /// Why, with the mend.
        reason: String,
    },
}

impl PortalError {
    /// That the portal has too much to do, with its words.
    pub fn busy(said: &str) -> String {
        format!("the portal is busy: {said}")
    }

    /// Whether the portal may have acted on a call that failed like this.
    pub fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Broken { .. } | Self::Foreign { .. })
    }
}
