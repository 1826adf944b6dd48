//! Names under which the framework knows protocols: parts of file names, of names of states, and of commands.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The protocols that the framework has files of its own for.
pub const FRAMEWORK_PROTOCOLS: [&str; 6] = ["pbft", "zyzzyva", "hotstuff", "cheapbft", "sbft", "prime"];
/// The longest name, characters.
const LONGEST: usize = 40;

/// Whether the framework has a file of its own for a protocol.
pub fn is_frameworks_own(protocol: &str) -> bool {
    FRAMEWORK_PROTOCOLS.contains(&protocol)
}

/// A protocol's name in the framework: 1 to 40 lower-case ASCII letters, digits and dashes, beginning with a letter. So it
/// means nothing but itself in a path, in YAML and in a shell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FrameworkProtocol(String);

impl FrameworkProtocol {
    /// One of the framework's own.
    pub fn own(protocol: &str) -> Option<Self> {
        is_frameworks_own(protocol).then(|| Self(protocol.to_owned()))
    }

    /// The name for a protocol that is written out: as people call it, as far as that goes, and none of the framework's
    /// own.
    pub fn written_out(name: &str) -> Self {
        let dashed = |each: char| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '-' };
        let text: String = name.chars().map(dashed).collect();
        let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
        let text: String = parts.join("-").chars().take(LONGEST - 4).collect();
        let text = text.trim_matches('-');
        // A state whose name has `idle` in it counts as idle there, and states carry the protocol's name.
        let good = text.starts_with(|first: char| first.is_ascii_alphabetic()) && !text.contains("idle");
        match text {
            _ if !good => Self("own".to_owned()),
            "framework" => Self("own-framework".to_owned()),
            text if is_frameworks_own(text) => Self(format!("own-{text}")),
            text => Self(text.to_owned()),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FrameworkProtocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for FrameworkProtocol {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let good = |each: char| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '-';
        let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase());
        match begins_well && name.len() <= LONGEST && name.chars().all(good) {
            true => Ok(Self(name)),
            false => Err(format!("{name:?} is no name of a protocol: use lower-case letters, digits and dashes")),
        }
    }
}

impl From<FrameworkProtocol> for String {
    fn from(name: FrameworkProtocol) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_one_that_means_nothing_to_a_shell_and_none_of_the_frameworks_own() {
        for (name, wanted) in [
            ("My PBFT/2", "my-pbft-2"),
            ("pbft", "own-pbft"),
            ("framework", "own-framework"),
            ("$(reboot); 'x' \n", "reboot-x"),
            ("../../etc", "etc"),
            ("🚀", "own"),
            ("2nd", "own"),
            ("idle hands", "own"),
            ("", "own"),
        ] {
            let found = FrameworkProtocol::written_out(name);
            assert_eq!(found.as_str(), wanted, "{name:?}");
            assert_eq!(FrameworkProtocol::try_from(found.0.clone()), Ok(found));
        }
        let long = FrameworkProtocol::written_out(&"a-".repeat(300));
        assert!(long.0.len() <= LONGEST && !long.0.ends_with('-'), "{long}");
    }

    #[test]
    fn what_is_no_name_is_refused_where_it_is_read() {
        for name in ["", "A", "a b", "a'b", "-a", "a/b", "a\n", &"a".repeat(41)] {
            assert!(FrameworkProtocol::try_from(name.to_owned()).is_err(), "{name:?}");
        }
        assert!(FrameworkProtocol::own("prime").is_some() && FrameworkProtocol::own("poe").is_none());
    }
}
