//! How far a server is reached, and what it takes to go there: nobody drives from another machine without a login, and no
//! login goes over a network in the clear unless somebody says so.

use super::listen::parse_host;
use crate::access::PublicUrl;
use crate::cli::AccessArgs;
use crate::error::ServerError;
use std::path::PathBuf;

/// What the options come to.
#[derive(Debug)]
pub(super) struct Exposure {
    /// Whether one has to sign in.
    pub(super) login: bool,
    /// Whether browsers reach the server over TLS, its own or a proxy's.
    pub(super) secure: bool,
    /// The files of certificate and key.
    pub(super) tls: Option<(PathBuf, PathBuf)>,
    /// The address that others use.
    pub(super) public: Option<PublicUrl>,
    /// Whether the address is this machine's alone and takes plain HTTP, so that units on it can use it as it is.
    pub(super) local_http: bool,
}

impl Exposure {
    /// Judges the options of a server on `host`.
    pub(super) fn of(host: &str, args: &AccessArgs) -> Result<Self, ServerError> {
        let beyond = !parse_host(host)?.is_loopback();
        let tls = args.tls_cert.clone().zip(args.tls_key.clone());
        let public = args.public_url.clone();
        let secure = public.as_ref().map_or(tls.is_some(), PublicUrl::is_https);
        let exposed = beyond || public.is_some();
        if exposed && !secure && !args.plain_http {
            let place = public.map_or_else(|| format!("--host {host}"), |public| public.origin());
            return Err(ServerError::InTheClear { place });
        }
        Ok(Self { login: args.login || exposed, secure, local_http: !beyond && tls.is_none(), tls, public })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(host: &str, change: impl FnOnce(&mut AccessArgs)) -> Result<Exposure, ServerError> {
        let mut args = AccessArgs::default();
        change(&mut args);
        Exposure::of(host, &args)
    }

    fn tls(args: &mut AccessArgs) {
        (args.tls_cert, args.tls_key) = (Some("c.pem".into()), Some("k.pem".into()));
    }

    #[test]
    fn on_this_machine_nobody_signs_in_unless_that_is_asked_for() {
        let usual = judge("127.0.0.1", |_| {}).unwrap();
        assert!(!usual.login && !usual.secure && usual.local_http);
        assert!(judge("::1", |args| args.login = true).unwrap().login);
        let encrypted = judge("localhost", tls).unwrap();
        assert!(encrypted.secure && !encrypted.login && !encrypted.local_http);
    }

    #[test]
    fn beyond_it_everybody_signs_in_and_not_in_the_clear() {
        for host in ["0.0.0.0", "192.0.2.7", "::"] {
            let error = judge(host, |_| {}).unwrap_err();
            assert!(matches!(error, ServerError::InTheClear { .. }));
            let sentence = error.to_string();
            assert!(
                ["--tls-cert", "--public-url", "--plain-http"].iter().all(|way| sentence.contains(way)),
                "{sentence}"
            );
            let encrypted = judge(host, tls).unwrap();
            assert!(encrypted.login && encrypted.secure && !encrypted.local_http);
            let plain = judge(host, |args| args.plain_http = true).unwrap();
            assert!(plain.login && !plain.secure && !plain.local_http);
        }
    }

    #[test]
    fn behind_a_proxy_everybody_signs_in_and_the_proxy_has_the_certificate() {
        let proxied = |url: &str| {
            let url = url.parse().unwrap();
            judge("127.0.0.1", |args| args.public_url = Some(url))
        };
        let encrypted = proxied("https://gym.example.org").unwrap();
        assert!(encrypted.login && encrypted.secure && encrypted.local_http);
        assert!(proxied("http://gym.example.org").unwrap_err().to_string().contains("http://gym.example.org"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!(matches!(judge("gym.example.org", |_| {}).unwrap_err(), ServerError::NoAddress { .. }));
    }
}
