//! A trial of the public framework BFTBrain on other hosts. The framework brings its processes up by itself, from a host
//! that has its checkout in the user's home: the first host of the testbed. There its script is given the configuration and
//! started; it runs until its input ends, and then ends what it started.

use super::Access;
use super::command::RemoteCommand;
use super::examine::reach;
use super::launch::{SshRunning, exit};
use super::remote_host::{Output, RemoteHost, RemoteProcess};
use crate::clock;
use crate::testbed::ControllerExit;
use bytes::Bytes;
use model::bftbrain::{BftbrainLaunch, framework_config};
use model::config::ConfigValue;
use model::hosts::{HostStage, HostStatus, SshHost, SshTestbed};
use model::ids::UnitId;
use model::launch::LaunchSpec;
use model::report::ControllerEvent;
use model::trial::PhaseName;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long the script may take to end what it started: it waits, and collects logs from all hosts.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long a command that starts nothing may take.
const COMMAND: Duration = Duration::from_secs(20);
/// How long the script may take for each of its hosts in one phase, beside the patience that the trial has: it turns to them
/// one after the other.
const EACH_HOST: Duration = Duration::from_secs(2);
/// Most lines of the script in a trial's log.
const MOST_LINES: u32 = 1_000;
/// The longest line of the script in a trial's log, characters.
const LONGEST_LINE: usize = 2_000;

/// Begins to bring a trial up.
pub fn launch_framework(
    access: Access,
    testbed: SshTestbed,
    launch: BftbrainLaunch,
    spec: LaunchSpec,
    events: mpsc::Sender<ControllerEvent>,
) -> SshRunning {
    SshRunning::start(PATIENCE, move |stop| async move {
        Master { access, testbed, launch, spec, events, stop, lines: 0 }.run().await
    })
}

struct Master {
    access: Access,
    testbed: SshTestbed,
    launch: BftbrainLaunch,
    spec: LaunchSpec,
    events: mpsc::Sender<ControllerEvent>,
    stop: CancellationToken,
    lines: u32,
}

impl Master {
    async fn run(mut self) -> ControllerExit {
        let Some(host) = self.testbed.hosts.first().cloned() else {
            return self.failed("the testbed has no hosts".to_owned());
        };
        for note in self.launch.notes.clone() {
            self.log(note);
        }
        self.begins(PhaseName::Check);
        let stop = self.stop.clone();
        let prepared = tokio::select! {
            prepared = self.prepare(&host) => prepared,
            () = stop.cancelled() => return exit(true, "the launch was stopped"),
        };
        let remote = match prepared {
            Ok(remote) => remote,
            Err(reason) => {
                self.host(&host, HostStage::Failed, reason.clone());
                return self.failed(format!("{}: {reason}", host.label()));
            }
        };
        self.ended(PhaseName::Check);
        self.host(&host, HostStage::Ready, String::new());
        self.begins(PhaseName::Spawn);
        let command = RemoteCommand::RunFramework(self.launch.protocol.clone());
        let exit = match tokio::time::timeout(COMMAND, remote.start(&command)).await {
            Ok(Ok(process)) => self.follow(process).await,
            Ok(Err(error)) => self.failed(format!("{}: {error}", host.label())),
            Err(_) => self.failed(format!("{}: {}", host.label(), too_long(COMMAND))),
        };
        let _ = tokio::time::timeout(COMMAND, remote.close()).await;
        self.host(&host, HostStage::Ended, String::new());
        exit
    }

    /// Looks at the host and gives it the configuration.
    async fn prepare(&self, host: &SshHost) -> Result<Arc<dyn RemoteHost>, String> {
        self.host(host, HostStage::Checking, String::new());
        let backend = self.testbed.backend.as_ref().or(self.launch.backend.as_ref()).ok_or(
            "BFTBrain's units report from all hosts by themselves: start the server with --units-listen, and give its address \
             as the testbed's backend or with --bftbrain-backend",
        )?;
        let config = self.config(backend)?;
        let remote = reach(&self.access, host, &mut Vec::new()).await.map_err(|finding| finding.sentence())?;
        let found = run(remote.as_ref(), &RemoteCommand::FindFramework, Bytes::new()).await?;
        read_survey(&found.output).fits(self.launch.replicas)?;
        self.ask_backend(remote.as_ref(), backend).await?;
        let command = RemoteCommand::ReceiveFrameworkConfig;
        let received = run(remote.as_ref(), &command, Bytes::from(config)).await?;
        match received.status {
            Some(0) => Ok(remote),
            _ => Err(format!(
                "the configuration could not be put into BFTBrain/scripts: {}",
                received.errors.lines().last().unwrap_or("no reason was given")
            )),
        }
    }

    /// Whether the server is where the framework's units will ask for it. One that cannot ask once never asks again.
    async fn ask_backend(&self, remote: &dyn RemoteHost, backend: &str) -> Result<(), String> {
        let (host, port) = address(backend)?;
        let question = format!("{}\n{port}\n{}\n", host.trim_matches(['[', ']']), self.access.probe_path);
        let asked = run(remote, &RemoteCommand::AskBackend, Bytes::from(question)).await?;
        let mend = "open that port, or give the address at which the hosts reach --units-listen as the testbed's backend or with \
                    --bftbrain-backend";
        match asked.output.lines().find(|line| line.starts_with("HTTP/")) {
            Some(answer) if answer.split_whitespace().nth(1) == Some("200") => Ok(()),
            Some(answer) => Err(format!("at {backend} it does not find this server but {answer:?}: {mend}")),
            None => {
                let reason = asked.errors.lines().last().unwrap_or("nothing answers");
                Err(format!("it does not reach this server at {backend} ({}): {mend}", plain(reason)))
            }
        }
    }

    /// The trial's configuration, with the address at which the framework's units reach the server.
    fn config(&self, backend: &str) -> Result<String, String> {
        let path = self.spec.backend_url.find("/w/").map_or("", |start| &self.spec.backend_url[start..]);
        let (address, port) = address(backend)?;
        let mut config = self.spec.config.clone();
        config.set("demo.update_server", ConfigValue::Text(address.to_owned()));
        config.set("demo.update_port", ConfigValue::Text(format!("{port}{path}")));
        Ok(framework_config(&config, &self.launch.protocol))
    }

    /// Hands on what the script says until it has ended; stop is the end of its input.
    async fn follow(&mut self, process: RemoteProcess) -> ControllerExit {
        let RemoteProcess { input, mut lines } = process;
        let (mut input, stop) = (Some(input), self.stop.clone());
        let mut last = String::new();
        let mut phase = PhaseName::Spawn;
        let patience = self.patience();
        let mut deadline = Instant::now() + patience;
        loop {
            tokio::select! {
                line = lines.recv() => {
                    let Some(line) = line else { break };
                    let line = plain(&line);
                    if line.is_empty() {
                        continue;
                    }
                    if let Some(next) = phase_of(&line).filter(|next| *next > phase) {
                        self.ended(phase);
                        self.begins(next);
                        phase = next;
                        deadline = Instant::now() + patience;
                        if phase == PhaseName::Run {
                            self.ended(phase);
                        }
                    }
                    last.clone_from(&line);
                    self.log(line);
                }
                () = stop.cancelled(), if input.is_some() => input = None,
                // Its input and its output end with the connection, and it with them as soon as it has something to say.
                () = tokio::time::sleep_until(deadline), if phase != PhaseName::Run && input.is_some() => {
                    return self.failed(format!(
                        "BFTBrain's script has got no further within {} s; its last words: {last:?}. See whether all hosts of \
                         BFTBrain/scripts/servers.txt can be reached from there, or give it more time with --bftbrain-patience",
                        patience.as_secs()
                    ));
                }
            }
        }
        if input.is_none() {
            self.event(ControllerEvent::Stopped { at_ms: clock::wall_ms() });
            return exit(true, "BFTBrain's script ended");
        }
        self.failed(format!("BFTBrain's script ended, or its host was lost; its last words: {last:?}"))
    }

    /// How long the script may stay in one phase.
    fn patience(&self) -> Duration {
        // The coordinator, the replicas, the client.
        Duration::from_millis(self.launch.patience_ms).saturating_add(EACH_HOST * (self.launch.replicas + 2))
    }

    fn failed(&self, reason: String) -> ControllerExit {
        self.event(ControllerEvent::Failed { reason: reason.clone(), at_ms: clock::wall_ms() });
        exit(false, &reason)
    }

    fn begins(&self, phase: PhaseName) {
        self.event(ControllerEvent::PhaseStarted { phase, at_ms: clock::wall_ms() });
    }

    fn ended(&self, phase: PhaseName) {
        self.event(ControllerEvent::PhaseEnded { phase, at_ms: clock::wall_ms() });
    }

    fn host(&self, host: &SshHost, stage: HostStage, text: String) {
        let status = HostStatus { place: 0, host: host.label(), stage, text };
        self.event(ControllerEvent::Host { status, at_ms: clock::wall_ms() });
    }

    fn log(&mut self, line: String) {
        self.lines = self.lines.saturating_add(1);
        let line = match self.lines {
            ..=MOST_LINES => line,
            count if count == MOST_LINES + 1 => "Further lines are left out.".to_owned(),
            _ => return,
        };
        self.event(ControllerEvent::Log { unit: UnitId(0), line, at_ms: clock::wall_ms() });
    }

    /// When more happens than can be stored, the newest is left out.
    fn event(&self, event: ControllerEvent) {
        let _ = self.events.try_send(event);
    }
}

async fn run(remote: &dyn RemoteHost, command: &RemoteCommand, input: Bytes) -> Result<Output, String> {
    match tokio::time::timeout(COMMAND, remote.run(command, input, &|_| {})).await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(too_long(COMMAND)),
    }
}

fn too_long(limit: Duration) -> String {
    format!("a command did not come to its end within {} s: try again", limit.as_secs())
}

fn address(backend: &str) -> Result<(&str, &str), String> {
    backend.rsplit_once(':').ok_or_else(|| format!("{backend:?} is no host:port"))
}

/// What the host says of the framework there.
#[derive(Debug, Default, PartialEq, Eq)]
struct Survey {
    has_script: bool,
    /// How many hosts its list names.
    servers: Option<u32>,
}

fn read_survey(output: &str) -> Survey {
    let mut survey = Survey::default();
    // What the user's shell says at login is passed over.
    for line in output.lines() {
        match line.strip_prefix("bftgym ").and_then(|rest| rest.split_once(' ')) {
            Some(("script", there)) => survey.has_script = there == "yes",
            Some(("servers", count)) => survey.servers = count.trim().parse().ok(),
            _ => {}
        }
    }
    survey
}

impl Survey {
    fn fits(&self, replicas: u32) -> Result<(), String> {
        if !self.has_script {
            return Err(
                "there is no BFTBrain/scripts/run_miyuki.sh in the user's home: deploy BFTBrain there, or put the host that \
                        has it first in the testbed"
                    .to_owned(),
            );
        }
        // The coordinator, the replicas, the client.
        let needed = replicas + 2;
        match self.servers {
            Some(count) if count == needed => Ok(()),
            Some(count) => Err(format!(
                "BFTBrain/scripts/servers.txt names {count} hosts, and this trial needs {needed}: the coordinator, {replicas} \
                 replicas and the client; change general.f, or that file"
            )),
            None => Err("BFTBrain/scripts/servers.txt cannot be read: deploy BFTBrain there first".to_owned()),
        }
    }
}

/// The phase that begins with a line of the script.
fn phase_of(line: &str) -> Option<PhaseName> {
    match line {
        _ if line.contains("[3/6] Starting Coordination Unit") => Some(PhaseName::Connect),
        _ if line.contains("[5/6] Waiting") => Some(PhaseName::Configure),
        _ if line.contains("[6/6] Executing") => Some(PhaseName::Run),
        _ => None,
    }
}

/// A line without colours, which the script writes as text: `\033[4;42m`.
fn plain(line: &str) -> String {
    let mut rest = line.replace("\\033[", "\u{1b}[");
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = after.find(|each: char| each.is_ascii_alphabetic()).map_or(after.len(), |end| end + 1);
        rest = after[end..].to_owned();
    }
    plain.push_str(&rest);
    plain.chars().filter(|each| !each.is_control()).take(LONGEST_LINE).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_has_is_found_among_what_its_shell_says_and_has_to_fit() {
        let found = read_survey("Welcome!\nbftgym script yes\nbftgym servers 6\n");
        assert_eq!(found, Survey { has_script: true, servers: Some(6) });
        assert_eq!(found.fits(4), Ok(()));
        assert!(found.fits(7).unwrap_err().contains("names 6 hosts, and this trial needs 9"));
        assert!(read_survey("bftgym script no\n").fits(4).unwrap_err().contains("deploy BFTBrain there"));
        assert!(read_survey("bftgym script yes\n").fits(4).unwrap_err().contains("servers.txt cannot be read"));
    }

    #[test]
    fn the_scripts_steps_are_phases_and_its_colours_go() {
        let line = plain("\\033[4;42mProtocol pbft : [6/6] Executing ...\\033[m\r");
        assert_eq!((line.as_str(), phase_of(&line)), ("Protocol pbft : [6/6] Executing ...", Some(PhaseName::Run)));
        assert_eq!(plain("\u{1b}[4;34"), "");
        assert_eq!(phase_of("Protocol pbft : [3/6] Starting Coordination Unit 0"), Some(PhaseName::Connect));
        assert_eq!(phase_of("anything"), None);
    }
}
