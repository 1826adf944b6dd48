//! Testbeds of hosts: which there are, what may be done with them, and how trials start on them.

mod launcher;
mod named;

use super::registry::Trials;
use super::starting::store_failed;
use app::backend::BackendError;
use lab::testbed::ssh::{Access, KeyPlace, KnownHosts, Passphrases, Program, check};
use launcher::SshLauncher;
use model::hosts::{SshTestbed, TestbedCheck};
use model::testbed::{TestbedKind, TestbedName, TestbedState, TestbedSummary};
use model::validate::Problem;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use store::{Record, StoreError};
use zeroize::Zeroizing;

/// What a server needs to run trials on other hosts.
#[derive(Clone, Debug)]
pub struct HostSettings {
    /// The file of host keys that were trusted here.
    pub known_hosts: PathBuf,
    /// Where units are listened for on this machine: an address at which nothing but their calls is answered.
    pub units: SocketAddr,
}

/// The testbeds that people described.
pub(super) struct Hosts {
    known_hosts: Arc<KnownHosts>,
    passphrases: Arc<Passphrases>,
    program: Arc<Program>,
    units: SocketAddr,
    described: RwLock<BTreeMap<TestbedName, SshTestbed>>,
    /// Held while a description is kept, so that a name is given once.
    saving: tokio::sync::Mutex<()>,
}

impl Hosts {
    pub(super) fn new(settings: HostSettings) -> Self {
        Self {
            known_hosts: Arc::new(KnownHosts::new(settings.known_hosts)),
            passphrases: Arc::default(),
            program: Arc::new(Program::this()),
            units: settings.units,
            described: RwLock::default(),
            saving: tokio::sync::Mutex::default(),
        }
    }
}

impl Trials {
    fn hosts(&self) -> Result<&Hosts, BackendError> {
        let message = "this server runs trials on its own machine only".to_owned();
        self.hosts.as_ref().ok_or(BackendError::Failed { message })
    }

    /// What is needed to get onto hosts, with the usual files of known host keys, or with those of hosts that CloudLab lends.
    ///
    /// # Errors
    /// When this server has no means to, or the operating system gives no random numbers.
    pub fn access(&self, known_hosts: Option<Arc<KnownHosts>>) -> Result<Access, BackendError> {
        let hosts = self.hosts()?;
        let probe_path = self.probes.issue().map_err(|error| BackendError::Failed { message: error.to_string() })?;
        Ok(Access {
            key_place: if known_hosts.is_some() { KeyPlace::Cloudlab } else { KeyPlace::Host },
            known_hosts: known_hosts.unwrap_or_else(|| Arc::clone(&hosts.known_hosts)),
            passphrases: Arc::clone(&hosts.passphrases),
            program: Arc::clone(&hosts.program),
            units: hosts.units,
            probe_path,
        })
    }

    /// Lets trials start on a testbed of hosts, whoever provides them. `known_hosts` is for hosts that get new keys each time
    /// they are lent; without it, the usual files count.
    ///
    /// # Errors
    /// When the description has problems, or this server has no means to get onto hosts.
    pub async fn offer_hosts(
        self: &Arc<Self>,
        testbed: SshTestbed,
        kind: TestbedKind,
        known_hosts: Option<Arc<KnownHosts>>,
    ) -> Result<(), BackendError> {
        testbed.check().map_err(|problems| BackendError::Invalid { problems })?;
        self.hosts()?;
        let summary = TestbedSummary {
            name: testbed.name.clone(),
            kind,
            hosts: testbed.hosts.len() as u32,
            state: TestbedState::Ready,
        };
        let launcher = SshLauncher { trials: Arc::downgrade(self), testbed, known_hosts };
        self.set_testbed(summary, Arc::new(launcher)).await;
        Ok(())
    }

    /// Offers the testbeds that an earlier life of this server knew. To be called before [`Trials::resume`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn load_testbeds(self: &Arc<Self>) -> Result<(), StoreError> {
        if self.hosts.is_none() {
            return Ok(());
        }
        for (name, text) in self.store.testbeds().await? {
            let read = serde_json::from_str::<SshTestbed>(&text).map_err(|error| error.to_string());
            let offered = match read {
                Ok(testbed) => self.describe(testbed).await.map_err(|error| error.to_string()),
                Err(reason) => Err(reason),
            };
            if let Err(reason) = offered {
                tracing::warn!("the testbed {name} cannot be used and is left out: {reason}");
            }
        }
        Ok(())
    }

    async fn describe(self: &Arc<Self>, testbed: SshTestbed) -> Result<(), BackendError> {
        self.offer_hosts(testbed.clone(), TestbedKind::Ssh, None).await?;
        let mut described = self.hosts()?.described.write().unwrap_or_else(PoisonError::into_inner);
        described.insert(testbed.name.clone(), testbed);
        Ok(())
    }

    pub(super) fn described(&self) -> Vec<SshTestbed> {
        let Some(hosts) = &self.hosts else { return vec![] };
        hosts.described.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Keeps a description. `edits` is the name of the one that somebody has opened: that one may be replaced.
    pub(super) async fn save_description(
        self: &Arc<Self>,
        testbed: SshTestbed,
        edits: Option<&TestbedName>,
    ) -> Result<(), BackendError> {
        testbed.check().and_then(|()| named::check(&testbed)).map_err(|problems| BackendError::Invalid { problems })?;
        let _one_at_a_time = self.hosts()?.saving.lock().await;
        let taken = self.testbeds.find(&testbed.name).is_some_and(|known| known.kind != TestbedKind::Ssh);
        if taken {
            let message = format!("there is a testbed {} of another kind: choose another name", testbed.name);
            return Err(BackendError::Invalid { problems: vec![Problem { key: "name".into(), message }] });
        }
        if edits != Some(&testbed.name) && self.described().iter().any(|known| known.name == testbed.name) {
            let name = testbed.name.as_str();
            let message = format!("there is a testbed named {name:?} already: choose another name, or edit that one");
            return Err(BackendError::Conflict { message });
        }
        let text = serde_json::to_string(&testbed).map_err(failed)?;
        let record = Record::Testbed(testbed.name.clone(), Some(text));
        self.store.write(vec![record]).await.map_err(store_failed)?;
        self.describe(testbed).await
    }

    pub(super) async fn delete_description(self: &Arc<Self>, name: &TestbedName) -> Result<(), BackendError> {
        let there = self.described().iter().any(|known| known.name == *name);
        if !there {
            let message = format!("there is no testbed {name} of hosts: choose one from the list");
            return Err(BackendError::NotFound { message });
        }
        self.remove_testbed(name).await?;
        self.store.write(vec![Record::Testbed(name.clone(), None)]).await.map_err(store_failed)?;
        self.hosts()?.described.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }

    pub(super) async fn check_description(&self, testbed: &SshTestbed) -> Result<TestbedCheck, BackendError> {
        testbed.check().map_err(|problems| BackendError::Invalid { problems })?;
        Ok(check(&self.access(None)?, testbed).await)
    }

    pub(super) fn trust_key(&self, address: &str, port: u16, key: &str) -> Result<(), BackendError> {
        let invalid = |message| BackendError::Invalid { problems: vec![Problem { key: "key".into(), message }] };
        self.hosts()?.known_hosts.trust_text(address, port, key).map_err(invalid)
    }

    pub(super) fn forget_key(&self, address: &str, port: u16) -> Result<(), BackendError> {
        self.hosts()?.known_hosts.forget(address, port).map(drop).map_err(failed)
    }

    pub(super) fn remember_passphrase(&self, key: &str, passphrase: Zeroizing<String>) -> Result<(), BackendError> {
        self.hosts()?.passphrases.remember(key, passphrase);
        Ok(())
    }
}

fn failed(error: impl ToString) -> BackendError {
    BackendError::Failed { message: error.to_string() }
}
