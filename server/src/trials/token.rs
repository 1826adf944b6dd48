//! Trial tokens: unguessable, and kept as their hash only.

use crate::error::ServerError;
use std::fmt::Write;
use store::TokenHash;

/// No token is longer than this, bytes.
const MAX_TOKEN: usize = 128;

/// `N` random bytes in hexadecimal.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn random_hex<const N: usize>() -> Result<String, ServerError> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|error| ServerError::Randomness { reason: error.to_string() })?;
    let mut text = String::with_capacity(2 * N);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// The hash that stands for a token; none for what is too long to be one.
pub(super) fn hash(token: &str) -> Option<TokenHash> {
    (token.len() <= MAX_TOKEN).then(|| *blake3::hash(token.as_bytes()).as_bytes())
}
