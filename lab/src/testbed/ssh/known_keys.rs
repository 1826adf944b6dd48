//! The keys that a file of known hosts has for a host: under its name, under the hash of its name, or under a pattern of
//! names (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").

use crate::user_file::{FileFault, read_text};
use russh::keys::PublicKey;
use russh::keys::known_hosts::known_host_keys_path;
use russh::keys::ssh_key::known_hosts::{HostPatterns, KnownHosts as Lines};
use std::path::Path;
use wildmatch::WildMatch;

/// The largest file of known keys that is read, bytes: some ten thousand hosts.
pub(super) const MOST_BYTES: usize = 8 << 20;

/// The text of a file of known keys; empty where there is none.
pub(super) fn text_of(file: &Path) -> Result<String, String> {
    match read_text(file, MOST_BYTES) {
        Ok(text) => Ok(text),
        Err(FileFault::Unreadable(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        // Who wants no keys kept links it there.
        Err(FileFault::NotRegular(_)) if file.canonicalize().is_ok_and(|real| real == Path::new("/dev/null")) => {
            Ok(String::new())
        }
        Err(fault) => Err(format!("{} {fault}", file.display())),
    }
}

/// How such a file names a host.
pub(super) fn name_of(address: &str, port: u16) -> String {
    if port == 22 { address.to_owned() } else { format!("[{address}]:{port}") }
}

/// The keys of a host in a file with this text.
///
/// # Errors
/// A sentence, when a key of this host in it cannot be read.
pub(super) fn known_keys(file: &Path, text: &str, address: &str, port: u16) -> Result<Vec<PublicKey>, String> {
    let named = known_host_keys_path(address, port, file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut keys: Vec<PublicKey> = named.into_iter().map(|(_, key)| key).collect();
    let name = name_of(address, port);
    // A line that is no line is passed over, as ssh does.
    for entry in Lines::new(text).flatten().filter(|entry| entry.marker().is_none()) {
        if let HostPatterns::Patterns(patterns) = entry.host_patterns()
            && patterns.iter().any(|pattern| pattern.contains(['*', '?', '!']))
            && covers(patterns, &name)
        {
            keys.push(entry.public_key().clone());
        }
    }
    Ok(keys)
}

/// Whether a list of patterns covers a name: one of them does, and none with `!` before it.
fn covers(patterns: &[String], name: &str) -> bool {
    let fits = |pattern: &str| WildMatch::new_case_insensitive(pattern).matches(name);
    let excluded = patterns.iter().filter_map(|pattern| pattern.strip_prefix('!')).any(fits);
    !excluded && patterns.iter().filter(|pattern| !pattern.starts_with('!')).any(|pattern| fits(pattern))
}

#[cfg(test)]
mod tests {
    #[test]
    fn patterns_cover_names_but_for_what_they_exclude() {
        let covers = |patterns: &str, name: &str| {
            super::covers(&patterns.split(',').map(str::to_owned).collect::<Vec<_>>(), name)
        };
        assert!(covers("*.lab.example", "node0.lab.example"));
        assert!(covers("*.LAB.example,other", "Node0.lab.example"));
        assert!(covers("10.0.0.?", "10.0.0.7"));
        assert!(!covers("10.0.0.?", "10.0.0.17"));
        assert!(!covers("*,!node0.lab.example", "node0.lab.example"));
        assert!(covers("!node0.lab.example,*", "node1.lab.example"));
        assert!(!covers("!node0.lab.example", "node1.lab.example"), "what is excluded alone covers nothing");
        assert!(covers("[*.lab.example]:2222", "[node0.lab.example]:2222"));
        assert!(!covers("*.lab.example", "[node0.lab.example]:2222"), "another port is another name");
    }
}
