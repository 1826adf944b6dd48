//! The server between a controller on one host and its workers on all of them: it starts and kills them for the controller,
//! hands their words on, and tells of hosts that are lost.

use super::command::RemoteCommand;
use super::launch::for_controller;
use super::program::Hash;
use super::remote_host::{RemoteHost, RemoteProcess};
use crate::clock;
use crate::host::{ALIVE_EVERY, FromHost, HeldExit, RemoteRequest, ToHost};
use crate::testbed::ControllerExit;
use futures::future::join_all;
use model::hosts::{HostStage, HostStatus, Placement};
use model::ids::UnitId;
use model::launch::LaunchSpec;
use model::report::ControllerEvent;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// How long a host's process may take to be there.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long hosts may take to end what is left, and to hang up.
const GRACE: Duration = Duration::from_secs(3);
/// Most log lines of one unit in a trial.
const MAX_LOG_LINES: u32 = 1_000;
const CONTROLLER: UnitId = UnitId(0);

/// A host that is ready.
pub(super) struct Site {
    pub(super) label: String,
    pub(super) host: Arc<dyn RemoteHost>,
    pub(super) hash: Hash,
    /// Where its units listen, in turn; at least one.
    pub(super) internal: Vec<IpAddr>,
    /// Where its units report.
    pub(super) backend_url: String,
}

/// A host with its process.
struct Post {
    site: Site,
    /// None once it is lost, or told to end.
    orders: Option<mpsc::Sender<String>>,
    /// Its units that run.
    units: BTreeSet<UnitId>,
    _reader: AbortOnDropHandle<()>,
}

/// A line of a host, or none: it has ended, or is lost.
type News = (usize, Option<String>);

/// All hosts of a trial.
pub(super) struct Relay {
    posts: Vec<Post>,
    placement: Placement,
    events: mpsc::Sender<ControllerEvent>,
    news: mpsc::Receiver<News>,
    lines_logged: std::collections::BTreeMap<UnitId, u32>,
}

impl Relay {
    /// Starts the process of every host.
    pub(super) async fn start(
        sites: Vec<Site>,
        placement: Placement,
        events: mpsc::Sender<ControllerEvent>,
    ) -> Result<Self, String> {
        let (queue, mut news) = mpsc::channel(1_024);
        let started =
            join_all(sites.into_iter().enumerate().map(|(place, site)| start_post(place, site, queue.clone())));
        let posts = started.await.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut missing: BTreeSet<usize> = (0..posts.len()).collect();
        let arrivals = async {
            while !missing.is_empty() {
                match news.recv().await {
                    Some((place, Some(line))) if is_ready(&line) => {
                        missing.remove(&place);
                    }
                    Some((_, Some(_))) => {}
                    Some((place, None)) => return Err(place),
                    None => return Ok(()),
                }
            }
            Ok(())
        };
        let arrived = tokio::time::timeout(PATIENCE, arrivals).await;
        let label = |place: usize| posts.get(place).map_or("a host", |post| post.site.label.as_str()).to_owned();
        match arrived {
            Ok(Ok(())) => Ok(Self { posts, placement, events, news, lines_logged: std::collections::BTreeMap::new() }),
            Ok(Err(place)) => Err(format!("{}: its process ended at once; see the server's log", label(place))),
            Err(_) => {
                let who: Vec<String> = missing.iter().map(|place| label(*place)).collect();
                Err(format!("{} did not start within {} s: try again", who.join(", "), PATIENCE.as_secs()))
            }
        }
    }

    /// Runs the controller on the first host until it has ended.
    pub(super) async fn run(&mut self, spec: LaunchSpec, stop: &CancellationToken) -> ControllerExit {
        for place in 0..self.posts.len() {
            self.host(place, HostStage::Ready, String::new());
        }
        let Some(first) = self.posts.first_mut() else { return gone("there are no hosts") };
        let Ok(input) = serde_json::to_string(&for_controller(spec, &first.site)) else {
            return gone("the specification could not be written");
        };
        first.units.insert(CONTROLLER);
        self.order(0, &ToHost::Start { unit: CONTROLLER, input }).await;
        let mut alive = tokio::time::interval(ALIVE_EVERY);
        alive.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut stopping = false;
        loop {
            tokio::select! {
                news = self.news.recv() => {
                    let Some((place, line)) = news else { return gone("the hosts are gone") };
                    let exit = match line {
                        Some(line) => self.take(place, &line).await,
                        None => self.lose(place).await,
                    };
                    if let Some(exit) = exit {
                        return exit;
                    }
                }
                _ = alive.tick() => {
                    for place in 0..self.posts.len() {
                        self.order(place, &ToHost::Alive).await;
                    }
                }
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    self.order(0, &ToHost::Input { unit: CONTROLLER, line: "stop".to_owned() }).await;
                }
            }
        }
    }

    /// Ends what is left on the hosts and hangs up.
    pub(super) async fn end(&mut self) {
        let mut waiting = BTreeSet::new();
        for (place, post) in self.posts.iter_mut().enumerate() {
            // The end of its input ends a host's process and all its units.
            if post.orders.take().is_some() {
                waiting.insert(place);
            }
        }
        let ends = async {
            while !waiting.is_empty() {
                match self.news.recv().await {
                    Some((place, None)) => waiting.remove(&place),
                    Some(_) => continue,
                    None => return,
                };
            }
        };
        let _ = tokio::time::timeout(GRACE, ends).await;
        let closing = join_all(self.posts.iter().map(|post| post.site.host.close()));
        let _ = tokio::time::timeout(GRACE, closing).await;
        for place in 0..self.posts.len() {
            self.host(place, HostStage::Ended, String::new());
        }
    }

    /// Something that a host says; the controller's end when it is that.
    async fn take(&mut self, place: usize, line: &str) -> Option<ControllerExit> {
        let Ok(word) = serde_json::from_str(line) else { return None };
        match word {
            FromHost::Ready => {}
            FromHost::Output { unit: CONTROLLER, line } if place == 0 => {
                if let Ok(request) = serde_json::from_str(&line) {
                    self.serve(request).await;
                }
            }
            FromHost::Output { .. } => {}
            FromHost::Log { unit, line } if self.is_at(unit, place) => self.log(unit, line),
            FromHost::Exited { unit: CONTROLLER, success, ending } if place == 0 => {
                return Some(ControllerExit { success, reason: format!("the controller {ending}") });
            }
            FromHost::Exited { unit, ending, .. } if self.is_at(unit, place) => {
                if let Some(post) = self.posts.get_mut(place) {
                    post.units.remove(&unit);
                }
                self.tell_exit(unit, ending).await;
            }
            // A host speaks for its own units only.
            FromHost::Log { .. } | FromHost::Exited { .. } => {}
        }
        None
    }

    fn is_at(&self, unit: UnitId, place: usize) -> bool {
        (unit == CONTROLLER && place == 0) || self.placement.host(unit).is_some_and(|(host, _)| host == place)
    }

    /// Something that the controller asks for.
    async fn serve(&mut self, request: RemoteRequest) {
        match request {
            RemoteRequest::Spawn { mut spec } => {
                let unit = spec.unit;
                let Some((place, number)) = self.placement.host(unit) else {
                    self.tell_exit(unit, "has no place on any host".to_owned()).await;
                    return;
                };
                let Some(post) = self.posts.get_mut(place).filter(|post| post.orders.is_some()) else {
                    self.tell_exit(unit, "could not be started: its host is lost".to_owned()).await;
                    return;
                };
                spec.listen = post.site.internal.get(number % post.site.internal.len().max(1)).copied();
                spec.backend_url = Some(post.site.backend_url.clone());
                spec.held = true;
                post.units.insert(unit);
                if let Ok(input) = serde_json::to_string(&spec) {
                    self.order(place, &ToHost::Start { unit, input }).await;
                }
            }
            RemoteRequest::Kill { unit } => {
                if let Some((place, _)) = self.placement.host(unit) {
                    self.order(place, &ToHost::Kill { unit }).await;
                }
            }
        }
    }

    /// A host is lost, and its units with it.
    async fn lose(&mut self, place: usize) -> Option<ControllerExit> {
        let post = self.posts.get_mut(place)?;
        post.orders = None;
        let (label, units) = (post.site.label.clone(), std::mem::take(&mut post.units));
        self.host(place, HostStage::Gone, "the connection is gone".to_owned());
        self.log(CONTROLLER, format!("the host {label} is lost; its units end by themselves"));
        if units.contains(&CONTROLLER) {
            let reason = format!("the controller's host {label} was lost");
            self.event(ControllerEvent::Failed { reason: reason.clone(), at_ms: clock::wall_ms() });
            return Some(gone(&reason));
        }
        for unit in units {
            self.tell_exit(unit, format!("is lost with its host {label}")).await;
        }
        None
    }

    /// Tells the controller how a unit ended.
    async fn tell_exit(&mut self, unit: UnitId, ending: String) {
        if let Ok(exit) = serde_json::to_string(&HeldExit { unit, ending }) {
            self.order(0, &ToHost::Input { unit: CONTROLLER, line: format!("exited {exit}") }).await;
        }
    }

    /// Gives a host an order. One that does not take it within a moment is as good as lost: its connection says so soon.
    async fn order(&mut self, place: usize, order: &ToHost) {
        let orders = self.posts.get(place).and_then(|post| post.orders.as_ref());
        if let (Some(orders), Ok(line)) = (orders, serde_json::to_string(order)) {
            let _ = orders.send_timeout(line, Duration::from_secs(1)).await;
        }
    }

    fn log(&mut self, unit: UnitId, line: String) {
        let count = self.lines_logged.entry(unit).or_default();
        *count += 1;
        let line = match *count {
            ..=MAX_LOG_LINES => line,
            count if count == MAX_LOG_LINES + 1 => "Further lines are left out.".to_owned(),
            _ => return,
        };
        self.event(ControllerEvent::Log { unit, line, at_ms: clock::wall_ms() });
    }

    fn host(&self, place: usize, stage: HostStage, text: String) {
        if let Some(post) = self.posts.get(place) {
            let status = HostStatus { place: place as u32, host: post.site.label.clone(), stage, text };
            self.event(ControllerEvent::Host { status, at_ms: clock::wall_ms() });
        }
    }

    /// When more happens than can be stored, the newest is left out.
    fn event(&self, event: ControllerEvent) {
        let _ = self.events.try_send(event);
    }
}

async fn start_post(place: usize, site: Site, queue: mpsc::Sender<News>) -> Result<Post, String> {
    let process = site.host.start(&RemoteCommand::Host(site.hash.clone())).await;
    let RemoteProcess { input, mut lines } = process.map_err(|error| format!("{}: {error}", site.label))?;
    let reader = AbortOnDropHandle::new(tokio::spawn(async move {
        while let Some(line) = lines.recv().await {
            if queue.send((place, Some(line))).await.is_err() {
                return;
            }
        }
        let _ = queue.send((place, None)).await;
    }));
    Ok(Post { site, orders: Some(input), units: BTreeSet::new(), _reader: reader })
}

fn is_ready(line: &str) -> bool {
    matches!(serde_json::from_str(line), Ok(FromHost::Ready))
}

fn gone(reason: &str) -> ControllerExit {
    ControllerExit { success: false, reason: reason.to_owned() }
}
