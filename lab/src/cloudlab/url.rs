//! Where the portal is.

use reqwest::Url;
use std::net::IpAddr;

/// CloudLab's own portal.
pub const DEFAULT_PORTAL: &str = "https://boss.emulab.net:43794";

/// The portal's address. Tokens go to it, so it is encrypted, or on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalUrl(Url);

impl PortalUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// A sentence with the mend.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| {
            format!("the portal's address {text:?} cannot be read: {error}; as in {DEFAULT_PORTAL}")
        })?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("the portal's address has more than host, port and path; as in {DEFAULT_PORTAL}"));
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            _ => Err(format!("the portal's address {text:?} is not encrypted: begin it with https://")),
        }
    }

    /// The address of a call: the parts, each escaped, under this one.
    pub(super) fn join(&self, parts: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }

    /// Whether calls stay on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether calls are encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Host and port, for messages.
    pub fn place(&self) -> String {
        let port = self.0.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.0.host_str().unwrap_or_default())
    }
}

impl std::fmt::Display for PortalUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_go_to_an_encrypted_address_or_to_this_machine() {
        for address in [DEFAULT_PORTAL, "https://portal.example/api", "http://127.0.0.1:80", "http://[::1]:1"] {
            assert!(PortalUrl::parse(address).is_ok(), "{address}");
        }
        for address in ["http://boss.emulab.net:43795", "ftp://x", "boss.emulab.net", "https://a:b@c", "https://a/?t=1"]
        {
            assert!(PortalUrl::parse(address).is_err(), "{address}");
        }
    }

    #[test]
    fn parts_are_escaped_and_stay_below_the_address() {
        let portal = PortalUrl::parse("https://portal.example/api/").unwrap();
        assert_eq!(portal.join(&["experiments", "p,n"]).as_str(), "https://portal.example/api/experiments/p,n");
        assert_eq!(portal.join(&["a/../b?c"]).as_str(), "https://portal.example/api/a%2F..%2Fb%3Fc");
        assert_eq!(portal.to_string(), "https://portal.example/api");
        assert_eq!(PortalUrl::parse(DEFAULT_PORTAL).unwrap().place(), "boss.emulab.net:43794");
    }
}
