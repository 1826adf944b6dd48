//! Who the page belongs to, and what it can ask for in that respect. The server puts a [`Visitor`] and an `Arc<dyn Desk>`
//! into the context of every server function of somebody who was let in.

use model::access::Role;
use serde::{Deserialize, Serialize};

/// Who looks at the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// What they may do.
    pub role: Role,
    /// Whether they had to sign in, and can sign out.
    pub login: bool,
}

impl Visitor {
    /// Whether they may change something.
    pub fn drives(self) -> bool {
        self.role == Role::Driver
    }
}

/// A link with which others can watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchingLink {
    /// What is behind `/login#token=` in it.
    pub token: String,
    /// Until when it works, ms since the epoch.
    pub expires_ms: i64,
}

/// What lets others in.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Desk: Send + Sync + 'static {
    /// Makes a link for watchers.
    async fn share(&self) -> Result<WatchingLink, crate::backend::BackendError>;
}
