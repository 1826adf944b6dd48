//! The names under which the control plane answers. A page of another name may not reach it, not even when that name leads
//! to this address (DNS rebinding). What a proxy says of the original request is not believed.

use axum::http::Uri;
use axum::http::uri::Scheme;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// The address under which others reach this server, such as `https://gym.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    host: String,
    port: u16,
}

impl PublicUrl {
    /// Whether a host, with a port or without, has its name.
    fn is_named(&self, host: &str) -> bool {
        self.host.eq_ignore_ascii_case(without_port(host))
    }

    /// Whether it is reached over TLS.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Its port, said or not.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// As browsers write it: in small letters, without a port that goes without saying.
    pub fn origin(&self) -> String {
        let (scheme, usual) = if self.https { ("https", 443) } else { ("http", 80) };
        if self.port == usual {
            format!("{scheme}://{}", self.host)
        } else {
            format!("{scheme}://{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = || format!("{text:?} is no address such as https://gym.example.org, without a path");
        let uri: Uri = text.trim().parse().map_err(|_| example())?;
        let https = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(example()),
        };
        let authority = uri.authority().ok_or_else(example)?;
        let plain = uri.path_and_query().is_none_or(|rest| rest.as_str() == "/") && !authority.as_str().contains('@');
        if !plain || authority.host().is_empty() {
            return Err(example());
        }
        // A port that is no number is none, as far as `Authority` is concerned.
        let port = match authority.as_str()[authority.host().len()..].strip_prefix(':') {
            None => {
                if https {
                    443
                } else {
                    80
                }
            }
            Some(port) => port.parse().map_err(|_| example())?,
        };
        Ok(Self { https, host: authority.host().to_ascii_lowercase(), port })
    }
}

/// The name of a host with a port or without.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The names of one server.
#[derive(Clone, Debug)]
pub struct Hosts {
    bound: IpAddr,
    public: Option<PublicUrl>,
    /// Whether it is this server itself that speaks TLS, so that nothing comes in without.
    tls: bool,
}

impl Hosts {
    /// Those of a server that listens at an address, and has a public one.
    pub fn new(bound: SocketAddr, public: Option<PublicUrl>) -> Self {
        Self { bound: bound.ip(), public, tls: false }
    }

    /// The same of a server that speaks TLS, or not.
    #[must_use]
    pub fn over_tls(self, tls: bool) -> Self {
        Self { tls, ..self }
    }

    /// Whether a `Host` is one of them, with whatever port: tunnels have their own.
    pub fn answers_to(&self, host: &str) -> bool {
        let name = without_port(host);
        let public = self.public.as_ref().is_some_and(|public| public.is_named(host));
        public || name.eq_ignore_ascii_case("localhost") || literal(name).is_some_and(|address| self.is_own(address))
    }

    /// Whether the page that sends a request to a `Host` is this server's own. One that calls a server without TLS may have
    /// come over it all the same, to a proxy.
    pub fn is_own_page(&self, origin: &str, host: &str) -> bool {
        let only_https = self.tls || self.public.as_ref().is_some_and(|public| public.https && public.is_named(host));
        let plain = origin.strip_prefix("http://").filter(|_| !only_https);
        let own = plain.or_else(|| origin.strip_prefix("https://"));
        own.is_some_and(|own| own.eq_ignore_ascii_case(host))
            || self.public.as_ref().is_some_and(|public| public.origin().eq_ignore_ascii_case(origin))
    }

    /// They in words: "127.0.0.1, localhost and [::1]".
    pub fn words(&self) -> String {
        let mut names = vec!["127.0.0.1".to_owned(), "localhost".to_owned(), "[::1]".to_owned()];
        if self.bound.is_unspecified() {
            names.push("this machine's IP addresses".to_owned());
        } else if !matches!(self.bound.to_string().as_str(), "127.0.0.1" | "::1") {
            names.push(self.bound.to_string());
        }
        names.extend(self.public.as_ref().map(|public| public.host.clone()));
        let last = names.pop().unwrap_or_default();
        format!("{} and {last}", names.join(", "))
    }

    // An address in figures leads where it says, so a foreign page cannot have it for its own.
    fn is_own(&self, address: IpAddr) -> bool {
        let usual = ["127.0.0.1", "::1"].iter().any(|usual| usual.parse() == Ok(address));
        usual || address == self.bound || self.bound.is_unspecified()
    }
}

/// The address that a host in figures is.
fn literal(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?.parse().ok().map(IpAddr::V6),
        None => name.parse().ok().map(IpAddr::V4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(bound: &str, public: Option<&str>) -> Hosts {
        Hosts::new(bound.parse().unwrap(), public.map(|public| public.parse().unwrap()))
    }

    #[test]
    fn on_this_machine_only_its_own_names_are_answered() {
        let own = hosts("127.0.0.1:8999", None);
        for host in ["127.0.0.1:8999", "localhost", "LocalHost:1", "[::1]:8999", "[::1]"] {
            assert!(own.answers_to(host), "{host}");
        }
        let foreign = ["evil.example", "127.0.0.1.evil.example:80", "localhost:80:80", "127.0.0.1:", ":8999", ""];
        for host in foreign.into_iter().chain(["10.0.0.1", "::1", "[::1", "[10.0.0.1]"]) {
            assert!(!own.answers_to(host), "{host}");
        }
    }

    #[test]
    fn beyond_it_the_bound_address_and_the_public_name_are_answered_too() {
        let bound = hosts("192.0.2.7:8999", None);
        assert!(bound.answers_to("192.0.2.7:8999") && !bound.answers_to("192.0.2.8:8999"));
        let every = hosts("0.0.0.0:8999", None);
        assert!(every.answers_to("192.0.2.7") && every.answers_to("[2001:db8::1]:8999"));
        assert!(!every.answers_to("evil.example"));
        let public = hosts("127.0.0.1:8999", Some("https://Gym.Example.org"));
        assert!(public.answers_to("gym.example.org") && public.answers_to("127.0.0.1:8999"));
        assert!(!public.answers_to("gym.example.org.evil.example"));
        assert_eq!(public.words(), "127.0.0.1, localhost, [::1] and gym.example.org");
    }

    #[test]
    fn a_page_is_own_by_the_name_that_was_called_or_the_public_one() {
        let public = hosts("127.0.0.1:8999", Some("https://gym.example.org"));
        for (origin, host) in [
            ("http://127.0.0.1:8999", "127.0.0.1:8999"),
            ("https://gym.example.org", "gym.example.org"),
            // A proxy that calls by the address it was told.
            ("https://gym.example.org", "127.0.0.1:8999"),
        ] {
            assert!(public.is_own_page(origin, host), "{origin} {host}");
        }
        for (origin, host) in [
            ("null", "127.0.0.1:8999"),
            ("http://gym.example.org", "127.0.0.1:8999"),
            // The public address has TLS, so what comes without is not from there.
            ("http://gym.example.org", "gym.example.org"),
            ("http://gym.example.org:81", "gym.example.org:81"),
            ("https://gym.example.org:444", "gym.example.org"),
            ("https://evil.example", "gym.example.org"),
            ("http://localhost:8999", "127.0.0.1:8999"),
        ] {
            assert!(!public.is_own_page(origin, host), "{origin} {host}");
        }
    }

    #[test]
    fn over_tls_a_page_of_the_same_name_without_tls_is_another_one() {
        let plain = hosts("192.0.2.7:8999", Some("http://gym.example.org"));
        // A proxy before a server without TLS may speak it or not.
        assert!(["http", "https"].iter().all(|scheme| plain.is_own_page(&format!("{scheme}://a:1"), "a:1")));
        let own = plain.over_tls(true);
        assert!(own.is_own_page("https://192.0.2.7:8999", "192.0.2.7:8999"));
        assert!(!own.is_own_page("http://192.0.2.7:8999", "192.0.2.7:8999"));
        // A proxy without TLS before a server with it.
        assert!(own.is_own_page("http://gym.example.org", "192.0.2.7:8999"));
    }

    #[test]
    fn a_public_address_is_a_scheme_a_host_and_perhaps_a_port() {
        let origin = |text: &str| text.parse::<PublicUrl>().map(|public| public.origin());
        assert_eq!(origin("https://gym.example.org:443/").unwrap(), "https://gym.example.org");
        assert_eq!(origin("http://[2001:DB8::1]:8080").unwrap(), "http://[2001:db8::1]:8080");
        for text in [
            "gym.example.org",
            "https://",
            "ftp://gym.example.org",
            "https://gym.example.org/path",
            "https://gym.example.org/?a",
            "https://user:secret@gym.example.org",
            "https://gym.example.org:99999",
            "https://gym.example.org:",
            "",
            "https://a b",
        ] {
            assert!(origin(text).unwrap_err().contains("https://gym.example.org"), "{text}");
        }
    }
}
