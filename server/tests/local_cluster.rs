//! Real clusters of real processes on this machine, from the very binary that users run.

use lab::bench::{self, BenchOptions};
use lab::headless::{self, HeadlessLine};
use lab::testbed::Launched;
use model::config::{ConfigTree, ConfigValue};
use model::ids::{TrialId, UnitId};
use model::launch::LaunchSpec;
use model::patch::{Patch, PatchItem};
use model::report::{ControllerEvent, Report};
use model::trial::{PhaseName, Verdict};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;

/// Long enough for a loaded machine; nothing here waits that long when things work.
const PATIENCE: Duration = Duration::from_secs(60);

fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_bftgym"))
}

fn pbft() -> &'static protocol::definitions::Definition {
    protocol::definitions::find("pbft").unwrap()
}

fn config(settings: &[(&str, i64)]) -> ConfigTree {
    let mut tree = model::schema::default_tree();
    tree.set("benchmark.report-interval-ms", ConfigValue::Integer(100));
    for (key, value) in settings {
        tree.set(key, ConfigValue::Integer(*value));
    }
    tree
}

fn spec(config: ConfigTree) -> LaunchSpec {
    LaunchSpec {
        trial: TrialId(1),
        backend_url: String::new(),
        config,
        protocol_name: "pbft".to_owned(),
        protocol_text: pbft().text().to_owned(),
        listen: None,
        bftbrain: None,
    }
}

struct Cluster {
    launched: Launched,
    lines: mpsc::Receiver<HeadlessLine>,
}

impl Cluster {
    async fn start(config: ConfigTree) -> Self {
        let (launched, lines) = headless::launch(binary(), spec(config)).await.unwrap();
        Self { launched, lines }
    }

    /// Reads lines until `found` takes one.
    async fn until<T>(&mut self, mut found: impl FnMut(HeadlessLine) -> Option<T>) -> T {
        let search = async {
            loop {
                let line = self.lines.recv().await.expect("the controller ended early");
                if let Some(value) = found(line) {
                    return value;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.expect("what was awaited did not come")
    }

    async fn until_running(&mut self) {
        self.until(|line| match line {
            HeadlessLine::Event { event: ControllerEvent::PhaseEnded { phase: PhaseName::Run, .. } } => Some(()),
            HeadlessLine::Event { event: ControllerEvent::Failed { reason, .. } } => panic!("{reason}"),
            _ => None,
        })
        .await;
    }

    async fn until_report(&mut self, wanted: impl Fn(&Report) -> bool) -> Report {
        self.until(|line| match line {
            HeadlessLine::Report { report } if wanted(&report) => Some(*report),
            _ => None,
        })
        .await
    }

    /// The process of each unit, from the command lines of the controller's children in the order of their start.
    fn worker_pids(&self) -> Vec<u32> {
        children(self.launched.pid())
    }
}

fn sample(report: &Report, metric: &str) -> Option<f64> {
    report.samples.iter().find(|sample| sample.metric == metric).map(|sample| sample.value)
}

fn children(parent: u32) -> Vec<u32> {
    let mut found: Vec<u32> = processes().into_iter().filter(|(_, of)| *of == parent).map(|(pid, _)| pid).collect();
    found.sort_unstable();
    found
}

/// (process, its parent) of everything that runs.
fn processes() -> Vec<(u32, u32)> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid: u32| {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?.to_owned();
        let parent = fields.next()?.parse().ok()?;
        (state != "Z").then_some((pid, parent))
    })
    .collect()
}

fn alive(pid: u32) -> bool {
    processes().iter().any(|(known, _)| *known == pid)
}

fn kill(pid: u32) {
    let status = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(status.success());
}

async fn gone(pids: &[u32]) {
    let waiting = async {
        while pids.iter().any(|pid| alive(*pid)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("a process was orphaned");
}

#[tokio::test]
async fn a_local_cluster_executes_requests_and_its_replicas_agree_on_the_history() {
    let mut cluster = Cluster::start(config(&[])).await;
    cluster.until_running().await;
    let mut histories: BTreeMap<u64, BTreeMap<u32, String>> = BTreeMap::new();
    let mut compared = 0;
    while compared < 20 {
        let report = cluster.until_report(|report| !report.history.is_empty()).await;
        for point in report.history {
            let known = histories.entry(point.sequence).or_default();
            known.insert(report.unit.0, point.hash);
            if known.len() == 4 {
                assert!(known.values().all(|hash| Some(hash) == known.values().next()), "{known:?}");
                compared += 1;
            }
        }
    }
    cluster.launched.stop().await;
    assert!(cluster.launched.wait().await.success);
}

#[tokio::test]
async fn a_bench_ends_in_figures_and_a_verdict() {
    let result = bench::run(BenchOptions {
        binary: binary(),
        protocol_name: "pbft".to_owned(),
        protocol_text: pbft().text().to_owned(),
        config: config(&[]),
        warmup: Duration::from_millis(500),
        duration: Duration::from_secs(2),
    })
    .await
    .unwrap();
    assert_eq!(result.verdict, Verdict::Pass);
    let latency = result.latency_ms.unwrap();
    assert!(result.throughput_req_s > 0.0 && latency.p50 <= latency.p99, "{result:?}");
    assert_eq!((result.replicas, result.outstanding, result.request_bytes), (4, Some(1_000), 0));
}

#[tokio::test]
async fn payloads_cross_the_network_and_the_open_loop_runs_too() {
    let mut tree = config(&[("workload.payload.request-size", 4_096), ("workload.payload.reply-size", 4_096)]);
    tree.set("benchmark.closed-loop.enable", ConfigValue::Boolean(false));
    tree.set("benchmark.request-interval-micros", ConfigValue::Integer(5_000));
    let shares = [0, 0, 0, 1].map(ConfigValue::Integer);
    tree.set("workload.distribution", ConfigValue::List(shares.to_vec()));
    let mut cluster = Cluster::start(tree).await;
    cluster.until_running().await;
    let client = UnitId(5);
    let rate = |report: &Report, metric: &str| sample(report, metric).unwrap_or_default();
    // On a busy machine what is offered at the end of one interval is written in the next, so not every report will do.
    cluster
        .until_report(|report| {
            let offered = rate(report, model::metric::OFFERED);
            report.unit == client
                && offered.min(rate(report, model::metric::THROUGHPUT)) > 50.0
                && rate(report, model::metric::BYTES_SENT) >= 0.9 * offered * 4_096.0
        })
        .await;
    cluster.launched.stop().await;
    cluster.launched.wait().await;
}

#[tokio::test]
async fn kill_9_of_a_replica_is_told_with_its_reason_and_the_others_go_on() {
    let mut cluster = Cluster::start(config(&[])).await;
    cluster.until_running().await;
    let workers = cluster.worker_pids();
    assert_eq!(workers.len(), 5);
    kill(workers[3]);
    let (unit, reason) = cluster
        .until(|line| match line {
            HeadlessLine::Event { event: ControllerEvent::UnitDied { unit, reason, .. } } => Some((unit, reason)),
            _ => None,
        })
        .await;
    assert_eq!(reason, format!("Replica {} was killed by signal 9 (SIGKILL)", unit.0 - 1));
    let before = cluster.until_report(|report| report.unit == UnitId(1)).await;
    let before = sample(&before, model::metric::LAST_EXECUTED).unwrap();
    cluster
        .until_report(|report| {
            report.unit == UnitId(1)
                && sample(report, model::metric::LAST_EXECUTED).is_some_and(|now| now > before + 100.0)
        })
        .await;
    cluster.launched.stop().await;
    assert!(cluster.launched.wait().await.success);
    gone(&workers).await;
}

/// A change of the list of crashed replicas.
fn crash(version: u64, replicas: &str) -> Patch {
    let (kind, key) = ("int_list".to_owned(), "fault.crash.affected-entities".to_owned());
    Patch { version, at_ms: 0, items: vec![PatchItem { kind, key, value: ConfigValue::Text(replicas.to_owned()) }] }
}

#[tokio::test]
async fn a_replica_is_crashed_by_the_configuration_restarted_empty_handed_and_executes_what_the_others_do() {
    let mut cluster = Cluster::start(config(&[])).await;
    cluster.until_running().await;
    let before = cluster.worker_pids();
    cluster.launched.patch(&crash(1, "2")).await;
    let reason = cluster
        .until(|line| match line {
            HeadlessLine::Event { event: ControllerEvent::UnitDied { unit: UnitId(3), reason, .. } } => Some(reason),
            _ => None,
        })
        .await;
    assert_eq!(reason, "Replica 2 was crashed by fault.crash");
    gone(&before[2..3]).await;
    cluster.launched.patch(&crash(2, "")).await;
    cluster
        .until(|line| match line {
            HeadlessLine::Event { event: ControllerEvent::UnitUp { unit: UnitId(3), .. } } => Some(()),
            _ => None,
        })
        .await;
    // It has the others' state, and goes on from there; its history is theirs.
    let mut histories: BTreeMap<u64, BTreeMap<u32, String>> = BTreeMap::new();
    let mut compared = 0;
    while compared < 5 {
        let report = cluster.until_report(|report| !report.history.is_empty()).await;
        for point in report.history {
            let known = histories.entry(point.sequence).or_default();
            known.insert(report.unit.0, point.hash);
            if known.len() == 4 {
                assert!(known.values().all(|hash| Some(hash) == known.values().next()), "{known:?}");
                compared += 1;
            }
        }
    }
    let report = cluster.until_report(|report| report.unit == UnitId(3)).await;
    assert_eq!(report.applied_version, 2);
    let workers = cluster.worker_pids();
    assert_eq!(workers.len(), 5);
    cluster.launched.stop().await;
    assert!(cluster.launched.wait().await.success);
    gone(&workers).await;
}

#[tokio::test]
async fn several_client_units_share_the_work_under_every_kind_of_authentication() {
    for authentication in ["none", "mac", "ed25519", "bls"] {
        let mut tree = config(&[("benchmark.clients", 2), ("benchmark.closed-loop.num-client", 10)]);
        tree.set("benchmark.authentication", ConfigValue::Text(authentication.to_owned()));
        let mut cluster = Cluster::start(tree).await;
        cluster.until_running().await;
        for unit in [UnitId(5), UnitId(6)] {
            let answered = |report: &Report| sample(report, model::metric::THROUGHPUT).is_some_and(|rate| rate > 0.0);
            cluster.until_report(|report| report.unit == unit && answered(report)).await;
        }
        let refused = cluster.until_report(|report| report.unit == UnitId(1)).await;
        assert_eq!(sample(&refused, model::metric::MESSAGES_REFUSED), Some(0.0), "{authentication}");
        cluster.launched.stop().await;
        cluster.launched.wait().await;
    }
}

#[tokio::test]
async fn kill_9_of_the_controller_leaves_no_worker() {
    let mut cluster = Cluster::start(config(&[])).await;
    cluster.until_running().await;
    let workers = cluster.worker_pids();
    assert_eq!(workers.len(), 5);
    kill(cluster.launched.pid());
    let exit = cluster.launched.wait().await;
    assert_eq!((exit.success, exit.reason.as_str()), (false, "the controller was killed by signal 9 (SIGKILL)"));
    gone(&workers).await;
}

#[tokio::test]
async fn a_controller_whose_input_ends_takes_everything_with_it() {
    let mut cluster = Cluster::start(config(&[])).await;
    cluster.until_running().await;
    let pid = cluster.launched.pid();
    let workers = cluster.worker_pids();
    // What the death of the server does: the pipe closes.
    drop(cluster);
    gone(&workers).await;
    gone(&[pid]).await;
}

#[tokio::test]
async fn a_launch_that_cannot_succeed_fails_with_a_reason_and_leaves_nothing() {
    let mut broken = spec(config(&[]));
    broken.protocol_text = broken.protocol_text.replace("quorum: 2f + 1", "quorum: 9f");
    let (mut launched, mut lines) = headless::launch(binary(), broken).await.unwrap();
    let mut reason = None;
    while let Some(line) = lines.recv().await {
        if let HeadlessLine::Event { event: ControllerEvent::Failed { reason: told, .. } } = line {
            reason = Some(told);
        }
    }
    let reason = reason.expect("no reason was told");
    assert!(reason.contains("quorum-too-large") && reason.contains("line "), "{reason}");
    assert!(!launched.wait().await.success);
    assert_eq!(children(launched.pid()), Vec::<u32>::new());
}

#[tokio::test]
async fn random_bytes_on_a_units_port_are_dropped_and_nothing_is_disturbed() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut cluster = Cluster::start(config(&[])).await;
    cluster.until_running().await;
    let ports = cluster.worker_pids().into_iter().flat_map(listening_ports).collect::<Vec<_>>();
    assert!(!ports.is_empty(), "no listening port of a worker was found");
    for port in ports {
        let Ok(mut stream) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await else { continue };
        let _ = stream.write_all(&[0x5a; 4096]).await;
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("the stranger was kept");
        assert!(rest.is_empty());
    }
    let after = cluster
        .until_report(|report| sample(report, model::metric::FRAMES_DROPPED).is_some_and(|dropped| dropped > 0.0))
        .await;
    let unit = after.unit;
    let reached = cluster.until_report(|report| report.unit == UnitId(1)).await;
    let reached = sample(&reached, model::metric::LAST_EXECUTED).unwrap();
    cluster
        .until_report(|report| {
            report.unit == UnitId(1) && sample(report, model::metric::LAST_EXECUTED).is_some_and(|now| now > reached)
        })
        .await;
    assert!(alive(cluster.worker_pids()[unit.0 as usize - 1]));
    cluster.launched.stop().await;
    cluster.launched.wait().await;
}

/// Ports on which a process listens, from `/proc`.
fn listening_ports(pid: u32) -> Vec<u16> {
    let Ok(descriptors) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    let sockets: Vec<String> = descriptors
        .flatten()
        .filter_map(|entry| Some(std::fs::read_link(entry.path()).ok()?.to_str()?.to_owned()))
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let listening =
                *fields.get(3)? == "0A" && sockets.iter().any(|inode| Some(&inode.as_str()) == fields.get(9));
            let port = fields.get(1)?.split_once(':')?.1;
            listening.then(|| u16::from_str_radix(port, 16).ok()).flatten()
        })
        .collect()
}
