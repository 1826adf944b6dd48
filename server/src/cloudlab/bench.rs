//! An experiment as a testbed beside Start: made known when it is asked for, so that trials can wait for it; ready when its
//! machines are; gone, with the host keys that were trusted, when they are.

use super::keeper::Cloudlab;
use crate::trials::{EventQueue, Launcher, Running, Trials};
use app::backend::BackendError;
use app::backend::cloudlab::{HostKey, MachineAddress};
use async_trait::async_trait;
use lab::LabError;
use lab::cloudlab::{LentHost, hosts};
use lab::testbed::ssh::{KnownHosts, check};
use model::cloudlab::{Experiment, ExperimentKey, ExperimentState};
use model::hosts::{SshHost, SshTestbed, TestbedCheck};
use model::testbed::{TestbedKind, TestbedName, TestbedState, TestbedSummary};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How the name of a file ends in which the host keys of an experiment's machines are.
const KEYS_ENDING: &str = ".known_hosts";

/// Whether a file in the data directory has the host keys of machines that CloudLab lends.
pub(crate) fn is_of_lent_machines(path: &Path) -> bool {
    let name = path.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    name.starts_with("cloudlab-") && name.ends_with(KEYS_ENDING)
}

/// What has been told of one testbed.
struct Told {
    state: TestbedState,
    hosts: Vec<LentHost>,
    known_hosts: Arc<KnownHosts>,
}

/// The testbeds that experiments are.
pub struct Bench {
    trials: Arc<Trials>,
    /// Where files of host keys are kept, one for each experiment: machines get new keys each time they are lent.
    directory: PathBuf,
    /// The private key's file for the machines; without one, the SSH agent is asked.
    ssh_key: Option<String>,
    told: Mutex<BTreeMap<ExperimentKey, Told>>,
}

impl std::fmt::Debug for Bench {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Bench")
    }
}

impl Bench {
    /// No testbed yet.
    pub fn new(trials: Arc<Trials>, directory: PathBuf, ssh_key: Option<String>) -> Self {
        Self { trials, directory, ssh_key, told: Mutex::default() }
    }

    /// Makes the testbed what its experiment is now.
    pub(super) async fn follow(&self, experiment: &Experiment) {
        let Ok(name) = name(experiment) else { return };
        let mut told = self.told.lock().await;
        let Some(mut state) = state(experiment) else {
            if told.remove(&experiment.key).is_some() {
                self.forget(experiment, &name).await;
            }
            return;
        };
        let hosts = if state == TestbedState::Ready { hosts(experiment) } else { Vec::new() };
        if told.get(&experiment.key).is_some_and(|before| before.state == state && before.hosts == hosts) {
            return;
        }
        let known_hosts = match told.get(&experiment.key) {
            Some(before) => Arc::clone(&before.known_hosts),
            None => Arc::new(KnownHosts::only(self.keys_file(experiment.key))),
        };
        if state == TestbedState::Ready {
            let testbed = self.describe(name.clone(), &hosts);
            let offered = self.trials.offer_hosts(testbed, TestbedKind::Cloudlab, Some(Arc::clone(&known_hosts)));
            if let Err(error) = offered.await {
                state = TestbedState::Unavailable { reason: error.to_string() };
            }
        }
        if state != TestbedState::Ready {
            let count = experiment.request.nodes;
            let summary = TestbedSummary { name, kind: TestbedKind::Cloudlab, hosts: count, state: state.clone() };
            self.trials.set_testbed(summary, Arc::new(NotYet)).await;
        }
        told.insert(experiment.key, Told { state, hosts, known_hosts });
    }

    async fn forget(&self, experiment: &Experiment, name: &TestbedName) {
        // It is not there where nobody trusted a key.
        let _ = std::fs::remove_file(self.keys_file(experiment.key));
        self.trials.retire_testbed(name, &format!("the CloudLab experiment {} is over", experiment.request.name)).await;
    }

    /// Tries everything that a trial needs of the machines.
    pub(super) async fn check(&self, experiment: &Experiment) -> Result<TestbedCheck, BackendError> {
        let known_hosts = self.known_hosts(experiment).await?;
        let testbed = self.describe(name(experiment)?, &hosts(experiment));
        testbed.check().map_err(|problems| BackendError::Invalid { problems })?;
        Ok(check(&self.trials.access(Some(known_hosts))?, &testbed).await)
    }

    /// Trusts keys that the machines showed, as long as the experiment lasts.
    pub(super) async fn trust(&self, experiment: &Experiment, keys: &[HostKey]) -> Result<(), BackendError> {
        let known_hosts = self.known_hosts(experiment).await?;
        let lent = hosts(experiment);
        for key in keys {
            is_among(&lent, experiment, &key.address, key.port)?;
            let trusted = known_hosts.trust_text(&key.address, key.port, &key.key);
            trusted.map_err(|message| BackendError::Failed { message })?;
        }
        Ok(())
    }

    /// Forgets the keys that were trusted of machines, because they were set up anew while the experiment lasts.
    pub(super) async fn distrust(
        &self,
        experiment: &Experiment,
        machines: &[MachineAddress],
    ) -> Result<(), BackendError> {
        let known_hosts = self.known_hosts(experiment).await?;
        let lent = hosts(experiment);
        for machine in machines {
            is_among(&lent, experiment, &machine.address, machine.port)?;
            let forgotten = known_hosts.forget(&machine.address, machine.port);
            forgotten.map_err(|message| BackendError::Failed { message })?;
        }
        Ok(())
    }

    async fn known_hosts(&self, experiment: &Experiment) -> Result<Arc<KnownHosts>, BackendError> {
        let told = self.told.lock().await;
        let ready = told.get(&experiment.key).filter(|told| !told.hosts.is_empty());
        ready.map(|told| Arc::clone(&told.known_hosts)).ok_or_else(|| BackendError::Conflict {
            message: format!("the machines of {} are not up yet", experiment.request.name),
        })
    }

    fn describe(&self, name: TestbedName, hosts: &[LentHost]) -> SshTestbed {
        let host = |host: &LentHost| SshHost {
            address: host.host.clone(),
            user: host.user.clone().unwrap_or_default(),
            port: host.port,
            key: self.ssh_key.clone(),
            internal: host.internal.map(Into::into).into_iter().collect(),
            units: None,
        };
        SshTestbed { name, backend: None, hosts: hosts.iter().map(host).collect() }
    }

    fn keys_file(&self, key: ExperimentKey) -> PathBuf {
        self.directory.join(format!("cloudlab-{key}{KEYS_ENDING}"))
    }
}

impl Cloudlab {
    /// The testbeds, where this server has the means for hosts.
    pub(super) fn bench(&self) -> Result<&Bench, BackendError> {
        let message = "this server runs trials on its own machine only".to_owned();
        self.bench.as_ref().ok_or(BackendError::Failed { message })
    }
}

/// Stands for machines that are not there: a testbed that is not ready is never asked to launch.
struct NotYet;

#[async_trait]
impl Launcher for NotYet {
    async fn launch(&self, _: model::launch::LaunchSpec, _: EventQueue) -> Result<Box<dyn Running>, LabError> {
        Err(LabError::Specification { reason: "the machines of the CloudLab experiment are not up".to_owned() })
    }
}

fn name(experiment: &Experiment) -> Result<TestbedName, BackendError> {
    TestbedName::new(&format!("cloudlab-{}", experiment.request.name))
        .map_err(|message| BackendError::Failed { message })
}

/// Nobody trusts or forgets keys of other machines by way of an experiment.
fn is_among(lent: &[LentHost], experiment: &Experiment, address: &str, port: u16) -> Result<(), BackendError> {
    if lent.iter().any(|host| host.host == address && host.port == port) {
        return Ok(());
    }
    Err(BackendError::Conflict { message: format!("{address} is no machine of {}", experiment.request.name) })
}

/// Whether trials can start there; none where there is nothing to start on, and never will be.
fn state(experiment: &Experiment) -> Option<TestbedState> {
    let name = &experiment.request.name;
    match &experiment.state {
        ExperimentState::Ready | ExperimentState::Expiring if experiment.located => Some(TestbedState::Ready),
        ExperimentState::Terminating => {
            Some(TestbedState::Unavailable { reason: format!("the CloudLab experiment {name} is being terminated") })
        }
        ExperimentState::Failed { reason } if experiment.held => {
            Some(TestbedState::Unavailable { reason: reason.clone() })
        }
        ExperimentState::Failed { .. } | ExperimentState::Terminated { .. } => None,
        state => {
            let (up, all) = (experiment.ready_nodes(), experiment.request.nodes);
            let reason = format!("CloudLab: {}, {up} of {all} machines are up", state.label().to_lowercase());
            Some(TestbedState::Preparing { reason })
        }
    }
}
