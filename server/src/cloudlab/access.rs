//! The token that is in use, and what the portal says of it.

use super::settings::CloudlabSettings;
use app::backend::cloudlab::{TokenSource, TokenState};
use lab::cloudlab::{ApiToken, PortalClient, PortalError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
struct Held {
    client: Arc<PortalClient>,
    state: TokenState,
    source: TokenSource,
}

/// Who may speak to the portal. Only the client inside has the token.
#[derive(Debug)]
pub(super) struct Access {
    settings: CloudlabSettings,
    held: Mutex<Option<Held>>,
}

impl Access {
    /// With the token that the settings bring, if any; it is checked later.
    pub(super) fn new(mut settings: CloudlabSettings) -> Result<Self, PortalError> {
        let token = settings.token.take();
        let access = Self { settings, held: Mutex::default() };
        if let Some(token) = token {
            let client = Arc::new(access.client(token)?);
            let state = TokenState::Unchecked { reason: None };
            *access.held() = Some(Held { client, state, source: TokenSource::Start });
        }
        Ok(access)
    }

    /// The portal, for the one whose token is held.
    pub(super) fn portal(&self) -> Option<Arc<PortalClient>> {
        self.held().as_ref().map(|held| Arc::clone(&held.client))
    }

    /// What is known of the token.
    pub(super) fn state(&self) -> TokenState {
        self.held().as_ref().map_or(TokenState::Missing, |held| held.state.clone())
    }

    /// Whose the token is, where the portal has said so.
    pub(super) fn user(&self) -> Option<String> {
        match self.state() {
            TokenState::Accepted { user, .. } => user,
            _ => None,
        }
    }

    /// Asks the portal about the held token, where that has not been done with success.
    ///
    /// # Errors
    /// When the portal is busy: it is to be asked again. Everything else is a state of the token.
    pub(super) async fn check(&self) -> Result<TokenState, PortalError> {
        let Some(client) = self.portal() else { return Ok(TokenState::Missing) };
        if matches!(self.state(), TokenState::Accepted { .. }) {
            return Ok(self.state());
        }
        let answer = client.token().await;
        let busy = answer.as_ref().err().filter(|error| matches!(error, PortalError::Busy { .. })).cloned();
        let mut held = self.held();
        // Somebody may have given another one meanwhile, or had this one accepted.
        let is_open =
            |held: &&mut Held| Arc::ptr_eq(&held.client, &client) && !matches!(held.state, TokenState::Accepted { .. });
        if let Some(held) = held.as_mut().filter(is_open) {
            held.state = match answer {
                Ok(info) => accepted(info, held.source),
                Err(error @ PortalError::TokenRefused { .. }) => TokenState::Refused { reason: error.to_string() },
                Err(error) => TokenState::Unchecked { reason: Some(error.to_string()) },
            };
        }
        busy.map_or_else(|| Ok(held.as_ref().map_or(TokenState::Missing, |held| held.state.clone())), Err)
    }

    /// Takes a token if the portal accepts it; otherwise the one before stays.
    pub(super) async fn give(&self, token: ApiToken) -> Result<TokenState, PortalError> {
        let client = self.client(token)?;
        let state = accepted(client.token().await?, TokenSource::Page);
        *self.held() = Some(Held { client: Arc::new(client), state: state.clone(), source: TokenSource::Page });
        Ok(state)
    }

    /// The portal has refused this client's token.
    pub(super) fn refused(&self, client: &Arc<PortalClient>, reason: String) {
        if let Some(held) = self.held().as_mut().filter(|held| Arc::ptr_eq(&held.client, client)) {
            held.state = TokenState::Refused { reason };
        }
    }

    /// Wipes the token.
    pub(super) fn forget(&self) {
        self.held().take();
    }

    /// The portal's address.
    pub(super) fn address(&self) -> String {
        self.settings.portal.to_string()
    }

    fn client(&self, token: ApiToken) -> Result<PortalClient, PortalError> {
        PortalClient::new(self.settings.portal.clone(), token, self.settings.authorities.as_deref())
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accepted(info: lab::cloudlab::TokenInfo, source: TokenSource) -> TokenState {
    TokenState::Accepted { user: info.user, expires_ms: info.expires_ms, source }
}
