//! What a check of an experiment's machines found out, for a person who has to decide about their keys.

use crate::backend::cloudlab::HostKey;
use model::hosts::{FindingState, HostCheck, TestbedCheck};

/// The usual port of SSH: a host's label leaves it out.
const SSH_PORT: u16 = 22;

/// A key that a machine showed and nobody has trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    /// What is trusted.
    pub key: HostKey,
    /// `SHA256:…`
    pub fingerprint: String,
    /// `ssh-ed25519`.
    pub algorithm: String,
}

/// All keys that nobody has trusted, in the order of the machines.
pub fn unknown_keys(check: &TestbedCheck) -> Vec<UnknownKey> {
    check.hosts.iter().filter_map(unknown_key).collect()
}

/// The file of the key that a passphrase has to open, and whether one was tried in vain; none where none is asked for.
pub fn locked_key(check: &TestbedCheck) -> Option<(String, bool)> {
    check.hosts.iter().flat_map(|host| &host.findings).find_map(|finding| match &finding.state {
        FindingState::NeedsPassphrase { key, refused } => Some((key.clone(), *refused)),
        _ => None,
    })
}

/// Fingerprint, algorithm and text of the key that a host showed and nobody has trusted.
pub fn shown_key(host: &HostCheck) -> Option<(String, String, String)> {
    host.findings.iter().find_map(|finding| match &finding.state {
        FindingState::UnknownHostKey { fingerprint, algorithm, key } => {
            Some((fingerprint.clone(), algorithm.clone(), key.clone()))
        }
        _ => None,
    })
}

fn unknown_key(host: &HostCheck) -> Option<UnknownKey> {
    let (fingerprint, algorithm, key) = shown_key(host)?;
    let (address, port) = match host.host.rsplit_once(':') {
        Some((address, port)) => (address, port.parse().ok()?),
        None => (host.host.as_str(), SSH_PORT),
    };
    Some(UnknownKey { key: HostKey { address: address.to_owned(), port, key }, fingerprint, algorithm })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::hosts::{Finding, HostStep};

    #[test]
    fn a_key_that_no_passphrase_opens_is_asked_for_once() {
        let locked = |refused| {
            let state = FindingState::NeedsPassphrase { key: "/home/ann/.ssh/id_ed25519".into(), refused };
            let findings = vec![Finding { step: HostStep::Login, text: "the key is encrypted".into(), state }];
            HostCheck { host: "pc1.example.org".into(), findings }
        };
        let check = TestbedCheck { hosts: vec![locked(true), locked(true)] };
        assert_eq!(locked_key(&check), Some(("/home/ann/.ssh/id_ed25519".to_owned(), true)));
        assert_eq!(locked_key(&TestbedCheck { hosts: vec![] }), None);
    }

    #[test]
    fn keys_that_nobody_has_trusted_are_collected_with_where_they_were_shown() {
        let state = FindingState::UnknownHostKey {
            fingerprint: "SHA256:x".into(),
            algorithm: "ssh-ed25519".into(),
            key: "ssh-ed25519 AAAA".into(),
        };
        let unknown = Finding { step: HostStep::HostKey, text: "new".into(), state };
        let host = |name: &str, finding: Finding| HostCheck { host: name.into(), findings: vec![finding] };
        let check = TestbedCheck {
            hosts: vec![
                host("pc1.example.org", unknown.clone()),
                host("pc2.example.org", Finding::good(HostStep::HostKey, "known")),
                host("pc3.example.org:2222", unknown),
            ],
        };
        let places: Vec<_> = unknown_keys(&check).into_iter().map(|one| (one.key.address, one.key.port)).collect();
        assert_eq!(places, [("pc1.example.org".to_owned(), 22), ("pc3.example.org".to_owned(), 2222)]);
    }
}
