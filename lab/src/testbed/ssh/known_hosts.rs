//! Which key is right for which host: the user's own `known_hosts`, the machine's, and a file of ours for keys that were
//! trusted here.

use super::known_keys::{MOST_BYTES, known_keys, name_of, text_of};
use crate::user_file::read_text;
use russh::keys::known_hosts::learn_known_hosts_path;
use russh::keys::{Algorithm, HashAlg, PublicKey};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The machine's own files, which every user's ssh reads too (ssh_config(5), GlobalKnownHostsFile).
const OF_THE_MACHINE: [&str; 2] = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

/// What is known of the key that a host shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is the known one.
    Known,
    /// No key of this host is known.
    Unknown,
    /// Other keys of this host are known.
    Changed {
        /// `SHA256:…` of a known one.
        known: String,
        /// The file that has it.
        place: String,
    },
    /// Somebody marked it as stolen.
    Revoked {
        /// The file that says so.
        place: String,
    },
    /// The files cannot be read.
    Unreadable {
        /// A sentence.
        reason: String,
    },
}

/// The files of known keys.
#[derive(Debug)]
pub struct KnownHosts {
    /// The user's and the machine's: read only.
    given: Vec<PathBuf>,
    /// Ours: keys that were trusted explicitly. Locked while it is read or written.
    own: Mutex<PathBuf>,
}

/// The fingerprint of a key as `ssh-keygen` shows it.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

impl KnownHosts {
    /// The files that ssh reads, and one of ours.
    pub fn new(own: PathBuf) -> Self {
        let users = std::env::home_dir().map(|home| home.join(".ssh")).into_iter();
        let users = users.flat_map(|folder| ["known_hosts", "known_hosts2"].map(|name| folder.join(name)));
        Self { given: users.chain(OF_THE_MACHINE.map(PathBuf::from)).collect(), own: Mutex::new(own) }
    }

    /// A file of ours alone, for hosts that get new keys each time they are lent.
    pub fn only(own: PathBuf) -> Self {
        Self { given: Vec::new(), own: Mutex::new(own) }
    }

    /// What is known of a host's key.
    pub fn judge(&self, address: &str, port: u16, key: &PublicKey) -> Judgement {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let mut texts = Vec::new();
        for file in self.given.iter().chain([&*own]) {
            match text_of(file).and_then(|text| Ok((revokes(&text, key)?, text))) {
                Ok((false, text)) => texts.push((file, text)),
                Ok((true, _)) => return Judgement::Revoked { place: file.display().to_string() },
                Err(reason) => return Judgement::Unreadable { reason },
            }
        }
        let mut changed = None;
        for (file, text) in texts {
            let known = match known_keys(file, &text, address, port) {
                Ok(known) => known,
                Err(reason) => return Judgement::Unreadable { reason },
            };
            if known.iter().any(|known| known.key_data() == key.key_data()) {
                return Judgement::Known;
            }
            // Hosts show no RSA keys to us, so a known one says nothing of the key of another kind that they show instead.
            let comparable = |known: &PublicKey| !known.algorithm().is_rsa() || key.algorithm().is_rsa();
            if let Some(known) = known.iter().find(|known| comparable(known)) {
                let place = file.display().to_string();
                changed.get_or_insert(Judgement::Changed { known: fingerprint(known), place });
            }
        }
        changed.unwrap_or(Judgement::Unknown)
    }

    /// The kinds of keys that are known of a host: asked for first, so that a host with several shows one that is known.
    pub(super) fn algorithms(&self, address: &str, port: u16) -> Vec<Algorithm> {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let files = self.given.iter().chain([&*own]);
        let keys = files.filter_map(|file| known_keys(file, &text_of(file).ok()?, address, port).ok()).flatten();
        keys.map(|key| key.algorithm()).collect()
    }

    /// Trusts a key from now on: a person has compared its fingerprint, or whoever provides the host vouches for it.
    ///
    /// # Errors
    /// A sentence, when the host has another key already or the file cannot be written.
    pub fn trust(&self, address: &str, port: u16, key: &PublicKey) -> Result<(), String> {
        match self.judge(address, port, key) {
            Judgement::Known => Ok(()),
            Judgement::Unknown => {
                let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
                learn_known_hosts_path(address, port, key, &*own)
                    .map_err(|error| format!("{} cannot be written: {error}", own.display()))
            }
            Judgement::Changed { known, place } => Err(format!(
                "another key of {address} is known ({known}; {place}): if the host was set up anew, forget that one first"
            )),
            Judgement::Revoked { place } => Err(format!("{place} marks this key as revoked: do not use this host")),
            Judgement::Unreadable { reason } => Err(reason),
        }
    }

    /// The same, for a key as `known_hosts` has it.
    ///
    /// # Errors
    /// Also when that is no key.
    pub fn trust_text(&self, address: &str, port: u16, key: &str) -> Result<(), String> {
        let key = PublicKey::from_openssh(key).map_err(|error| format!("this is no host key: {error}"))?;
        if address.is_empty() || address.chars().any(|character| character.is_whitespace() || character == ',') {
            return Err("this is no host's address".to_owned());
        }
        self.trust(address, port, &key)
    }

    /// Forgets what was trusted here of a host; whether there was anything. The user's own file is the user's to change.
    ///
    /// # Errors
    /// A sentence, when the file cannot be written.
    pub fn forget(&self, address: &str, port: u16) -> Result<bool, String> {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |error: std::io::Error| format!("{} cannot be changed: {error}", own.display());
        if !own.exists() {
            return Ok(false);
        }
        let name = name_of(address, port);
        let text = read_text(&own, MOST_BYTES).map_err(|fault| format!("{} {fault}", own.display()))?;
        let kept: String =
            text.split_inclusive('\n').filter(|line| line.split(' ').next() != Some(name.as_str())).collect();
        if kept.len() == text.len() {
            return Ok(false);
        }
        // Half a file would forget others, too.
        let fresh = own.with_extension("new");
        std::fs::write(&fresh, kept).and_then(|()| std::fs::rename(&fresh, &*own)).map_err(failed)?;
        Ok(true)
    }
}

/// Whether a file with this text marks a key as revoked, for whatever host.
fn revokes(text: &str, key: &PublicKey) -> Result<bool, String> {
    let shown = key.to_openssh().map_err(|error| error.to_string())?;
    let shown = shown.split(' ').nth(1).unwrap_or_default();
    let mut revoked = text.lines().filter_map(|line| line.strip_prefix("@revoked"));
    Ok(revoked.any(|line| line.split_whitespace().any(|word| word == shown)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    const ONE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILIG2T/B0l0gaqj3puu510tu9N1OkQ4znY3LYuEm5zCF";
    const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC/igBoAh3VC2NHpGw7xUFOi/SXvvdFtjMCWf6XgqStnc3UEnE2w93zRepxaqCWEQBUE8BgKNuot+e0Ct0JvKpTLM4aV6IgAnpbE92z0mAk+5EnvB76lah1uOOZ5ieyV/fuGtZtOaMHzRawqRMGGyV3KW+FcwyWXdTf6YE8vSS3sw==";

    fn key(text: &str) -> PublicKey {
        PublicKey::from_str(text).unwrap()
    }

    struct Files {
        _folder: tempfile::TempDir,
        known: KnownHosts,
        users: PathBuf,
    }

    fn files(users: &str) -> Files {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("users");
        std::fs::write(&file, users).unwrap();
        let own = Mutex::new(folder.path().join("data").join("known_hosts"));
        let given = vec![file.clone(), folder.path().join("machines")];
        Files { known: KnownHosts { given, own }, _folder: folder, users: file }
    }

    #[test]
    fn a_file_that_leads_to_dev_null_knows_no_host() {
        let files = files("");
        std::fs::remove_file(&files.users).unwrap();
        std::os::unix::fs::symlink("/dev/null", &files.users).unwrap();
        assert_eq!(files.known.judge("host", 22, &key(ONE)), Judgement::Unknown);
    }

    #[test]
    fn a_key_of_the_users_own_file_is_known_and_another_one_of_that_host_is_a_change_with_its_place() {
        let files = files(&format!("# mine\nnode0 {ONE}\n[node1]:2222 {OTHER}\n"));
        assert_eq!(files.known.judge("node0", 22, &key(ONE)), Judgement::Known);
        assert_eq!(files.known.judge("node1", 2222, &key(OTHER)), Judgement::Known);
        assert_eq!(files.known.judge("node1", 22, &key(OTHER)), Judgement::Unknown);
        let Judgement::Changed { known, place } = files.known.judge("node0", 22, &key(OTHER)) else { panic!() };
        assert_eq!(known, fingerprint(&key(ONE)));
        assert!(known.starts_with("SHA256:") && place.starts_with(&files.users.display().to_string()), "{place}");
        assert!(files.known.trust("node0", 22, &key(OTHER)).unwrap_err().contains("another key of node0"));
    }

    #[test]
    fn a_key_is_trusted_once_somebody_says_so_and_forgotten_alone() {
        let files = files("");
        assert_eq!(files.known.judge("a", 22, &key(ONE)), Judgement::Unknown);
        files.known.trust("a", 22, &key(ONE)).unwrap();
        files.known.trust("a", 22, &key(ONE)).unwrap();
        files.known.trust("b", 2222, &key(OTHER)).unwrap();
        assert_eq!(files.known.judge("a", 22, &key(ONE)), Judgement::Known);
        assert_eq!(files.known.algorithms("b", 2222).len(), 1);
        assert!(files.known.forget("a", 22).unwrap());
        assert!(!files.known.forget("a", 22).unwrap());
        assert_eq!(files.known.judge("a", 22, &key(OTHER)), Judgement::Unknown);
        assert_eq!(files.known.judge("b", 2222, &key(OTHER)), Judgement::Known);
        assert_eq!(std::fs::read_to_string(&files.users).unwrap(), "");
    }

    #[test]
    fn a_host_of_which_an_rsa_key_alone_is_known_has_not_changed_when_it_shows_a_key_of_another_kind() {
        let files = files(&format!("node0 {RSA}\nnode1 {RSA}\nnode1 {ONE}\n"));
        assert_eq!(files.known.judge("node0", 22, &key(ONE)), Judgement::Unknown);
        files.known.trust("node0", 22, &key(ONE)).unwrap();
        assert_eq!(files.known.judge("node0", 22, &key(ONE)), Judgement::Known);
        assert!(matches!(files.known.judge("node1", 22, &key(OTHER)), Judgement::Changed { .. }));
    }

    #[test]
    fn a_key_under_a_pattern_of_names_or_in_the_machines_file_is_known() {
        let files = files(&format!("*.lab,!odd.lab {ONE}\nno line at all\n"));
        std::fs::write(files.users.with_file_name("machines"), format!("node1.lab,10.0.0.? {OTHER}\n")).unwrap();
        assert_eq!(files.known.judge("node0.lab", 22, &key(ONE)), Judgement::Known);
        assert_eq!(files.known.judge("10.0.0.7", 22, &key(OTHER)), Judgement::Known);
        assert_eq!(files.known.judge("node1.lab", 22, &key(OTHER)), Judgement::Known, "one of the two");
        assert_eq!(files.known.judge("odd.lab", 22, &key(ONE)), Judgement::Unknown);
        assert_eq!(files.known.judge("node0.lab", 2222, &key(ONE)), Judgement::Unknown);
        let Judgement::Changed { place, .. } = files.known.judge("node0.lab", 22, &key(OTHER)) else { panic!() };
        assert!(place.ends_with("users"), "{place}");
    }

    #[test]
    fn a_revoked_key_is_never_right() {
        let files = files(&format!("node0 {ONE}\n@revoked * {ONE}\n"));
        assert!(matches!(files.known.judge("node0", 22, &key(ONE)), Judgement::Revoked { .. }));
        assert!(files.known.trust("elsewhere", 22, &key(ONE)).is_err());
    }
}
