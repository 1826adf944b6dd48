//! A trial on the hosts of a testbed, from the first connection to the last.

use super::Access;
use super::examine::{Examined, Ready, examine};
use super::relay::{Relay, Site};
use crate::clock;
use crate::testbed::ControllerExit;
use futures::future::join_all;
use model::config::ConfigValue;
use model::hosts::{HostStage, HostStatus, Placement, SshTestbed};
use model::launch::LaunchSpec;
use model::report::ControllerEvent;
use model::trial::PhaseName;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The most hosts whose obstacles are told one by one.
const MOST_TOLD: usize = 2;
/// How long hosts have to end a trial in order.
const PATIENCE: Duration = Duration::from_secs(10);

/// A trial that runs on hosts, or is being brought up there. Dropping it closes the connections, which ends everything.
#[derive(Debug)]
pub struct SshRunning {
    patience: Duration,
    stop: CancellationToken,
    task: JoinHandle<()>,
    exit: watch::Receiver<Option<ControllerExit>>,
}

/// Begins to bring a trial up. What happens is told to `events`; the trial's own controller tells the rest.
pub fn launch(
    access: Access,
    testbed: SshTestbed,
    placement: Placement,
    spec: LaunchSpec,
    events: mpsc::Sender<ControllerEvent>,
) -> SshRunning {
    SshRunning::start(PATIENCE, move |stop| Launching { access, testbed, placement, spec, events, stop }.run())
}

impl SshRunning {
    /// Does the work of a trial in a task of its own, until it has ended or is told to stop.
    pub(super) fn start<F>(patience: Duration, work: impl FnOnce(CancellationToken) -> F) -> Self
    where
        F: Future<Output = ControllerExit> + Send + 'static,
    {
        let stop = CancellationToken::new();
        let (tell_exit, exit) = watch::channel(None);
        let work = work(stop.clone());
        let task = tokio::spawn(async move {
            tell_exit.send_replace(Some(work.await));
        });
        Self { patience, stop, task, exit }
    }

    /// How long it may take to end when it is asked to.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Asks the trial to end. May be called more than once.
    pub fn stop(&mut self) {
        self.stop.cancel();
    }

    /// Waits for the end. Safe to cancel and to call again.
    pub async fn wait(&mut self) -> ControllerExit {
        let lost = || ControllerExit { success: false, reason: "the controller was lost".to_owned() };
        match self.exit.wait_for(Option::is_some).await {
            Ok(exit) => exit.clone().unwrap_or_else(lost),
            Err(_) => lost(),
        }
    }

    /// Closes the connections: whatever runs on the hosts ends by itself.
    pub fn kill(&mut self) {
        self.task.abort();
    }
}

impl Drop for SshRunning {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Launching {
    access: Access,
    testbed: SshTestbed,
    placement: Placement,
    spec: LaunchSpec,
    events: mpsc::Sender<ControllerEvent>,
    stop: CancellationToken,
}

impl Launching {
    async fn run(self) -> ControllerExit {
        let ready = tokio::select! {
            ready = self.prepare() => ready,
            () = self.stop.cancelled() => return exit(true, "the launch was stopped"),
        };
        let Some(ready) = ready else {
            return exit(false, "the hosts were not ready");
        };
        let sites = self.sites(&ready);
        let mut relay = match Relay::start(sites, self.placement, self.events.clone()).await {
            Ok(relay) => relay,
            Err(reason) => {
                let _ =
                    self.events.try_send(ControllerEvent::Failed { reason: reason.clone(), at_ms: clock::wall_ms() });
                return exit(false, &reason);
            }
        };
        let exit = relay.run(self.spec, &self.stop).await;
        relay.end().await;
        exit
    }

    /// Looks at all hosts at the same time; none when one of them is not ready.
    async fn prepare(&self) -> Option<Vec<Ready>> {
        self.phase(PhaseName::Check, true);
        let hosts = self.testbed.hosts.iter().enumerate().map(|(place, host)| {
            let label = host.label();
            let tell = move |stage, text| self.host(place, &label, stage, text);
            async move { examine(&self.access, self.testbed.backend.as_deref(), host, &tell).await }
        });
        let examined = join_all(hosts).await;
        let obstacles = self.testbed.hosts.iter().zip(&examined).filter_map(|(host, examined)| {
            let finding = examined.findings.iter().find(|finding| !finding.state.is_fine())?;
            Some(of_host(&host.label(), finding.sentence()))
        });
        let obstacles: Vec<String> = obstacles.collect();
        let ready: Vec<Ready> = examined.into_iter().filter_map(|Examined { ready, .. }| ready).collect();
        if obstacles.is_empty() {
            self.phase(PhaseName::Check, false);
            return Some(ready);
        }
        join_all(ready.iter().map(|ready| ready.host.close())).await;
        self.event(ControllerEvent::Failed { reason: told(&obstacles), at_ms: clock::wall_ms() });
        None
    }

    fn sites(&self, ready: &[Ready]) -> Vec<Site> {
        // The token is not the controller's to hand on: each unit has it from here, through its host's connection.
        let path = self.spec.backend_url.find("/w/").map_or("", |start| &self.spec.backend_url[start..]);
        let hosts = self.testbed.hosts.iter().zip(ready);
        let site = |(host, ready): (&model::hosts::SshHost, &Ready)| Site {
            label: host.label(),
            host: ready.host.clone(),
            hash: ready.hash.clone(),
            internal: ready.internal.clone(),
            backend_url: format!("http://{}{path}", ready.backend),
        };
        hosts.map(site).collect()
    }

    fn phase(&self, phase: PhaseName, begins: bool) {
        let at_ms = clock::wall_ms();
        self.event(if begins {
            ControllerEvent::PhaseStarted { phase, at_ms }
        } else {
            ControllerEvent::PhaseEnded { phase, at_ms }
        });
    }

    fn host(&self, place: usize, host: &str, stage: HostStage, text: String) {
        let status = HostStatus { place: place as u32, host: host.to_owned(), stage, text };
        self.event(ControllerEvent::Host { status, at_ms: clock::wall_ms() });
    }

    /// When more happens than can be stored, the newest is left out.
    fn event(&self, event: ControllerEvent) {
        let _ = self.events.try_send(event);
    }
}

/// Why a trial does not start: some of the reasons, since many hosts often have the same one.
fn told(obstacles: &[String]) -> String {
    let first = obstacles.iter().take(MOST_TOLD).cloned().collect::<Vec<_>>().join("; ");
    match obstacles.len().saturating_sub(MOST_TOLD) {
        0 => first,
        1 => format!("{first}; one more host is not ready: check the testbed"),
        more => format!("{first}; {more} more hosts are not ready: check the testbed"),
    }
}

/// A sentence that says which host it is about, once.
fn of_host(label: &str, sentence: String) -> String {
    match sentence.strip_prefix(label) {
        Some(rest) if rest.starts_with(' ') => sentence,
        _ => format!("{label}: {sentence}"),
    }
}

pub(super) fn exit(success: bool, reason: &str) -> ControllerExit {
    ControllerExit { success, reason: reason.to_owned() }
}

/// The specification as the controller gets it: without the trial's token in the configuration, which it hands to workers
/// over the network.
pub(super) fn for_controller(mut spec: LaunchSpec, site: &Site) -> LaunchSpec {
    for key in ["demo.update_server", "demo.update_port"] {
        spec.config.set(key, ConfigValue::Text(String::new()));
    }
    spec.backend_url.clone_from(&site.backend_url);
    spec.listen = site.internal.first().copied();
    spec
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_hosts_with_obstacles_some_are_told_and_the_others_counted() {
        let obstacles = |hosts: u8| (0..hosts).map(|host| format!("{host} is gone")).collect::<Vec<_>>();
        assert_eq!(told(&obstacles(2)), "0 is gone; 1 is gone");
        assert_eq!(told(&obstacles(3)), "0 is gone; 1 is gone; one more host is not ready: check the testbed");
        assert!(told(&obstacles(6)).ends_with("; 4 more hosts are not ready: check the testbed"));
    }

    #[test]
    fn a_reason_names_its_host_once() {
        let of = |sentence: &str| of_host("10.85.0.1", sentence.to_owned());
        assert_eq!(of("10.85.0.1 does not answer"), "10.85.0.1 does not answer");
        assert_eq!(of("the key is encrypted"), "10.85.0.1: the key is encrypted");
        assert_eq!(of("10.85.0.12 answers"), "10.85.0.1: 10.85.0.12 answers");
    }
}
