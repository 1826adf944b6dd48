//! Who may use the control plane: under which names it is called, what one has to show, and how often one may be wrong.

mod attempts;
mod cookie;
mod desk;
mod hosts;
mod login;
mod pass;

pub use attempts::Attempts;
pub use desk::AccessDesk;
pub use hosts::{Hosts, PublicUrl};
pub use login::{Denied, Login, NewSession, SESSION_IDLE_MS, SESSION_MS, token_hash};
pub use pass::Pass;

use axum::http::HeaderMap;
use model::access::Role;
use std::net::IpAddr;
use std::sync::Arc;

/// What the control plane asks of those who call it.
#[derive(Clone, Debug)]
pub struct Access {
    /// The names it answers to.
    pub hosts: Hosts,
    login: Option<Arc<Login>>,
}

impl Access {
    /// Everybody who reaches the server drives: for a server on this machine alone.
    pub fn open(hosts: Hosts) -> Self {
        Self { hosts, login: None }
    }

    /// Only those who show a token, or the session that they got for one.
    pub fn with_login(hosts: Hosts, login: Login) -> Self {
        Self { hosts, login: Some(Arc::new(login)) }
    }

    /// How to sign in; none where nobody has to.
    pub fn login(&self) -> Option<&Arc<Login>> {
        self.login.as_ref()
    }

    /// Lets a caller in.
    ///
    /// # Errors
    /// Why not.
    pub async fn admit(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Pass, Denied> {
        match &self.login {
            None => Ok(Pass::for_everybody()),
            Some(login) => login.admit(headers, peer).await,
        }
    }
}

/// Whether a request only looks, by its method and its path. A server function that only reads is below `/api/read/`; all
/// others may change something.
pub fn only_reads(method: &axum::http::Method, path: &str) -> bool {
    matches!(*method, axum::http::Method::GET | axum::http::Method::HEAD) || path.starts_with("/api/read/")
}

/// Whether a role may send a request.
pub fn may(role: Role, method: &axum::http::Method, path: &str) -> bool {
    // Who watches may stop to.
    role == Role::Driver || only_reads(method, path) || path == "/logout"
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Method;

    #[test]
    fn an_audience_may_look_and_leave_and_nothing_else() {
        for (method, path) in [
            (Method::GET, "/"),
            (Method::HEAD, "/trials/3"),
            (Method::GET, "/stream"),
            (Method::POST, "/api/read/overview"),
            (Method::POST, "/logout"),
        ] {
            assert!(may(Role::Audience, &method, path), "{method} {path}");
        }
        for (method, path) in [
            (Method::POST, "/api/start"),
            (Method::POST, "/api/readable"),
            (Method::POST, "/api/reading/../start"),
            (Method::POST, "/"),
            (Method::PUT, "/stream"),
            (Method::DELETE, "/trials/3"),
            (Method::OPTIONS, "/api/start"),
        ] {
            assert!(!may(Role::Audience, &method, path), "{method} {path}");
            assert!(may(Role::Driver, &method, path), "{method} {path}");
        }
    }
}
