//! Tokens and sessions: what callers show, and what it is worth. Only hashes are kept.

use super::attempts::Attempts;
use super::cookie::SessionCookie;
use super::pass::{Key, Pass};
use crate::clock::Clock;
use crate::error::ServerError;
use crate::trials::random_hex;
use axum::http::{HeaderMap, header};
use model::access::Role;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{AccessSession, AccessStore, NewToken, START_TOKEN, StoreError, TokenHash, Used};

/// A session ends when it has not been used for so long, ms.
pub const SESSION_IDLE_MS: i64 = 7 * DAY_MS;
/// A session ends after so long in any case, ms.
pub const SESSION_MS: i64 = 30 * DAY_MS;
/// A link for watchers works for so long, ms.
const WATCHING_LINK_MS: i64 = 7 * DAY_MS;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How exactly it is known when something was used last, ms.
const USED_EVERY_MS: i64 = 60_000;
/// How often it is looked whether the pass of an open stream still holds.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Nothing that is longer is a token, bytes.
const MAX_TOKEN: usize = 128;

/// Why somebody is not let in.
#[derive(Debug)]
pub enum Denied {
    /// Nothing that holds was shown.
    SignIn,
    /// What was shown is no token of this server, or one no longer.
    WrongToken,
    /// Too many were wrong.
    Wait {
        /// For how long.
        seconds: i64,
    },
    /// It could not be looked up.
    Store(StoreError),
}

impl From<StoreError> for Denied {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A session that has begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The header `Set-Cookie`.
    pub cookie: String,
    /// What it allows.
    pub role: Role,
}

/// The tokens and sessions of a server.
#[derive(Debug)]
pub struct Login {
    store: AccessStore,
    clock: Clock,
    cookie: SessionCookie,
    attempts: Mutex<Attempts>,
    look_again: Duration,
}

impl Login {
    /// For a server whose cookies are of this port; `secure` where browsers reach it over TLS.
    pub fn new(store: AccessStore, clock: Clock, port: u16, secure: bool) -> Self {
        let cookie = SessionCookie::new(port, secure);
        Self { store, clock, cookie, attempts: Mutex::default(), look_again: LOOK_AGAIN }
    }

    /// Looks at the passes of open streams this often.
    #[must_use]
    pub fn looking_again_every(self, look_again: Duration) -> Self {
        Self { look_again, ..self }
    }

    /// Makes the token of the link that is printed at the start, in the place of the last start's.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn start_token(&self) -> Result<String, ServerError> {
        let token = random_hex::<32>()?;
        let new = self.new_token(START_TOKEN.to_owned(), &token, Role::Driver, None)?;
        self.store.replace_token(new).await?;
        Ok(token)
    }

    /// Makes a token for watchers, and says until when it works.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub(super) async fn watching_token(&self) -> Result<(String, i64), ServerError> {
        let token = random_hex::<32>()?;
        let name = format!("watching link {}", random_hex::<4>()?);
        let expires_ms = self.clock.now_ms() + WATCHING_LINK_MS;
        self.store.add_token(self.new_token(name, &token, Role::Audience, Some(expires_ms))?).await?;
        Ok((token, expires_ms))
    }

    fn new_token(
        &self,
        name: String,
        token: &str,
        role: Role,
        expires_ms: Option<i64>,
    ) -> Result<NewToken, ServerError> {
        Ok(NewToken { name, hash: token_hash(token), role, created_ms: self.clock.now_ms(), expires_ms })
    }

    /// Lets in who shows a token in the header `Authorization`, else a session in the cookie.
    pub(super) async fn admit(self: &Arc<Self>, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Pass, Denied> {
        let now_ms = self.clock.now_ms();
        if let Some(authorization) = headers.get(header::AUTHORIZATION) {
            let token = authorization.to_str().ok().and_then(bearer).unwrap_or_default();
            let found = self.token(token, peer).await?;
            self.note_use(Used::Token(found.id), found.last_used_ms, now_ms);
            return Ok(Pass::of(Arc::clone(self), found.role, Key::Token(token_hash(token))));
        }
        // An open tab shows its session again and again, also when that has ended: it counts as no attempt.
        let session = self.cookie.find(headers).filter(|session| session.len() <= MAX_TOKEN).ok_or(Denied::SignIn)?;
        let found = self.session(token_hash(session)).await?.ok_or(Denied::SignIn)?;
        self.note_use(Used::Session(found.hash), Some(found.last_used_ms), now_ms);
        Ok(Pass::of(Arc::clone(self), found.role, Key::Session(found.hash)))
    }

    /// Exchanges a token for a session.
    ///
    /// # Errors
    /// Why not.
    pub async fn sign_in(&self, token: &str, peer: Option<IpAddr>) -> Result<NewSession, Denied> {
        let found = self.token(token.trim(), peer).await?;
        let now_ms = self.clock.now_ms();
        let session = random_hex::<32>().map_err(|error| {
            Denied::Store(StoreError::Statement { action: "begin a session", reason: error.to_string() })
        })?;
        let expires_ms = found.expires_ms.unwrap_or(i64::MAX).min(now_ms + SESSION_MS);
        let begun = self.store.begin_session(AccessSession {
            hash: token_hash(&session),
            token: Some(found.id),
            role: found.role,
            created_ms: now_ms,
            expires_ms,
            last_used_ms: now_ms,
        });
        if !begun.await? {
            return Err(Denied::WrongToken);
        }
        self.note_use(Used::Token(found.id), found.last_used_ms, now_ms);
        let cookie = self.cookie.keep(&session, (expires_ms - now_ms) / 1000);
        Ok(NewSession { cookie, role: found.role })
    }

    pub(super) fn forget(&self) -> String {
        self.cookie.forget()
    }

    pub(super) async fn end(&self, key: Key) -> Result<(), StoreError> {
        match key {
            Key::Session(hash) => self.store.end_session(hash).await,
            Key::Token(_) => Ok(()),
        }
    }

    /// Waits until what was shown holds no longer. As long as a stream is open, its session is in use.
    pub(super) async fn until_ended(&self, key: Key) {
        loop {
            tokio::time::sleep(self.look_again).await;
            let now_ms = self.clock.now_ms();
            match key {
                Key::Session(hash) => match self.session(hash).await {
                    Ok(Some(found)) => self.note_use(Used::Session(hash), Some(found.last_used_ms), now_ms),
                    Ok(None) => return,
                    Err(error) => tracing::warn!("whether a session still holds is not known: {error}"),
                },
                Key::Token(hash) => match self.store.token(hash, now_ms).await {
                    Ok(Some(_)) => {}
                    Ok(None) => return,
                    Err(error) => tracing::warn!("whether a token still holds is not known: {error}"),
                },
            }
        }
    }

    /// The token that this is. Only what is wrong counts, and waits: one that is right is let in even from where many were
    /// wrong, since others may call from there as well.
    async fn token(&self, token: &str, peer: Option<IpAddr>) -> Result<store::Token, Denied> {
        // Who cannot be told apart counts as one.
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let now_ms = self.clock.now_ms();
        let found = match token.len() {
            1..=MAX_TOKEN => self.store.token(token_hash(token), now_ms).await?,
            _ => None,
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        match attempts.check(peer, now_ms) {
            Ok(()) => {
                attempts.failed(peer, now_ms);
                Err(Denied::WrongToken)
            }
            Err(wait_ms) => Err(Denied::Wait { seconds: (wait_ms + 999) / 1000 }),
        }
    }

    async fn session(&self, hash: TokenHash) -> Result<Option<AccessSession>, StoreError> {
        let now_ms = self.clock.now_ms();
        let found = self.store.session(hash, now_ms).await?;
        Ok(found.filter(|found| found.last_used_ms + SESSION_IDLE_MS > now_ms))
    }

    /// Notes a use, unless that was done just now. Nobody waits for it.
    fn note_use(&self, used: Used, last_used_ms: Option<i64>, now_ms: i64) {
        if last_used_ms.is_some_and(|last| now_ms - last < USED_EVERY_MS) {
            return;
        }
        let store = self.store.clone();
        tokio::spawn(async move {
            if let Err(error) = store.used(used, now_ms).await {
                tracing::warn!("{error}");
            }
        });
    }
}

/// The token in the header `Authorization`.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What a token is looked up by. 256 random bits need no slow hash, and how long the comparison of a hash takes tells nothing
/// of what it is the hash of.
pub fn token_hash(token: &str) -> TokenHash {
    *blake3::hash(token.as_bytes()).as_bytes()
}
