//! Testbeds: where trials run, and what runs there.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest name of a testbed, characters.
pub const MAX_TESTBED_NAME: usize = 40;

/// The name of a testbed: 1 to 40 ASCII letters, digits and dashes. `local` is this machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TestbedName(String);

impl TestbedName {
    /// Checks a name.
    ///
    /// # Errors
    /// A sentence, when it is empty, too long, or has other characters.
    pub fn new(name: &str) -> Result<Self, String> {
        let length = name.chars().count();
        if length == 0 {
            return Err("the testbed needs a name".to_owned());
        }
        if length > MAX_TESTBED_NAME {
            return Err(format!("the testbed's name has {length} characters; at most {MAX_TESTBED_NAME} fit"));
        }
        match name.chars().find(|character| !character.is_ascii_alphanumeric() && *character != '-') {
            Some(character) => Err(format!(
                "the testbed's name has {character:?}: use letters, digits and dashes only, as in \"lab-6\""
            )),
            None => Ok(Self(name.to_owned())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this machine.
    pub fn is_local(&self) -> bool {
        self.0 == "local"
    }
}

impl Default for TestbedName {
    fn default() -> Self {
        Self("local".to_owned())
    }
}

impl fmt::Display for TestbedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for TestbedName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::new(&name)
    }
}

impl From<TestbedName> for String {
    fn from(name: TestbedName) -> Self {
        name.0
    }
}

/// What a testbed is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestbedKind {
    /// Processes on the machine of the server.
    #[default]
    Local,
    /// Hosts that a person named.
    Ssh,
    /// Hosts that CloudLab lent.
    Cloudlab,
}

/// What the units of a trial run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// The engine of BFTGym.
    #[default]
    Native,
    /// The public Java framework BFTBrain.
    Bftbrain,
}

impl Engine {
    /// The word in files and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Bftbrain => "bftbrain",
        }
    }
}

/// Whether trials can start on a testbed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TestbedState {
    /// They can.
    #[default]
    Ready,
    /// Not yet: they wait in its queue until it is ready.
    Preparing {
        /// A sentence: "3 of 4 nodes are up".
        reason: String,
    },
    /// Not before somebody does something about it. What waits in its queue goes on waiting; nothing new is taken.
    Unavailable {
        /// A sentence with the mend.
        reason: String,
    },
}

/// A testbed as it can be chosen beside Start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestbedSummary {
    /// Its name.
    pub name: TestbedName,
    /// What it is made of.
    pub kind: TestbedKind,
    /// How many hosts it has.
    pub hosts: u32,
    /// Whether trials can start on it.
    pub state: TestbedState,
}

impl TestbedSummary {
    /// This machine.
    pub fn local() -> Self {
        Self { name: TestbedName::default(), kind: TestbedKind::Local, hosts: 1, state: TestbedState::Ready }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_letters_digits_and_dashes_and_nothing_that_a_shell_knows() {
        assert_eq!(TestbedName::new("lab-6").unwrap().as_str(), "lab-6");
        for name in ["", "a b", "a/b", "$(x)", "a\nb", "ü", &"x".repeat(41)] {
            assert!(TestbedName::new(name).is_err(), "{name:?}");
        }
        assert!(serde_json::from_str::<TestbedName>("\"a'b\"").unwrap_err().to_string().contains("letters, digits"));
        assert!(serde_json::from_str::<TestbedName>("\"local\"").unwrap().is_local());
    }

    #[test]
    fn engines_have_the_same_word_everywhere() {
        for engine in [Engine::Native, Engine::Bftbrain] {
            assert_eq!(serde_json::to_string(&engine).unwrap(), format!("{:?}", engine.word()));
        }
    }
}
