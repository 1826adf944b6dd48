//! Configurations that are kept under a name, for everybody who uses a server.

use crate::yaml::{self, MAX_CONFIG_BYTES};
use serde::{Deserialize, Serialize};

/// The longest name, characters.
const LONGEST_NAME: usize = 60;
/// The longest text, bytes: with JSON's quoting it fits into one request.
pub const MAX_NAMED_BYTES: usize = 32 << 10;
/// How many are kept at most.
pub const MOST_NAMED: usize = 200;
const _: () = assert!(MAX_NAMED_BYTES < MAX_CONFIG_BYTES);

/// One of them in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationLine {
    /// Its name; no other one has it.
    pub name: String,
    /// When it was saved last, milliseconds since the epoch.
    pub updated_ms: i64,
}

/// One of them as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedConfiguration {
    /// Its name.
    pub name: String,
    /// The YAML, comments and all.
    pub text: String,
    /// When it was saved last, milliseconds since the epoch.
    pub updated_ms: i64,
}

/// Checks a name and takes the blanks off its ends.
///
/// # Errors
/// A sentence that says what a name looks like.
pub fn check_configuration_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(format!("a name has 1 to {LONGEST_NAME} characters and no line breaks"));
    }
    Ok(name.to_owned())
}

/// Checks a text that is to be kept. Its values may still be wrong: they are told when somebody uses it.
///
/// # Errors
/// A sentence that says why it cannot be kept.
pub fn check_configuration_text(text: &str) -> Result<(), String> {
    if text.len() > MAX_NAMED_BYTES {
        return Err(format!("the configuration has {} bytes; at most {MAX_NAMED_BYTES} are kept", text.len()));
    }
    yaml::parse(text).map(drop).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_have_bounds() {
        assert_eq!(check_configuration_name("  größer #1 "), Ok("größer #1".to_owned()));
        for name in ["", "  ", "a\nb", &"x".repeat(61)] {
            assert!(check_configuration_name(name).is_err(), "{name:?}");
        }
        assert_eq!(check_configuration_text("general:\n  f: 99 # told later\n"), Ok(()));
        assert!(check_configuration_text("general: [").unwrap_err().contains("line "));
        assert!(
            check_configuration_text(&format!("a: 1\n{}", "#".repeat(MAX_NAMED_BYTES))).unwrap_err().contains("bytes")
        );
    }
}
