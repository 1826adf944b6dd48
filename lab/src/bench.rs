//! A headless trial on this machine that ends in figures.

use crate::LabError;
use crate::headless::{self, HeadlessLine};
use hdrhistogram::Histogram;
use model::config::ConfigTree;
use model::ids::TrialId;
use model::launch::LaunchSpec;
use model::metric;
use model::report::{ControllerEvent, Report};
use model::trial::{PhaseName, Verdict};
use model::unit::UnitRole;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// What to measure.
#[derive(Clone, Debug)]
pub struct BenchOptions {
    /// The executable that controllers and workers are started from.
    pub binary: PathBuf,
    /// The protocol's name.
    pub protocol_name: String,
    /// The protocol file.
    pub protocol_text: String,
    /// The experiment.
    pub config: ConfigTree,
    /// Left out of the figures.
    pub warmup: Duration,
    /// Measured.
    pub duration: Duration,
}

/// Latencies, ms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LatencyFigures {
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest.
    pub max: f64,
}

/// The figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BenchResult {
    /// The protocol's name.
    pub protocol: String,
    /// How messages are authenticated.
    pub authentication: String,
    /// Replicas.
    pub replicas: u32,
    /// Requests in a full block.
    pub block_size: i64,
    /// Requests outstanding at any time (closed loop).
    pub outstanding: i64,
    /// Largest request payload that the workload draws, bytes.
    pub request_bytes: i64,
    /// Largest reply payload that the workload draws, bytes.
    pub reply_bytes: i64,
    /// Measured time, s.
    pub duration_s: f64,
    /// Requests answered per second.
    pub throughput_req_s: f64,
    /// Latency of answered requests, ms.
    pub latency_ms: LatencyFigures,
    /// Frames sent by all units per second.
    pub messages_s: f64,
    /// Most resident memory of any replica or client, MiB.
    pub memory_mib_max_per_unit: f64,
    /// Processor time of all units, percent of one core.
    pub cpu_percent: f64,
    /// What the replicas' histories say: `pass`, `no_progress`, `diverged`.
    pub verdict: Verdict,
}

/// Runs a trial and measures it.
///
/// # Errors
/// When it does not come up, or breaks.
pub async fn run(options: BenchOptions) -> Result<BenchResult, LabError> {
    let spec = LaunchSpec {
        trial: TrialId(0),
        backend_url: String::new(),
        config: options.config.clone(),
        protocol_name: options.protocol_name.clone(),
        protocol_text: options.protocol_text.clone(),
    };
    let (mut launched, mut lines) = headless::launch(options.binary.clone(), spec).await?;
    let mut figures = Figures::new(model::validate::replica_count(&options.config));
    let mut running_since: Option<Instant> = None;
    loop {
        let end = running_since.map(|since| since + options.warmup + options.duration);
        let line = tokio::select! {
            line = lines.recv() => line,
            () = tokio::time::sleep_until(end.unwrap_or_else(|| Instant::now() + Duration::from_secs(60))) => break,
        };
        match line {
            Some(HeadlessLine::Event { event: ControllerEvent::PhaseStarted { phase: PhaseName::Run, .. } }) => {
                running_since = Some(Instant::now());
            }
            Some(HeadlessLine::Event { event: ControllerEvent::Failed { reason, .. } })
            | Some(HeadlessLine::Event { event: ControllerEvent::UnitDied { reason, .. } }) => {
                launched.stop().await;
                return Err(LabError::Specification { reason });
            }
            Some(HeadlessLine::Event { .. }) => {}
            Some(HeadlessLine::Report { report }) => {
                let warm = running_since.is_some_and(|since| since.elapsed() >= options.warmup);
                figures.take(&report, warm);
            }
            None => {
                let exit = launched.wait().await;
                return Err(LabError::Specification { reason: exit.reason });
            }
        }
    }
    launched.stop().await;
    launched.wait().await;
    Ok(figures.result(&options))
}

struct Figures {
    replicas: u32,
    latencies: Option<Histogram<u64>>,
    /// (first, last) report in the measured time, of each client; the first one's interval is not measured.
    span_ms: BTreeMap<u32, (i64, i64)>,
    rates: BTreeMap<(u32, &'static str), (f64, u32)>,
    memory_mib: f64,
    histories: BTreeMap<u64, Vec<(u32, String)>>,
    executed: bool,
    diverged: Option<Verdict>,
}

impl Figures {
    fn new(replicas: u32) -> Self {
        Self {
            replicas,
            latencies: Histogram::new(3).ok(),
            span_ms: BTreeMap::new(),
            rates: BTreeMap::new(),
            memory_mib: 0.0,
            histories: BTreeMap::new(),
            executed: false,
            diverged: None,
        }
    }

    fn take(&mut self, report: &Report, warm: bool) {
        let role = UnitRole::of(report.unit, self.replicas);
        if let UnitRole::Replica(index) = role {
            self.compare(index, report);
        }
        if !warm {
            return;
        }
        for sample in &report.samples {
            if sample.metric == metric::MEMORY {
                self.memory_mib = self.memory_mib.max(sample.value);
            }
            for name in [metric::MESSAGES_SENT, metric::CPU] {
                if sample.metric == name {
                    let (sum, count) = self.rates.entry((report.unit.0, name)).or_default();
                    *sum += sample.value;
                    *count += 1;
                }
            }
        }
        if let UnitRole::Client(index) = role {
            match self.span_ms.get_mut(&index) {
                None => {
                    self.span_ms.insert(index, (report.at_ms, report.at_ms));
                }
                Some(span) => {
                    span.1 = report.at_ms;
                    for (micros, count) in &report.latency_micros {
                        if let Some(latencies) = self.latencies.as_mut() {
                            let _ = latencies.record_n(*micros, *count);
                        }
                    }
                }
            }
        }
    }

    fn compare(&mut self, replica: u32, report: &Report) {
        for point in &report.history {
            self.executed = true;
            let known = self.histories.entry(point.sequence).or_default();
            known.push((replica, point.hash.clone()));
            if known.iter().any(|(_, hash)| *hash != known[0].1) && self.diverged.is_none() {
                self.diverged = Some(Verdict::Diverged { sequence: point.sequence, replicas: known.clone() });
            }
        }
        while self.histories.len() > 10_000 {
            self.histories.pop_first();
        }
    }

    fn rate(&self, metric: &str) -> f64 {
        let of_metric = self.rates.iter().filter(|((_, name), _)| *name == metric);
        of_metric.map(|(_, (sum, count))| sum / f64::from(*count)).sum()
    }

    fn result(self, options: &BenchOptions) -> BenchResult {
        let config = &options.config;
        let seconds = self.span_ms.values().map(|(first, last)| (last - first) as f64 / 1_000.0).fold(0.0, f64::max);
        let quantile = |quantile: f64| {
            self.latencies.as_ref().map_or(0.0, |latencies| latencies.value_at_quantile(quantile) as f64 / 1_000.0)
        };
        let completed = self.latencies.as_ref().map_or(0, Histogram::len);
        let shares = config.numbers("workload.distribution");
        let share = |class: usize| shares.get(class).copied().unwrap_or(0.0);
        let bytes = |wanted: bool, key: &str| if wanted { config.integer(key, 0) } else { 0 };
        let block_size = config.integer("benchmark.block-size", 10);
        BenchResult {
            protocol: options.protocol_name.clone(),
            authentication: "mac".to_owned(),
            replicas: self.replicas,
            block_size,
            outstanding: block_size * config.integer("benchmark.closed-loop.num-client", 100),
            request_bytes: bytes(share(2) + share(3) > 0.0, "workload.payload.request-size"),
            reply_bytes: bytes(share(1) + share(3) > 0.0, "workload.payload.reply-size"),
            duration_s: seconds,
            throughput_req_s: completed as f64 / seconds.max(1e-3),
            latency_ms: LatencyFigures {
                p50: quantile(0.5),
                p90: quantile(0.9),
                p99: quantile(0.99),
                max: self.latencies.as_ref().map_or(0.0, |latencies| latencies.max() as f64 / 1_000.0),
            },
            messages_s: self.rate(metric::MESSAGES_SENT),
            memory_mib_max_per_unit: self.memory_mib,
            cpu_percent: self.rate(metric::CPU),
            verdict: match self.diverged {
                Some(diverged) => diverged,
                None if self.executed && completed > 0 => Verdict::Pass,
                None => Verdict::NoProgress,
            },
        }
    }
}
