//! The portal's token. It is in memory only: wiped when it is dropped, not printable, not serializable.

use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Holds the token where no file does.
pub const TOKEN_VARIABLE: &str = "BFTGYM_CLOUDLAB_TOKEN";
/// Names the file with the token where the command line does not.
pub const TOKEN_FILE_VARIABLE: &str = "BFTGYM_CLOUDLAB_TOKEN_FILE";

/// Far longer than any real one, which has about 1 KiB.
const MAX_BYTES: usize = 8 << 10;

/// A token of the portal. Two can be compared with nothing but the portal itself.
#[derive(Clone)]
pub struct ApiToken(SecretString);

impl ApiToken {
    /// Takes a token as it was pasted or read; white space around it is dropped, the text itself is wiped.
    ///
    /// # Errors
    /// A sentence, which never repeats the token, when it cannot be one.
    pub fn new(mut text: String) -> Result<Self, String> {
        let read = check(text.trim()).map(|token| Self(SecretString::from(token)));
        text.zeroize();
        read
    }

    /// Reads a token from a file that nobody but its owner may read.
    ///
    /// # Errors
    /// A sentence that names the file and the mend.
    pub fn from_file(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let refused = |error: std::io::Error| format!("the CloudLab token file {name} cannot be read: {error}");
        let file = File::open(path).map_err(refused)?;
        let mode = file.metadata().map_err(refused)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(format!("others may read the CloudLab token file {name}; run: chmod 600 {name}"));
        }
        let mut text = String::with_capacity(MAX_BYTES * 2);
        file.take(MAX_BYTES as u64 * 2).read_to_string(&mut text).map_err(refused)?;
        Self::new(text).map_err(|reason| format!("the CloudLab token file {name}: {reason}"))
    }

    /// For the request's header, and nothing else.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for ApiToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ApiToken(…)")
    }
}

fn check(token: &str) -> Result<&str, String> {
    let again = "copy it again from the portal: your user name at the top right, then API tokens";
    if token.is_empty() {
        return Err(format!("the token is empty; {again}"));
    }
    if token.len() > MAX_BYTES {
        return Err(format!("the token has {} bytes, more than any of the portal's; {again}", token.len()));
    }
    match token.chars().find(|character| !character.is_ascii_graphic()) {
        Some('\n' | '\r') => Err(format!("the token has a line break in it; {again}")),
        Some(_) => Err(format!("the token has a space or a character that no token has; {again}")),
        None => Ok(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions, write};

    #[test]
    fn a_token_is_tidied_and_never_printed() {
        let token = ApiToken::new(" abc.def-_ \n".into()).unwrap();
        assert_eq!(token.expose(), "abc.def-_");
        assert_eq!(format!("{token:?} {:?}", Some(token.clone())), "ApiToken(…) Some(ApiToken(…))");
    }

    #[test]
    fn an_empty_broken_or_endless_token_is_refused_without_repeating_it() {
        let long = "x".repeat(MAX_BYTES + 1);
        for (text, word) in
            [("", "empty"), (" \n", "empty"), ("abc\ndef", "line break"), ("abc def", "space"), (&long, "bytes")]
        {
            let refusal = ApiToken::new(text.into()).unwrap_err();
            assert!(refusal.contains(word) && !refusal.contains("abc") && !refusal.contains("xxx"), "{refusal}");
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_with_the_mend() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        assert!(ApiToken::from_file(&path).unwrap_err().contains("cannot be read"));
        write(&path, "secret-token\n").unwrap();
        set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let refusal = ApiToken::from_file(&path).unwrap_err();
        assert!(refusal.contains("chmod 600") && !refusal.contains("secret-token"), "{refusal}");
        set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(ApiToken::from_file(&path).unwrap().expose(), "secret-token");
    }
}
