//! Logging in: with a key's file, or with the user's SSH agent. An agent that holds the named key stands in for a file that
//! cannot be used by itself.

use super::connection::Client;
use super::{Access, KeyPlace};
use model::hosts::{Finding, FindingState, HostStep, SshHost};
use russh::client::{AuthResult, Handle};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKey, decode_secret_key};
use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long logging in may take, with somebody at the SSH agent.
const LIMIT: Duration = Duration::from_secs(60);
/// The largest key file that is read, bytes.
const MAX_KEY_BYTES: u64 = 64 << 10;
/// How many of an agent's keys are tried: SSH servers hang up after a few.
const MAX_AGENT_KEYS: usize = 5;

/// Passphrases of keys, by the key's path as it was given. In memory only; wiped when they are replaced or dropped.
#[derive(Default)]
pub struct Passphrases(Mutex<HashMap<String, Zeroizing<String>>>);

impl std::fmt::Debug for Passphrases {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Passphrases")
    }
}

impl Passphrases {
    /// Remembers the passphrase of a key's file until this process ends.
    pub fn remember(&self, key: &str, passphrase: Zeroizing<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), passphrase);
    }

    fn of(&self, key: &str) -> Option<Zeroizing<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

/// Logs in. A server that falls silent, and an agent that nobody answers, are given up.
pub(super) async fn log_in(handle: &mut Handle<Client>, host: &SshHost, access: &Access) -> Result<Finding, Finding> {
    tokio::time::timeout(LIMIT, show_keys(handle, host, access)).await.unwrap_or_else(|_| {
        let text = format!("there was no end of logging in within {} s", LIMIT.as_secs());
        let mend = "look whether the host is overloaded, and whether the SSH agent waits for a touch or an answer";
        Err(Finding::bad(HostStep::Login, text, mend))
    })
}

async fn show_keys(handle: &mut Handle<Client>, host: &SshHost, access: &Access) -> Result<Finding, Finding> {
    let place = access.key_place;
    match &host.key {
        Some(path) => match load(path, access.passphrases.of(path)).await {
            Ok(key) => {
                let key = PrivateKeyWithHashAlg::new(Arc::new(key), None);
                let answer = handle.authenticate_publickey(&host.user, key).await.map_err(|error| broken(&error))?;
                accepted(answer, host, &format!("the key {path}"), place)
            }
            Err(unusable) => match unusable.public {
                Some(public) => match with_agents(handle, host, public, path, place).await {
                    Some(answer) => answer,
                    None => Err(unusable.finding),
                },
                None => Err(unusable.finding),
            },
        },
        None => with_agent(handle, host, place).await,
    }
}

/// A key's file that cannot be used by itself.
struct Unusable {
    finding: Finding,
    /// Which key it is, where that can be told and an agent may have it.
    public: Option<PublicKey>,
}

impl From<Finding> for Unusable {
    fn from(finding: Finding) -> Self {
        Self { finding, public: None }
    }
}

async fn load(path: &str, passphrase: Option<Zeroizing<String>>) -> Result<PrivateKey, Unusable> {
    let bad = |text: String, mend: &str| Finding::bad(HostStep::Login, text, mend);
    let unreadable = |error: std::io::Error| {
        bad(format!("the key {path} cannot be read: {error}"), "name the private key's file on the server's machine")
    };
    let file = expand(path);
    let facts = tokio::fs::metadata(&file).await.map_err(unreadable)?;
    if !facts.is_file() || facts.len() > MAX_KEY_BYTES {
        let mend = "name the private key's file on the server's machine";
        return Err(bad(format!("{path} is no private key"), mend).into());
    }
    let text = tokio::fs::read_to_string(&file).await.map(Zeroizing::new).map_err(unreadable)?;
    // Everybody may read that one, so this comes first.
    if PublicKey::from_openssh(text.trim()).is_ok() {
        return Err(bad(format!("{path} is the public key"), "name the private one, without .pub").into());
    }
    if facts.permissions().mode() & 0o077 != 0 {
        return Err(bad(format!("the key {path} can be read by others"), &format!("run: chmod 600 {path}")).into());
    }
    let public = public_part(&file, &text).await;
    if public.as_ref().is_some_and(|public| public.algorithm().is_rsa()) {
        return Err(Unusable { finding: is_rsa(path), public });
    }
    let given = passphrase.is_some();
    if !given && says_encrypted(&text) {
        let finding = explain(path, &russh::keys::Error::KeyIsEncrypted, false, public.is_some());
        return Err(Unusable { finding, public });
    }
    // Opening an encrypted key is slow on purpose.
    let decoded = tokio::task::spawn_blocking(move || {
        decode_secret_key(&text, passphrase.as_ref().map(|passphrase| passphrase.as_str()))
    });
    let decoded = decoded.await.map_err(|error| bad(error.to_string(), "try again"))?;
    decoded.map_err(|error| Unusable { finding: explain(path, &error, given, public.is_some()), public })
}

/// Which key a file has in it: OpenSSH writes that unencrypted, and into a file beside it.
async fn public_part(file: &Path, text: &str) -> Option<PublicKey> {
    if let Ok(key) = PrivateKey::from_openssh(text) {
        return Some(key.public_key().clone());
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(".pub");
    let facts = tokio::fs::metadata(&beside).await.ok().filter(|facts| facts.is_file())?;
    let text = if facts.len() <= MAX_KEY_BYTES { tokio::fs::read_to_string(&beside).await.ok()? } else { return None };
    PublicKey::from_openssh(text.trim()).ok()
}

/// Whether the heading of a file that is not OpenSSH's own says that it is encrypted; its contents only look broken then.
fn says_encrypted(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("-----BEGIN ENCRYPTED") || line.starts_with("Proc-Type: 4,ENCRYPTED"))
}

fn is_rsa(path: &str) -> Finding {
    Finding::bad(
        HostStep::Login,
        format!("{path} is an RSA key; those are not used from their files here"),
        "add it to your SSH agent and leave the field key empty, or use an Ed25519 key",
    )
}

fn explain(path: &str, error: &russh::keys::Error, given: bool, known: bool) -> Finding {
    use russh::keys::{Error, ssh_key};
    // An agent can stand in for a key only where it can be told that it has the same.
    let unknown = if known { "" } else { " (for the SSH agent to be asked, leave the field key empty)" };
    let needs = |text: String, refused| Finding {
        step: HostStep::Login,
        text: text + unknown,
        state: FindingState::NeedsPassphrase { key: path.to_owned(), refused },
    };
    match error {
        Error::KeyIsEncrypted | Error::SshKey(ssh_key::Error::Encrypted) => {
            needs(format!("the key {path} is encrypted"), false)
        }
        Error::UnsupportedKeyType { key_type_string, .. } if key_type_string == "RSA" => is_rsa(path),
        Error::UnsupportedKeyType { key_type_string, .. } => Finding::bad(
            HostStep::Login,
            format!("{path} is a key of the kind {key_type_string}, which is not read from files here"),
            "add it to your SSH agent and leave the field key empty, or use an Ed25519 key",
        ),
        _ if given => needs(format!("the passphrase does not open the key {path}"), true),
        error => Finding::bad(
            HostStep::Login,
            format!("the key {path} cannot be used: {error}"),
            "use an Ed25519 or ECDSA key; RSA keys are used through an SSH agent",
        ),
    }
}

/// A path with `~/` is in the home of whoever runs the server.
fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// Logs in with the agent's copy of a key; none where there is no agent, or it does not have it.
async fn with_agents(
    handle: &mut Handle<Client>,
    host: &SshHost,
    public: PublicKey,
    path: &str,
    place: KeyPlace,
) -> Option<Result<Finding, Finding>> {
    let mut agent = AgentClient::connect_env().await.ok()?;
    let identities = agent.request_identities().await.ok()?;
    let same = |identity: &AgentIdentity| matches!(identity, AgentIdentity::PublicKey { key, .. } if key.key_data() == public.key_data());
    if !identities.iter().any(same) {
        return None;
    }
    let hash = match handle.best_supported_rsa_hash().await {
        Ok(hash) => hash.flatten(),
        Err(error) => return Some(Err(broken(&error))),
    };
    let with = format!("the key {path}, which the SSH agent has");
    match handle.authenticate_publickey_with(&host.user, public, hash, &mut agent).await {
        Ok(answer) => Some(accepted(answer, host, &with, place)),
        Err(error) => {
            let text = format!("the SSH agent does not sign with the key {path}: {error}");
            Some(Err(Finding::bad(HostStep::Login, text, "see whether the agent is locked or asks for a confirmation")))
        }
    }
}

async fn with_agent(handle: &mut Handle<Client>, host: &SshHost, place: KeyPlace) -> Result<Finding, Finding> {
    let name_a_file = place.name_a_file();
    let unavailable = |error: russh::keys::Error| {
        Finding::bad(
            HostStep::Login,
            format!("no key is named, and the SSH agent cannot be used: {error}"),
            format!("{name_a_file}, or start the server where your SSH agent runs (SSH_AUTH_SOCK)"),
        )
    };
    let mut agent = AgentClient::connect_env().await.map_err(unavailable)?;
    let identities = agent.request_identities().await.map_err(unavailable)?;
    let keys = identities.into_iter().filter_map(|identity| match identity {
        AgentIdentity::PublicKey { key, .. } => Some(key),
        AgentIdentity::Certificate { .. } => None,
    });
    let keys: Vec<_> = keys.collect();
    if keys.is_empty() {
        let mend = format!("add one with ssh-add, or {name_a_file}");
        return Err(Finding::bad(HostStep::Login, "the SSH agent has no keys", mend));
    }
    let count = keys.len();
    for key in keys.into_iter().take(MAX_AGENT_KEYS) {
        let hash = handle.best_supported_rsa_hash().await.map_err(|error| broken(&error))?.flatten();
        match handle.authenticate_publickey_with(&host.user, key, hash, &mut agent).await {
            Ok(AuthResult::Success) => return accepted(AuthResult::Success, host, "the SSH agent", place),
            Ok(AuthResult::Failure { .. }) => {}
            Err(error) => tracing::debug!("the SSH agent did not sign: {error}"),
        }
    }
    let (tried, mend) = if count > MAX_AGENT_KEYS {
        let mend = format!("{name_a_file}, so that this key alone is tried; or {}", place.add_the_key());
        (format!("first {MAX_AGENT_KEYS} of the SSH agent's {count} keys"), mend)
    } else {
        (format!("SSH agent's {count} keys"), format!("{}, or {name_a_file}", place.add_the_key()))
    };
    let text = format!("{} does not let {} in with any of the {tried}", host.label(), host.user);
    Err(Finding::bad(HostStep::Login, text, mend))
}

fn accepted(answer: AuthResult, host: &SshHost, with: &str, place: KeyPlace) -> Result<Finding, Finding> {
    match answer {
        AuthResult::Success => Ok(Finding::good(HostStep::Login, format!("{} is let in with {with}", host.user))),
        AuthResult::Failure { partial_success: true, .. } => Err(Finding::bad(
            HostStep::Login,
            format!("{} wants more than {with}", host.label()),
            "let a key alone be enough there",
        )),
        AuthResult::Failure { .. } => Err(Finding::bad(
            HostStep::Login,
            format!("{} does not let {} in with {with}", host.label(), host.user),
            format!("check the user's name, and {}", place.add_the_key()),
        )),
    }
}

fn broken(error: &russh::Error) -> Finding {
    Finding::bad(HostStep::Login, format!("the connection broke off while logging in: {error}"), "try again")
}
