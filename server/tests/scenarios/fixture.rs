//! A running server on a free port, with its clock and its controllers in the test's hand.

use app::Backend;
use app::backend::{BackendError, StartRequest, TrialView};
use async_trait::async_trait;
use lab::LabError;
use lab::testbed::ControllerExit;
use model::ids::TrialId;
use model::launch::LaunchSpec;
use model::schema::default_tree;
use model::trial::TrialState;
use model::validate::Change;
use server::access::{Access, Hosts, Login};
use server::bftbrain::BftbrainSettings;
use server::clock::Clock;
use server::command::listen;
use server::http::{page_options, router, serve_plain};
use server::service::Service;
use server::sweeps::SweepHost;
use server::trials::{EventQueue, Host, HostSettings, Launcher, Running, Settings};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{AccessStore, Store};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// The time at which every test happens.
pub(crate) const NOW_MS: i64 = 1_795_328_570_000;

/// A controller that does what the test says.
#[derive(Debug, Default)]
pub(crate) struct FakeLauncher {
    pub(crate) specs: Mutex<Vec<LaunchSpec>>,
    exit: watch::Sender<Option<ControllerExit>>,
    /// Does not end when it is told to.
    pub(crate) deaf: AtomicBool,
    /// Cannot be started.
    pub(crate) broken: AtomicBool,
    pub(crate) killed: AtomicBool,
}

struct FakeRunning(Arc<FakeLauncher>);

/// The launcher as the server holds it.
pub(crate) struct Shared(pub(crate) Arc<FakeLauncher>);

impl FakeLauncher {
    pub(crate) fn exit(&self, success: bool, reason: &str) {
        self.exit.send_replace(Some(ControllerExit { success, reason: reason.into() }));
    }
}

#[async_trait]
impl Launcher for Shared {
    async fn launch(&self, spec: LaunchSpec, _: EventQueue) -> Result<Box<dyn Running>, LabError> {
        if self.0.broken.load(Ordering::SeqCst) {
            return Err(LabError::Specification { reason: "the controller could not be started".into() });
        }
        self.0.exit.send_replace(None);
        self.0.specs.lock().unwrap().push(spec);
        Ok(Box::new(FakeRunning(Arc::clone(&self.0))))
    }
}

#[async_trait]
impl Running for FakeRunning {
    async fn stop(&mut self) {
        if !self.0.deaf.load(Ordering::SeqCst) {
            self.0.exit(true, "the controller ended");
        }
    }

    async fn wait(&mut self) -> ControllerExit {
        self.0.exit.subscribe().wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }

    async fn kill(&mut self) {
        self.0.killed.store(true, Ordering::SeqCst);
        self.0.exit(false, "the controller was killed by signal 9 (SIGKILL)");
    }
}

/// A running server.
pub(crate) struct Fixture {
    pub(crate) service: Service,
    pub(crate) store: Arc<Store>,
    pub(crate) launcher: Arc<FakeLauncher>,
    pub(crate) address: SocketAddr,
    /// The token of the printed link, where one has to sign in.
    pub(crate) token: String,
    /// How long after [`NOW_MS`] it is.
    pub(crate) later_ms: Arc<AtomicI64>,
    /// Where the store is.
    pub(crate) directory: PathBuf,
    _directory: Option<TempDir>,
}

impl Fixture {
    /// With an empty store.
    pub(crate) async fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let mut fixture = Self::over(directory.path()).await;
        fixture._directory = Some(directory);
        fixture
    }

    /// With an empty store, and a login.
    pub(crate) async fn with_login() -> Self {
        let directory = TempDir::new().unwrap();
        let mut fixture = Self::with_login_over(directory.path()).await;
        fixture._directory = Some(directory);
        fixture
    }

    /// With an empty store, on a machine that is said to have the public framework.
    pub(crate) async fn with_framework() -> Self {
        let directory = TempDir::new().unwrap();
        let bftbrain = BftbrainSettings { checkout: Some("BFTBrain".into()), ..BftbrainSettings::default() };
        let mut fixture = Self::serve(directory.path(), false, bftbrain).await;
        fixture._directory = Some(directory);
        fixture
    }

    /// With the store in a directory, whose queue is taken up.
    pub(crate) async fn over(directory: &Path) -> Self {
        Self::serve(directory, false, BftbrainSettings::default()).await
    }

    /// With the store in a directory, and a login.
    pub(crate) async fn with_login_over(directory: &Path) -> Self {
        Self::serve(directory, true, BftbrainSettings::default()).await
    }

    async fn serve(directory: &Path, with_login: bool, bftbrain: BftbrainSettings) -> Self {
        let later_ms = Arc::new(AtomicI64::new(0));
        let later = Arc::clone(&later_ms);
        let clock = Clock::new(move || NOW_MS + later.load(Ordering::SeqCst));
        let store = Arc::new(Store::open(directory, NOW_MS).unwrap());
        let launcher = Arc::new(FakeLauncher::default());
        let listener = listen("127.0.0.1", 0).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (config, config_text) = (default_tree(), model::yaml::write(&default_tree()));
        let hosts = Some(HostSettings { known_hosts: directory.join("known_hosts"), units: address });
        let settings = Settings { config, config_text, address, hosts, bftbrain };
        let shared = Arc::new(Shared(Arc::clone(&launcher)));
        let service = Service::new(Arc::clone(&store), clock.clone(), shared, settings).unwrap();
        let hosts = Hosts::new(address, Some("https://gym.example.org".parse().unwrap()));
        let (access, token) = if with_login {
            let login = Login::new(AccessStore::open(directory).unwrap(), clock, address.port(), false);
            let login = login.looking_again_every(Duration::from_millis(20));
            let token = login.start_token().await.unwrap();
            (Access::with_login(hosts, login), token)
        } else {
            (Access::open(hosts), String::new())
        };
        let routes = router(service.clone(), access, page_options(address).unwrap());
        tokio::spawn(serve_plain(listener, routes, service.shutdown.clone()));
        service.trials.resume().await.unwrap();
        Self { service, store, launcher, address, token, later_ms, directory: directory.to_owned(), _directory: None }
    }

    pub(crate) fn host(&self) -> Host {
        Host(Arc::clone(&self.service.trials))
    }

    pub(crate) fn sweeps(&self) -> SweepHost {
        SweepHost(Arc::clone(&self.service.sweeps))
    }

    /// Starts a trial with the default experiment.
    pub(crate) async fn start(&self) -> TrialId {
        self.try_start("a trial").await.unwrap()
    }

    pub(crate) async fn try_start(&self, name: &str) -> Result<TrialId, BackendError> {
        self.host().start(StartRequest { name: name.into(), protocol: "pbft".into(), ..StartRequest::default() }).await
    }

    /// Switches a fault, which makes one more version.
    pub(crate) async fn update(&self, trial: TrialId, milliseconds: &str) -> Result<u64, BackendError> {
        let change = Change { key: "fault.slow-proposal.timer".into(), text: milliseconds.into() };
        self.host().update(trial, vec![change]).await
    }

    pub(crate) async fn view(&self, trial: TrialId) -> TrialView {
        self.host().trial(trial).await.unwrap()
    }

    /// Waits until the trial has ended, and tells how.
    pub(crate) async fn end_of(&self, trial: TrialId) -> TrialState {
        loop {
            let state = self.view(trial).await.detail.summary.state;
            if state.is_over() {
                return state;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Waits until the trial is in a state.
    pub(crate) async fn wait_for(&self, trial: TrialId, state: TrialState) {
        while self.view(trial).await.detail.summary.state != state {
            tokio::task::yield_now().await;
        }
    }

    /// The prefix of the newest trial's units: `/w/<token>`.
    pub(crate) fn prefix(&self) -> String {
        let specs = self.launcher.specs.lock().unwrap();
        let url = &specs.last().unwrap().backend_url;
        url[url.find("/w/").unwrap()..].to_owned()
    }

    /// Sends these bytes on a new connection and reads to its end.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// A request as a program on this machine sends it.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> String {
        self.call_with(method, path, "", body).await
    }

    /// The same with more headers, each with its line's end.
    pub(crate) async fn call_with(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        self.raw((head + body).as_bytes()).await
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        self.call("GET", path, "").await
    }

    /// A call of a unit of the newest trial.
    pub(crate) async fn put(&self, call: &str, body: &str) -> String {
        self.call("PUT", &format!("{}/{call}", self.prefix()), body).await
    }
}

/// The status code of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

/// What comes after the headers.
pub(crate) fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
