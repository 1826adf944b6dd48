//! What a check of an experiment's machines found out, for a person who has to decide about their keys.

use crate::backend::cloudlab::{HostKey, MachineAddress};
use model::hosts::{FindingState, HostCheck, TestbedCheck};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

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

/// The machines that show another key than the trusted one.
pub fn changed_keys(check: &TestbedCheck) -> Vec<MachineAddress> {
    let changed = |host: &&HostCheck| {
        host.findings.iter().any(|finding| matches!(finding.state, FindingState::ChangedHostKey { .. }))
    };
    check.hosts.iter().filter(changed).filter_map(|host| machine(&host.host)).collect()
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

/// Addresses in an experiment's LAN as they were typed, by machine; fields that were left empty are left alone.
///
/// # Errors
/// A sentence, where one is no address or nothing was typed at all.
pub fn lan_addresses(typed: &BTreeMap<String, String>) -> Result<BTreeMap<String, Ipv4Addr>, String> {
    let filled = typed.iter().filter(|(_, text)| !text.trim().is_empty());
    let read = filled.map(|(machine, text)| match text.trim().parse() {
        Ok(address) => Ok((machine.clone(), address)),
        Err(_) => Err(format!("{machine}: {:?} is no IPv4 address such as 10.10.1.1.", text.trim())),
    });
    let addresses: BTreeMap<_, _> = read.collect::<Result<_, _>>()?;
    if addresses.is_empty() { Err("Type at least one address.".to_owned()) } else { Ok(addresses) }
}

fn unknown_key(host: &HostCheck) -> Option<UnknownKey> {
    let (fingerprint, algorithm, key) = shown_key(host)?;
    let MachineAddress { address, port } = machine(&host.host)?;
    Some(UnknownKey { key: HostKey { address, port, key }, fingerprint, algorithm })
}

/// What a host's label says. An IPv6 address has colons of its own.
fn machine(label: &str) -> Option<MachineAddress> {
    let (address, port) = match label.rsplit_once(':') {
        Some(_) if label.parse::<std::net::Ipv6Addr>().is_ok() => (label, SSH_PORT),
        Some((address, port)) => (address, port.parse().ok()?),
        None => (label, SSH_PORT),
    };
    Some(MachineAddress { address: address.to_owned(), port })
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
    fn addresses_are_set_where_something_was_typed_and_what_is_none_is_named() {
        let typed = |pairs: &[(&str, &str)]| {
            lan_addresses(&pairs.iter().map(|(machine, text)| ((*machine).to_owned(), (*text).to_owned())).collect())
        };
        let set = typed(&[("node0", " 10.10.1.1 "), ("node1", "")]).unwrap();
        assert_eq!(set, [("node0".to_owned(), [10, 10, 1, 1].into())].into());
        assert!(typed(&[("node0", "10.10.1"), ("node1", "10.10.1.2")]).unwrap_err().starts_with("node0: \"10.10.1\""));
        assert_eq!(typed(&[("node0", "")]).unwrap_err(), "Type at least one address.");
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
                host("pc3.example.org:2222", unknown.clone()),
                host("2001:db8::7", unknown),
            ],
        };
        let places: Vec<_> = unknown_keys(&check).into_iter().map(|one| (one.key.address, one.key.port)).collect();
        let expected = [("pc1.example.org", 22), ("pc3.example.org", 2222), ("2001:db8::7", 22)];
        assert_eq!(places, expected.map(|(address, port)| (address.to_owned(), port)));
        assert_eq!(changed_keys(&check), []);
    }

    #[test]
    fn machines_whose_keys_have_changed_are_collected_to_have_the_old_ones_forgotten() {
        let state =
            FindingState::ChangedHostKey { known: "SHA256:x".into(), shown: "SHA256:y".into(), mend: "look".into() };
        let changed = Finding { step: HostStep::HostKey, text: "another one".into(), state };
        let host = |name: &str, finding: Finding| HostCheck { host: name.into(), findings: vec![finding] };
        let check = TestbedCheck {
            hosts: vec![
                host("pc1.example.org", Finding::good(HostStep::HostKey, "known")),
                host("pc2.example.org:2222", changed),
            ],
        };
        assert_eq!(changed_keys(&check), [MachineAddress { address: "pc2.example.org".into(), port: 2222 }]);
    }
}
