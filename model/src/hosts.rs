//! Testbeds of hosts that a person named: what is written down of them, and what was found out about them.

use crate::testbed::TestbedName;
use crate::validate::Problem;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

mod check;
mod placement;
mod status;

pub use placement::Placement;
pub use status::{Finding, FindingState, HostCheck, HostStage, HostStatus, HostStep, TestbedCheck};

/// The most hosts of a testbed.
pub const MAX_HOSTS: usize = 128;

/// A testbed of hosts that are reached over SSH. There is no secret in it: keys are files that stay where they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SshTestbed {
    /// Its name.
    pub name: TestbedName,
    /// `host:port` under which the hosts reach the server's units' address; without one, units' reports go back through the
    /// SSH connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// The hosts; the controller runs on the first.
    pub hosts: Vec<SshHost>,
}

/// A host of a testbed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SshHost {
    /// A host name or an IP address.
    pub address: String,
    /// Who logs in.
    pub user: String,
    /// The port of its SSH server.
    #[serde(default = "usual_port", skip_serializing_if = "is_usual_port")]
    pub port: u16,
    /// The private key's file on the machine of the server; `~/` is the home there. Without one, the SSH agent is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The addresses at which the other hosts reach it; its units take them in turn. Without one, `address` is looked up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub internal: Vec<IpAddr>,
    /// Which units it runs: replicas' numbers, ranges, `clients` or `client 0`, with commas between. Without this, units
    /// that no host names are dealt out in turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<String>,
}

fn usual_port() -> u16 {
    22
}

// serde hands over a reference.
fn is_usual_port(port: &u16) -> bool {
    *port == usual_port()
}

impl Default for SshHost {
    fn default() -> Self {
        let (address, user) = (String::new(), String::new());
        Self { address, user, port: usual_port(), key: None, internal: vec![], units: None }
    }
}

impl SshHost {
    /// What people call it: its address, with the port where it is not the usual one.
    pub fn label(&self) -> String {
        match self.port {
            22 => self.address.clone(),
            port => format!("{}:{port}", self.address),
        }
    }
}

impl SshTestbed {
    /// Checks everything that can be checked without going there.
    ///
    /// # Errors
    /// All problems, each at its field: `hosts[1].user`.
    pub fn check(&self) -> Result<(), Vec<Problem>> {
        check::check(self)
    }

    /// Reads a testbed's file.
    ///
    /// # Errors
    /// Problems with their places: line and column, or the field.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let problem = |key: &str, message: String| vec![Problem { key: key.to_owned(), message }];
        if text.len() > crate::yaml::MAX_CONFIG_BYTES {
            return Err(problem("file", format!("it has {} bytes; a testbed's file is much smaller", text.len())));
        }
        let testbed: Self = serde_yaml::from_str(text).map_err(|error| {
            let place = error.location().map(|place| format!("line {}, column {}", place.line(), place.column()));
            // The parser's own text ends with the place again.
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or(&text).to_owned();
            problem(&place.unwrap_or_else(|| "file".to_owned()), text)
        })?;
        testbed.check()?;
        Ok(testbed)
    }

    /// The testbed as a file.
    pub fn to_yaml(&self) -> String {
        // Nothing in it is of a kind that YAML has not.
        serde_yaml::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "name: lab\nhosts:\n- address: node0.example.org\n  user: alice\n  key: ~/.ssh/id_ed25519\n  \
                        internal:\n  - 10.10.1.1\n  units: 0-2, clients\n- address: 192.0.2.7\n  user: bob\n  port: 2222\n";

    #[test]
    fn a_file_is_read_and_written_back_as_it_was() {
        let testbed = SshTestbed::parse(FILE).unwrap();
        assert_eq!(
            (testbed.hosts.len(), testbed.hosts[0].port, testbed.hosts[1].label()),
            (2, 22, "192.0.2.7:2222".into())
        );
        assert_eq!(testbed.to_yaml(), FILE);
        assert_eq!(SshTestbed::parse(&testbed.to_yaml()).unwrap(), testbed);
    }

    #[test]
    fn what_is_wrong_in_a_file_is_named_with_its_place() {
        let wrong = |text: &str| SshTestbed::parse(text).unwrap_err().remove(0).to_string();
        assert!(
            wrong("name: lab\nhosts:\n- address: a\n  user: b\n  password: c\n").contains("line 5"),
            "{}",
            wrong("x")
        );
        assert!(wrong("name: a b\nhosts: []\n").contains("letters, digits and dashes"));
        assert!(wrong("name: lab\nhosts: []\n").starts_with("hosts: "));
        assert!(wrong(&FILE.replace("10.10.1.1", "10.10.1.777")).contains("line"));
    }
}
