//! What checks of a testbed found out: of all hosts, and then of some of them again.

use crate::backend::cloudlab::HostKey;
use crate::state::cloudlab::{UnknownKey, shown_key};
use model::hosts::{FindingState, SshTestbed, TestbedCheck};
use std::collections::BTreeSet;

/// What was found out about a testbed's hosts, and which of them are looked at once more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// All hosts.
    pub found: TestbedCheck,
    /// The places of those that are being looked at again.
    pub again: BTreeSet<usize>,
}

impl Checked {
    /// After a look at all hosts.
    pub fn new(found: TestbedCheck) -> Self {
        Self { found, again: BTreeSet::new() }
    }

    /// How many hosts are ready: "2 of 3 hosts ready".
    pub fn summary(&self) -> String {
        let ready = self.found.hosts.iter().filter(|host| host.obstacle().is_none()).count();
        format!("{ready} of {} hosts ready", self.found.hosts.len())
    }

    /// Some hosts are looked at again, and nothing is known of them until then.
    pub fn begin(&mut self, places: &[usize]) {
        self.again.extend(places);
    }

    /// Takes over what was found out about these hosts, or, without an answer, leaves them as they were.
    pub fn end(&mut self, places: &[usize], answer: Option<TestbedCheck>) {
        for (place, host) in places.iter().zip(answer.into_iter().flat_map(|answer| answer.hosts)) {
            // What was asked before a look at all hosts is older than they are.
            if self.again.contains(place)
                && let Some(known) = self.found.hosts.get_mut(*place)
            {
                *known = host;
            }
        }
        self.again.retain(|place| !places.contains(place));
    }

    /// The places of the hosts for which a key's passphrase was missing.
    pub fn locked_by(&self, key: &str) -> Vec<usize> {
        let is_locked =
            |state: &FindingState| matches!(state, FindingState::NeedsPassphrase { key: file, .. } if file == key);
        let hosts = self.found.hosts.iter().enumerate();
        hosts
            .filter(|(_, host)| host.findings.iter().any(|one| is_locked(&one.state)))
            .map(|(place, _)| place)
            .collect()
    }

    /// The keys that hosts showed and nobody has trusted.
    pub fn unknown_keys(&self, testbed: &SshTestbed) -> Vec<UnknownKey> {
        let hosts = testbed.hosts.iter().zip(&self.found.hosts).enumerate();
        let shown = hosts.filter(|(place, _)| !self.again.contains(place)).filter_map(|(_, (host, check))| {
            let (fingerprint, algorithm, key) = shown_key(check)?;
            let key = HostKey { address: host.address.clone(), port: host.port, key };
            Some(UnknownKey { key, fingerprint, algorithm })
        });
        shown.collect()
    }
}

/// The places of a testbed's hosts at these addresses and ports.
pub fn places_of(testbed: &SshTestbed, addresses: &[(String, u16)]) -> Vec<usize> {
    let is_one = |host: &(String, u16)| addresses.contains(host);
    let hosts = testbed.hosts.iter().map(|host| (host.address.clone(), host.port)).enumerate();
    hosts.filter(|(_, host)| is_one(host)).map(|(place, _)| place).collect()
}

/// A testbed with only the hosts at these places, to be looked at.
pub fn part(testbed: &SshTestbed, places: &[usize]) -> SshTestbed {
    let hosts = places.iter().filter_map(|place| testbed.hosts.get(*place).cloned()).collect();
    SshTestbed { hosts, ..testbed.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::hosts::{Finding, HostCheck, HostStep};

    fn testbed() -> SshTestbed {
        let host = |place| format!("- address: node{place}\n  user: alice\n  port: {}\n", 22 + place);
        let hosts: String = (0..3).map(host).collect();
        SshTestbed::parse(&format!("name: lab\nhosts:\n{hosts}")).unwrap()
    }

    fn host(finding: Finding) -> HostCheck {
        HostCheck { host: "a".into(), findings: vec![finding] }
    }

    fn unknown() -> HostCheck {
        let (fingerprint, algorithm, key) = ("SHA256:x".into(), "ssh-ed25519".into(), "AAAA".into());
        let state = FindingState::UnknownHostKey { fingerprint, algorithm, key };
        host(Finding { step: HostStep::HostKey, text: "new".into(), state })
    }

    fn ready() -> HostCheck {
        host(Finding::good(HostStep::Reach, "x"))
    }

    #[test]
    fn a_host_that_is_looked_at_again_leaves_the_others_as_they_are() {
        let mut checked = Checked::new(TestbedCheck { hosts: vec![unknown(), ready(), unknown()] });
        let places = places_of(&testbed(), &[("node2".into(), 24)]);
        assert_eq!((places.as_slice(), part(&testbed(), &places).hosts[0].address.as_str()), ([2].as_slice(), "node2"));
        checked.begin(&places);
        assert_eq!(checked.unknown_keys(&testbed()).len(), 1);
        checked.end(&places, Some(TestbedCheck { hosts: vec![ready()] }));
        assert_eq!(checked, Checked::new(TestbedCheck { hosts: vec![unknown(), ready(), ready()] }));
        assert_eq!(checked.summary(), "2 of 3 hosts ready");
    }

    #[test]
    fn an_answer_that_is_older_than_the_last_look_at_all_hosts_does_not_count() {
        let mut checked = Checked::new(TestbedCheck { hosts: vec![unknown()] });
        checked.end(&[0, 7], Some(TestbedCheck { hosts: vec![ready(), ready()] }));
        assert_eq!(checked.found.hosts, [unknown()]);
        checked.begin(&[0]);
        checked.end(&[0], None);
        assert_eq!(checked, Checked::new(TestbedCheck { hosts: vec![unknown()] }));
    }

    #[test]
    fn keys_that_nobody_trusts_are_those_of_the_hosts_places() {
        let checked = Checked::new(TestbedCheck { hosts: vec![unknown(), ready(), unknown()] });
        let keys: Vec<_> =
            checked.unknown_keys(&testbed()).into_iter().map(|one| (one.key.address, one.key.port)).collect();
        assert_eq!(keys, [("node0".to_owned(), 22), ("node2".to_owned(), 24)]);
    }

    #[test]
    fn a_passphrase_is_tried_on_the_hosts_that_asked_for_it() {
        let locked = |key: &str| {
            let state = FindingState::NeedsPassphrase { key: key.into(), refused: false };
            host(Finding { step: HostStep::Login, text: "the key is encrypted".into(), state })
        };
        let checked = Checked::new(TestbedCheck { hosts: vec![locked("a"), locked("b"), locked("a")] });
        assert_eq!(checked.locked_by("a"), [0, 2]);
    }
}
