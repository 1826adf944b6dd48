//! Looking at one host, step by step, until it is ready for units or something is in the way.

use super::Access;
use super::command::RemoteCommand;
use super::connection::{self, Connection};
use super::login::log_in;
use super::program::Hash;
use super::remote_host::{HostError, Output, RemoteHost};
use crate::clock;
use crate::host::{ProbeAnswer, ProbeRequest, UNKNOWN_NAME};
use bytes::Bytes;
use model::hosts::{Finding, HostStage, HostStep, SshHost};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Room that has to be left beside the program, KiB.
const MARGIN_KIB: u64 = 16 << 10;
/// How long a command that copies nothing may take.
const COMMAND: Duration = Duration::from_secs(20);
/// How long the copy of the program may stand still.
const STANDSTILL: Duration = Duration::from_secs(30);
/// How far clocks may be apart before it is worth a word, ms.
const CLOCK_MS: i64 = 500;

/// A host that is ready for units.
pub(super) struct Ready {
    pub(super) host: Arc<dyn RemoteHost>,
    pub(super) hash: Hash,
    /// Where its units listen, in turn; at least one.
    pub(super) internal: Vec<IpAddr>,
    /// `host:port` of the server's units' address, as the host reaches it.
    pub(super) backend: String,
}

/// Hears what is going on.
pub(super) type Tell<'a> = &'a (dyn Fn(HostStage, String) + Send + Sync);

/// What was found, and the host where nothing is in the way.
pub(super) struct Examined {
    pub(super) findings: Vec<Finding>,
    pub(super) ready: Option<Ready>,
}

/// Looks at a host; copies the program where it is missing. `backend` is what a person set.
pub(super) async fn examine(access: &Access, backend: Option<&str>, host: &SshHost, tell: Tell<'_>) -> Examined {
    tell(HostStage::Checking, String::new());
    let mut findings = Vec::new();
    let ready = match steps(access, backend, host, tell, &mut findings).await {
        Ok(ready) => Some(ready),
        Err(obstacle) => {
            tell(HostStage::Failed, obstacle.sentence());
            findings.push(obstacle);
            None
        }
    };
    Examined { findings, ready }
}

async fn steps(
    access: &Access,
    backend: Option<&str>,
    host: &SshHost,
    tell: Tell<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Ready, Finding> {
    let remote = reach(access, host, findings).await?;
    let (hash, size) = access
        .program
        .facts()
        .await
        .map_err(|error| Finding::bad(HostStep::Program, error.to_string(), "start the server anew"))?;
    let seen = survey(remote.as_ref(), &hash, size, findings).await?;
    if seen.has_program {
        findings.push(Finding::good(HostStep::Program, "it is there already"));
    } else {
        copy(access, remote.as_ref(), &hash, size, tell).await?;
        findings.push(Finding::good(HostStep::Program, format!("it was copied there ({} MB)", size / 1_000_000)));
    }
    let backend = match backend {
        Some(backend) => backend.to_owned(),
        None => format!("127.0.0.1:{}", forward(remote.as_ref()).await?),
    };
    let internal = if host.internal.is_empty() { vec![remote.peer()] } else { host.internal.clone() };
    let ready = Ready { host: remote, hash, internal, backend };
    probe(access, &ready, findings).await?;
    Ok(ready)
}

/// Gets onto a host.
pub(super) async fn reach(
    access: &Access,
    host: &SshHost,
    findings: &mut Vec<Finding>,
) -> Result<Arc<dyn RemoteHost>, Finding> {
    let (mut handle, peer) = connection::connect(access, host, findings).await?;
    findings.push(log_in(&mut handle, host, access).await?);
    Ok(Arc::new(Connection::new(handle, peer)))
}

/// Runs a command that has to come to its end soon.
async fn run(
    remote: &dyn RemoteHost,
    step: HostStep,
    command: &RemoteCommand,
    input: Bytes,
) -> Result<Output, Finding> {
    match tokio::time::timeout(COMMAND, remote.run(command, input, &|_| {})).await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) => Err(not_run(step, &error)),
        Err(_) => Err(Finding::bad(
            step,
            format!("a command did not come to its end within {} s", COMMAND.as_secs()),
            "look whether the host is overloaded, and whether its shell waits for something at login",
        )),
    }
}

fn not_run(step: HostStep, error: &HostError) -> Finding {
    let mend = match error {
        HostError::Lost { .. } => "check the network between, and try again",
        HostError::Refused { .. } => "let the user run commands there: look at ForceCommand and the user's shell",
        HostError::TooMuch { .. } => "let the user's shell say less at login",
    };
    Finding::bad(step, error.to_string(), mend)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Survey {
    system: String,
    machine: String,
    free_kib: Option<u64>,
    has_program: bool,
}

async fn survey(
    remote: &dyn RemoteHost,
    hash: &Hash,
    size: u64,
    findings: &mut Vec<Finding>,
) -> Result<Survey, Finding> {
    let output = run(remote, HostStep::System, &RemoteCommand::Survey(hash.clone()), Bytes::new()).await?;
    let seen = read_survey(&output.output);
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    if !seen.system.eq_ignore_ascii_case(system) || seen.machine != machine {
        let found = format!("it is {} on {}; the program is for {system} on {machine}", seen.system, seen.machine);
        let mend = "choose hosts of the kind that the server runs on, or run the server on one of their kind";
        return Err(Finding::bad(HostStep::System, found, mend));
    }
    findings.push(Finding::good(HostStep::System, format!("{} on {}", seen.system, seen.machine)));
    let needed = size / 1_024 + MARGIN_KIB;
    match seen.free_kib {
        Some(free) if !seen.has_program && free < needed => Err(Finding::bad(
            HostStep::Disk,
            format!("{} MB are free in the user's home, and {} MB are needed", free / 1_000, needed / 1_000),
            "free some room there; older copies in ~/.cache/bftgym may go",
        )),
        Some(free) => {
            findings.push(Finding::good(HostStep::Disk, format!("{} MB are free", free / 1_000)));
            Ok(seen)
        }
        None => {
            let text = "it cannot be told how much room there is";
            findings.push(Finding::warning(HostStep::Disk, text, "see whether df works there"));
            Ok(seen)
        }
    }
}

/// Reads what the host says of itself; what its shell says at login is passed over.
fn read_survey(output: &str) -> Survey {
    let mut seen = Survey::default();
    let mut in_disk = false;
    for line in output.lines() {
        match line.strip_prefix("bftgym ").and_then(|rest| rest.split_once(' ').or(Some((rest, "")))) {
            Some(("system", system)) => system.clone_into(&mut seen.system),
            Some(("machine", machine)) => machine.clone_into(&mut seen.machine),
            Some(("program", there)) => seen.has_program = there == "yes",
            Some(("disk", _)) => in_disk = true,
            _ if in_disk => {
                // File system, 1024-blocks, used, available, capacity, mounted on. The heading has no numbers.
                let numbers = line.split_whitespace().skip(1).map(str::parse).collect::<Vec<_>>();
                if let [Ok(_), Ok(_), Ok(free), ..] = numbers[..] {
                    seen.free_kib = Some(free);
                    in_disk = false;
                }
            }
            _ => {}
        }
    }
    seen
}

async fn copy(access: &Access, remote: &dyn RemoteHost, hash: &Hash, size: u64, tell: Tell<'_>) -> Result<(), Finding> {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    let bad = |text: String, mend: &str| Finding::bad(HostStep::Program, text, mend);
    let _turn = access.program.turn().await;
    let bytes = access.program.bytes().await.map_err(|error| bad(error.to_string(), "start the server anew"))?;
    tell(HostStage::Copying, format!("0 of {} MB", megabytes(size)));
    let (told, all_gone) = (AtomicU64::new(0), AtomicU64::new(0));
    let sent = |gone: u64| {
        all_gone.store(gone, Ordering::Relaxed);
        let tenth = gone * 10 / size.max(1);
        if told.swap(tenth, Ordering::Relaxed) != tenth {
            tell(HostStage::Copying, format!("{} of {} MB", megabytes(gone), megabytes(size)));
        }
    };
    let receive = RemoteCommand::Receive(hash.clone());
    let output = tokio::select! {
        output = remote.run(&receive, bytes, &sent) => output.map_err(|error| not_run(HostStep::Program, &error))?,
        () = standstill(&all_gone) => {
            let (gone, all) = (megabytes(all_gone.load(Ordering::Relaxed)), megabytes(size));
            let text = format!("the copy stood still for {} s, after {gone} of {all} MB", STANDSTILL.as_secs());
            return Err(bad(text, "check the network between and the disk there, and try again"));
        }
    };
    tell(HostStage::Checking, String::new());
    if output.status == Some(0) {
        return Ok(());
    }
    let said = output.errors.lines().last().unwrap_or("no reason was given").to_owned();
    let mend = if said.contains("No space left") {
        "free some room there"
    } else if said.contains("GLIBC") {
        "its system is older than the one that the program was built on: build BFTGym on the oldest system of all"
    } else {
        "see whether programs may be run from the user's home there"
    };
    Err(bad(format!("the program could not be put in place: {said}"), mend))
}

/// Ends when a count has not changed for a while.
async fn standstill(count: &AtomicU64) {
    let mut before = None;
    while before != Some(count.load(Ordering::Relaxed)) {
        before = Some(count.load(Ordering::Relaxed));
        tokio::time::sleep(STANDSTILL).await;
    }
}

async fn forward(remote: &dyn RemoteHost) -> Result<u16, Finding> {
    let asked = tokio::time::timeout(COMMAND, remote.forward()).await;
    let reason = match asked {
        Ok(Ok(port)) => return Ok(port),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("its SSH server did not answer within {} s", COMMAND.as_secs()),
    };
    Err(Finding::bad(
        HostStep::Backend,
        reason,
        "allow it there (AllowTcpForwarding), or start the server with --units-listen and give its address as the \
         testbed's backend",
    ))
}

async fn probe(access: &Access, ready: &Ready, findings: &mut Vec<Finding>) -> Result<(), Finding> {
    let request = ProbeRequest {
        listen: ready.internal.clone(),
        backend: ready.backend.clone(),
        path: access.probe_path.clone(),
    };
    let input = serde_json::to_vec(&request).unwrap_or_default();
    let asked_ms = clock::wall_ms();
    let command = RemoteCommand::Probe(ready.hash.clone());
    let output = run(ready.host.as_ref(), HostStep::Program, &command, input.into()).await?;
    let answered_ms = clock::wall_ms();
    let answer = output.output.lines().find_map(|line| serde_json::from_str::<ProbeAnswer>(line).ok());
    let Some(answer) = answer else {
        let said = output.errors.lines().last().unwrap_or("it said nothing").to_owned();
        let mend = "see whether programs may be run from the user's home there";
        return Err(Finding::bad(HostStep::Program, format!("the program does not run there: {said}"), mend));
    };
    if let Some((address, reason)) = answer.not_listening {
        return Err(Finding::bad(
            HostStep::Ports,
            format!("no port can be opened at {address}: {reason}"),
            "give addresses of this host as its internal addresses",
        ));
    }
    let addresses: Vec<String> = ready.internal.iter().map(ToString::to_string).collect();
    findings.push(Finding::good(HostStep::Ports, format!("units can listen at {}", addresses.join(", "))));
    if let Some(reason) = answer.unreachable {
        let mend = if reason.starts_with(UNKNOWN_NAME) {
            "correct the testbed's backend, or give an IP address; without one, reports come back through SSH"
        } else {
            "look whether the server was started with --units-listen, and correct the testbed's backend; without one, reports \
             come back through SSH"
        };
        let text = format!("units there cannot reach the server at {}: {reason}", ready.backend);
        return Err(Finding::bad(HostStep::Backend, text, mend));
    }
    findings.push(Finding::good(HostStep::Backend, format!("units reach the server at {}", ready.backend)));
    findings.push(judge_clock(answer.clock_ms, asked_ms, answered_ms));
    Ok(())
}

/// The host's time lies somewhere between the question and the answer.
fn judge_clock(theirs_ms: i64, asked_ms: i64, answered_ms: i64) -> Finding {
    let off = if theirs_ms < asked_ms { theirs_ms - asked_ms } else { (theirs_ms - answered_ms).max(0) };
    match off {
        0 => Finding::good(HostStep::Clock, "it agrees with the server's"),
        off if off.abs() <= CLOCK_MS => {
            Finding::good(HostStep::Clock, format!("it is {} ms {}", off.abs(), direction(off)))
        }
        off => Finding::warning(
            HostStep::Clock,
            format!("it is {} ms {}", off.abs(), direction(off)),
            "let the hosts' clocks be set by NTP: times on charts are the hosts' own",
        ),
    }
}

fn direction(off: i64) -> &'static str {
    if off < 0 { "behind" } else { "ahead" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_says_of_itself_is_found_among_what_its_shell_says() {
        let output = "Welcome to node0!\nbftgym system Linux\nbftgym machine x86_64\nbftgym disk\n\
                      Filesystem     1024-blocks     Used Available Capacity Mounted on\n\
                      /dev/sda1        263174212 90000000 159735284      37% /\nbftgym program no\n";
        let seen = read_survey(output);
        assert_eq!(
            (seen.system.as_str(), seen.machine.as_str(), seen.free_kib),
            ("Linux", "x86_64", Some(159_735_284))
        );
        assert!(!seen.has_program);
        assert_eq!(read_survey("garbage\nbftgym\nbftgym disk\nx y z"), Survey::default());
    }

    #[test]
    fn a_clock_is_judged_by_what_cannot_be_the_network() {
        assert_eq!(judge_clock(150, 100, 200).text, "it agrees with the server's");
        assert_eq!(judge_clock(300, 100, 200).text, "it is 100 ms ahead");
        assert!(judge_clock(-9_900, 100, 200).sentence().starts_with("it is 10000 ms behind; let the hosts' clocks"));
    }
}
