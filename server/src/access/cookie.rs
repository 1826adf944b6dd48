//! The cookie that a session is kept in.

use axum::http::{HeaderMap, header};

/// The cookie of one server: browsers do not tell ports apart, so its name does.
#[derive(Clone, Debug)]
pub(super) struct SessionCookie {
    name: String,
    secure: bool,
}

impl SessionCookie {
    /// For a server at a port; `secure` where browsers reach it over TLS.
    pub(super) fn new(port: u16, secure: bool) -> Self {
        // The prefix makes browsers insist on TLS, on this very host, and on the whole site.
        let prefix = if secure { "__Host-" } else { "" };
        Self { name: format!("{prefix}bftgym-{port}"), secure }
    }

    /// What a request carries of it.
    pub(super) fn find<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.name).map(|(_, value)| value)
    }

    /// Keeps a session for so many seconds. Lax, so that a link from elsewhere to a trial finds it: nothing that a link can
    /// ask for changes anything.
    pub(super) fn keep(&self, session: &str, seconds: i64) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={session}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.name)
    }

    /// Forgets it.
    pub(super) fn forget(&self) -> String {
        self.keep("", 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_found_among_other_cookies_and_those_of_other_ports() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=b; bftgym-9100=other".parse().unwrap());
        headers.append(header::COOKIE, "x; bftgym-8999=mine;y=z".parse().unwrap());
        assert_eq!(SessionCookie::new(8999, false).find(&headers), Some("mine"));
        assert_eq!(SessionCookie::new(9100, false).find(&headers), Some("other"));
        assert_eq!(SessionCookie::new(8999, true).find(&headers), None);
    }

    #[test]
    fn scripts_and_other_sites_do_not_get_it_and_with_tls_it_stays_on_tls() {
        let plain = SessionCookie::new(8999, false).keep("s", 60);
        assert_eq!(plain, "bftgym-8999=s; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
        let secure = SessionCookie::new(443, true);
        assert_eq!(secure.keep("s", 60), "__Host-bftgym-443=s; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        assert!(secure.forget().starts_with("__Host-bftgym-443=; Path=/; Max-Age=0;"));
    }
}
