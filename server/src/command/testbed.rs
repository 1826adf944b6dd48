//! `bftgym testbed`: looks at the hosts of a file, and forgets what was trusted of a host.

use super::headless::read_file;
use super::{data_dir, print_json, say};
use crate::cli::{TestbedCheckArgs, TestbedCommand, TestbedForgetArgs};
use crate::cloudlab::is_of_lent_machines;
use crate::error::ServerError;
use crate::http::serve_plain;
use crate::trials::Probes;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use lab::testbed::ssh::{Access, KeyPlace, KnownHosts, Passphrases, Program, check};
use model::hosts::{Finding, FindingState, SshTestbed, TestbedCheck};
use model::words::numbered;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The exit status when a host is not ready.
const NOT_READY: u8 = 1;

/// Runs it, and answers with the exit status: 0 when trials can run, or a key was forgotten.
pub(super) async fn run(command: TestbedCommand) -> Result<u8, ServerError> {
    match command {
        TestbedCommand::Check(args) => look(args).await,
        TestbedCommand::Forget(args) => forget(&args),
    }
}

fn forget(args: &TestbedForgetArgs) -> Result<u8, ServerError> {
    let file = known_hosts_file(args.data_dir.clone())?;
    let mut forgotten = false;
    // Machines that CloudLab lends have files of their own, beside that one.
    let lent = file.parent().and_then(|directory| std::fs::read_dir(directory).ok()).into_iter().flatten().flatten();
    let lent = lent.map(|entry| entry.path()).filter(|path| is_of_lent_machines(path));
    for file in std::iter::once(file.clone()).chain(lent) {
        let there = KnownHosts::only(file).forget(&args.address, args.port);
        forgotten |= there.map_err(|reason| ServerError::Measurement { reason })?;
    }
    let (file, address, port) = (file.display(), &args.address, args.port);
    match forgotten {
        true => say(format!("the keys of {address}, port {port}, are forgotten"))?,
        false => say(format!("{file} has no key of {address}, port {port}; your own known_hosts is yours to change"))?,
    }
    Ok(u8::from(!forgotten))
}

async fn look(args: TestbedCheckArgs) -> Result<u8, ServerError> {
    let testbed = read(&args.file)?;
    let access = access(&args).await?;
    let mut result = check(&access, &testbed).await;
    if trust(&access, &testbed, &result, &args.trust)? {
        result = check(&access, &testbed).await;
    }
    if args.json {
        print_json(&result)?;
    } else {
        print(&result)?;
    }
    Ok(if result.is_fine() { 0 } else { NOT_READY })
}

/// The file that a server of this data directory keeps trusted host keys in.
fn known_hosts_file(data_dir: Option<PathBuf>) -> Result<PathBuf, ServerError> {
    Ok(data_dir::choose(data_dir)?.join("known_hosts"))
}

fn read(path: &Path) -> Result<SshTestbed, ServerError> {
    let text = read_file("the testbed's file", path)?;
    SshTestbed::parse(&text).map_err(|problems| ServerError::TestbedProblems { path: path.to_owned(), problems })
}

/// Answers hosts that try to reach this command as they would reach a server.
async fn access(args: &TestbedCheckArgs) -> Result<Access, ServerError> {
    let failed = |source| ServerError::Io { what: "listening for the hosts that are checked", source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
    let units = listener.local_addr().map_err(failed)?;
    let probe_path = Probes::default().issue()?;
    let routes = Router::new().route(&probe_path, get(|| async { StatusCode::OK }));
    tokio::spawn(serve_plain(listener, routes, CancellationToken::new()));
    let known_hosts = known_hosts_file(args.data_dir.clone())?;
    Ok(Access {
        known_hosts: Arc::new(KnownHosts::new(known_hosts)),
        passphrases: Arc::new(Passphrases::default()),
        program: Arc::new(Program::this()),
        units,
        probe_path,
        key_place: KeyPlace::Host,
    })
}

/// Trusts the keys whose fingerprints were named; whether there were any.
fn trust(access: &Access, testbed: &SshTestbed, result: &TestbedCheck, named: &[String]) -> Result<bool, ServerError> {
    let mut any = false;
    for (host, found) in testbed.hosts.iter().zip(&result.hosts) {
        if let Some(Finding { state: FindingState::UnknownHostKey { fingerprint, key, .. }, .. }) = found.obstacle()
            && named.contains(fingerprint)
        {
            let trusted = access.known_hosts.trust_text(&host.address, host.port, key);
            trusted.map_err(|reason| ServerError::Measurement { reason })?;
            any = true;
        }
    }
    Ok(any)
}

fn print(result: &TestbedCheck) -> Result<(), ServerError> {
    for host in &result.hosts {
        say(&host.host)?;
        for finding in &host.findings {
            let sign = match &finding.state {
                FindingState::Good => "ok",
                FindingState::Warning { .. } => "look",
                _ => "NO",
            };
            say(format!("  {sign:<5}{:<9} {}", finding.step.label(), finding.sentence()))?;
        }
    }
    let ready = result.hosts.iter().filter(|host| host.obstacle().is_none()).count();
    say(format!("{ready} of {} ready", numbered(result.hosts.len() as u64, "host")))
}
