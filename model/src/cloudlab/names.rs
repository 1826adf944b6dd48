//! Names as the portal takes them. They become parts of host names, and of commands on the portal's side, so that each has
//! a small alphabet; nothing else is ever sent.

use super::request::ProfileName;
use serde::{Deserialize, Serialize};

/// The longest name of an experiment, characters: "under 16".
const MAX_NAME: usize = 15;
const MAX_PROJECT: usize = 48;
const MAX_PROFILE: usize = 64;
const MAX_TYPE: usize = 30;

/// The portal's own id of an experiment: a UUID in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExperimentId(String);

impl ExperimentId {
    /// The id as text: `a194e2be-1e5b-4617-84de-c4966cb5c578`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ExperimentId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<ExperimentId> for String {
    fn from(id: ExperimentId) -> Self {
        id.0
    }
}

impl TryFrom<String> for ExperimentId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.trim().to_ascii_lowercase();
        let lengths: Vec<_> = text.split('-').map(str::len).collect();
        let hexadecimal = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
        if lengths == [8, 4, 4, 4, 12] && hexadecimal {
            return Ok(Self(text));
        }
        Err("the experiment's id is a UUID, as in the address of its page: a194e2be-1e5b-4617-84de-c4966cb5c578".into())
    }
}

/// Checks an experiment's name: letters, digits and hyphens, under 16 characters.
///
/// # Errors
/// A sentence with the mend.
pub fn check_experiment_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    check("the name", name, MAX_NAME, |character| character == '-')?;
    match name.ends_with('-') {
        true => Err("the name ends with a hyphen; end it with a letter or a digit".to_owned()),
        false => Ok(name.to_owned()),
    }
}

/// Checks a project's name: letters, digits, hyphens and underscores.
///
/// # Errors
/// A sentence with the mend.
pub fn check_project(text: &str) -> Result<String, String> {
    check("the project", text.trim(), MAX_PROJECT, |character| matches!(character, '-' | '_'))?;
    Ok(text.trim().to_owned())
}

/// Checks a type of machine, such as `xl170`; empty for any.
///
/// # Errors
/// A sentence with the mend.
pub fn check_node_type(text: &str) -> Result<String, String> {
    let text = text.trim();
    if !text.is_empty() {
        check("the node type", text, MAX_TYPE, |character| matches!(character, '-' | '_'))?;
    }
    Ok(text.to_owned())
}

/// Reads a profile as people write it: `PortalProfiles/small-lan`.
///
/// # Errors
/// A sentence with the mend.
pub fn parse_profile(text: &str) -> Result<ProfileName, String> {
    let Some((project, name)) = text.trim().split_once('/') else {
        return Err("the profile is PROJECT/NAME, such as PortalProfiles/small-lan".to_owned());
    };
    check("the profile's project", project, MAX_PROJECT, |character| matches!(character, '-' | '_'))?;
    check("the profile's name", name, MAX_PROFILE, |character| matches!(character, '-' | '_'))?;
    Ok(ProfileName { project: project.to_owned(), name: name.to_owned() })
}

fn check(what: &str, text: &str, longest: usize, also: fn(char) -> bool) -> Result<(), String> {
    let length = text.chars().count();
    if length == 0 {
        return Err(format!("{what} is empty"));
    }
    if length > longest {
        return Err(format!("{what} has {length} characters; at most {longest} fit"));
    }
    let marks = if also('_') { ", hyphens and underscores" } else { " and hyphens" };
    match text.chars().find(|&character| !character.is_ascii_alphanumeric() && !also(character)) {
        Some(character) => Err(format!("{what} has {character:?}; only letters, digits{marks} are allowed")),
        None if !text.starts_with(|first: char| first.is_ascii_alphanumeric()) => {
            Err(format!("{what} begins with {:?}; begin it with a letter or a digit", &text[..1]))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: [&str; 9] = ["a b", "a'b", "a\"b", "$(reboot)", "a\nb", "a;b", "a/b", "ä", "../x"];

    #[test]
    fn an_experiments_name_has_15_characters_of_a_small_alphabet_at_most() {
        assert_eq!(check_experiment_name(" bft-7 ").unwrap(), "bft-7");
        assert_eq!(check_experiment_name("a23456789012345").unwrap().len(), 15);
        assert!(check_experiment_name("a234567890123456").unwrap_err().contains("16 characters; at most 15"));
        for name in HOSTILE.into_iter().chain(["", "  ", "-a", "a-", "a_b"]) {
            assert!(check_experiment_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn projects_profiles_and_types_have_a_small_alphabet_too() {
        assert_eq!(check_project("my_project-2").unwrap(), "my_project-2");
        assert_eq!(check_node_type(" xl170 ").unwrap(), "xl170");
        assert_eq!(check_node_type("").unwrap(), "");
        let profile = parse_profile("PortalProfiles/small-lan").unwrap();
        assert_eq!((profile.project.as_str(), profile.name.as_str()), ("PortalProfiles", "small-lan"));
        for name in HOSTILE {
            assert!(check_project(name).is_err() && check_node_type(name).is_err(), "{name:?}");
            assert!(parse_profile(&format!("P/{name}")).is_err() && parse_profile(&format!("{name}/x")).is_err());
        }
        assert!(parse_profile("small-lan").unwrap_err().contains("PROJECT/NAME"));
    }

    #[test]
    fn an_id_is_a_uuid_and_nothing_else() {
        let id = ExperimentId::try_from("A194E2BE-1e5b-4617-84de-c4966cb5c578".to_owned()).unwrap();
        assert_eq!(id.as_str(), "a194e2be-1e5b-4617-84de-c4966cb5c578");
        for text in ["", "a194e2be", "../../tokens/this/refresh/aaaaaaaaaaaa", "a194e2be-1e5b-4617-84de-c4966cb5c57g"] {
            assert!(ExperimentId::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
