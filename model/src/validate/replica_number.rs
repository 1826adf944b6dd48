//! The number of a replica within a text that a person wrote.

/// The greatest replica that a value may name.
const MAX_REPLICA: u32 = 127;

/// Reads a replica's number; `form` says how the whole text is written, for the message.
///
/// # Errors
/// A sentence: it is none, or out of range.
pub(super) fn replica_number(text: &str, form: &str) -> Result<u32, String> {
    match text.parse::<u32>() {
        Ok(replica) if replica <= MAX_REPLICA => Ok(replica),
        Ok(replica) => Err(format!("replica {replica} is out of range: 0 to {MAX_REPLICA}")),
        Err(_) => Err(format!("{text:?} is not a replica's number; {form}")),
    }
}
