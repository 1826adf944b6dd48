//! What a request was let in with.

use super::login::Login;
use app::access::Visitor;
use model::access::Role;
use std::sync::Arc;
use store::TokenHash;

/// The right of one request, and of the stream that it opens.
#[derive(Clone, Debug)]
pub struct Pass {
    role: Role,
    held: Option<(Arc<Login>, Key)>,
}

/// What was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A browser's session.
    Session(TokenHash),
    /// A script's token.
    Token(TokenHash),
}

impl Pass {
    /// Where nobody has to sign in.
    pub(super) fn for_everybody() -> Self {
        Self { role: Role::Driver, held: None }
    }

    pub(super) fn of(login: Arc<Login>, role: Role, key: Key) -> Self {
        Self { role, held: Some((login, key)) }
    }

    /// What it allows.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Who the page belongs to.
    pub fn visitor(&self) -> Visitor {
        Visitor { role: self.role, login: self.held.is_some() }
    }

    /// Ends the session, where there is one; answers with the cookie that forgets it.
    ///
    /// # Errors
    /// When it could not be ended.
    pub async fn sign_out(&self) -> Result<Option<String>, store::StoreError> {
        let Some((login, key)) = &self.held else { return Ok(None) };
        login.end(*key).await?;
        Ok(Some(login.forget()))
    }

    /// Waits until it holds no longer: it expired, was revoked, or was given back. For ever where nobody has to sign in.
    pub async fn ended(self) {
        match self.held {
            None => std::future::pending().await,
            Some((login, key)) => login.until_ended(key).await,
        }
    }
}
