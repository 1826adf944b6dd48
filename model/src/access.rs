//! Who may do what with a server: roles, names of tokens, and how long a token lasts.

use serde::{Deserialize, Serialize};

/// The longest name of a token, characters.
pub const MAX_TOKEN_NAME_CHARACTERS: usize = 60;

/// What an audience is told when it tries to change something.
pub const WATCHING_ONLY: &str = "You are watching: only drivers may change something";

/// What somebody may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    #[default]
    Driver,
    /// Looking, and nothing else.
    Audience,
}

impl Role {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Driver, Self::Audience];

    /// The word for it, as on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Driver => "driver",
            Self::Audience => "audience",
        }
    }

    /// The role of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// Checks and tidies a token's name.
///
/// # Errors
/// A sentence, when it is empty, too long, or has control characters.
pub fn check_token_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 {
        return Err("a token needs a name".to_owned());
    }
    if length > MAX_TOKEN_NAME_CHARACTERS {
        return Err(format!("the name has {length} characters; at most {MAX_TOKEN_NAME_CHARACTERS} fit"));
    }
    if name.chars().any(char::is_control) {
        return Err("the name has a line break or a control character".to_owned());
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_known_by_its_word_only() {
        for role in Role::ALL {
            assert_eq!(Role::of_word(role.word()), Some(role));
        }
        for word in ["", "Driver", "admin"] {
            assert_eq!(Role::of_word(word), None, "{word}");
        }
    }

    #[test]
    fn a_tokens_name_is_short_and_of_one_line() {
        assert_eq!(check_token_name(" nightly runs ").unwrap(), "nightly runs");
        for name in ["", "  ", "a\nb", &"x".repeat(61)] {
            assert!(check_token_name(name).is_err(), "{name}");
        }
    }
}
