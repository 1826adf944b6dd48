//! A person's own protocols, as the browser keeps them.

use protocol::definitions;
use protocol::language::document::MAX_PROTOCOL_BYTES;
use serde::{Deserialize, Serialize};

/// Own protocols that are kept at most.
pub const MOST: usize = 30;
/// The longest name, characters.
const LONGEST_NAME: usize = 40;
/// What tells an own protocol's choice from a shipped protocol's name.
const MARK: &str = "own:";

/// A protocol of a person's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnProtocol {
    /// The name people read.
    pub name: String,
    /// The file.
    pub text: String,
}

impl OwnProtocol {
    /// The value of its choice in a list together with shipped protocols.
    pub fn choice(&self) -> String {
        format!("{MARK}{}", self.name)
    }
}

/// The own protocol that a choice means; none for a shipped one.
pub fn chosen<'a>(own: &'a [OwnProtocol], choice: &str) -> Option<&'a OwnProtocol> {
    let name = choice.strip_prefix(MARK)?;
    own.iter().find(|one| one.name == name)
}

/// Whether a choice means an own protocol, there or not.
pub fn is_own(choice: &str) -> bool {
    choice.starts_with(MARK)
}

/// Whether a name may be given to an own protocol.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn check_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    let good = |each: char| each.is_ascii_alphanumeric() || " -_".contains(each);
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(good) {
        return Err(format!("A name has 1 to {LONGEST_NAME} letters, digits, spaces, - and _."));
    }
    if name == "new" || definitions::find(name).is_some() {
        return Err(format!("{name} is taken by BFTGym itself. Choose another name."));
    }
    Ok(name.to_owned())
}

/// Adds a protocol, or replaces the one of this name.
///
/// # Errors
/// A sentence, when the name or the text does not fit, or there are too many.
pub fn save(own: &mut Vec<OwnProtocol>, name: &str, text: &str) -> Result<String, String> {
    let name = check_name(name)?;
    if text.len() > MAX_PROTOCOL_BYTES {
        return Err(format!("The file has {} bytes; at most {MAX_PROTOCOL_BYTES} are kept.", text.len()));
    }
    match own.iter().position(|one| one.name == name) {
        Some(known) => own[known].text = text.to_owned(),
        None if own.len() >= MOST => return Err(format!("There are {MOST} own protocols. Delete one first.")),
        None => own.push(OwnProtocol { name: name.clone(), text: text.to_owned() }),
    }
    Ok(name)
}

/// Reads what the browser kept. What is damaged is left out.
pub fn read(stored: &str) -> Vec<OwnProtocol> {
    let mut own: Vec<OwnProtocol> = serde_json::from_str(stored).unwrap_or_default();
    own.retain(|one| check_name(&one.name).is_ok() && one.text.len() <= MAX_PROTOCOL_BYTES);
    own.truncate(MOST);
    own
}

/// What the browser is to keep.
pub fn write(own: &[OwnProtocol]) -> String {
    serde_json::to_string(own).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_protocols_come_back_from_the_browser_and_damaged_ones_do_not() {
        let mut own = Vec::new();
        assert_eq!(save(&mut own, " My PBFT ", "a"), Ok("My PBFT".to_owned()));
        save(&mut own, "My PBFT", "b").unwrap();
        assert_eq!(read(&write(&own)), own);
        assert_eq!(chosen(&own, &own[0].choice()).unwrap().text, "b");
        assert_eq!(chosen(&own, "pbft"), None);
        assert_eq!(read("{\"not\": 1}"), []);
        assert_eq!(read("[{\"name\":\"<b>\",\"text\":\"\"}]"), []);
    }

    #[test]
    fn names_that_mean_something_else_are_refused_and_there_is_a_bound() {
        for name in ["", "pbft", "new", "a/b", &"x".repeat(41)] {
            assert!(check_name(name).is_err(), "{name}");
        }
        let mut own = Vec::new();
        for number in 0..MOST {
            save(&mut own, &format!("number {number}"), "").unwrap();
        }
        assert!(save(&mut own, "one more", "").unwrap_err().contains("Delete one"));
        assert!(save(&mut own, "number 1", &"x".repeat(MAX_PROTOCOL_BYTES + 1)).unwrap_err().contains("bytes"));
    }
}
