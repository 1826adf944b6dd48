//! Puts a unit's reports together: what every unit reports, and the rates since the last one.

use crate::backend::ReportSink;
use crate::clock;
use crate::transport::TransportCounters;
use crate::usage::Usage;
use model::config::ConfigTree;
use model::ids::UnitId;
use model::metric;
use model::patch::Patch;
use model::report::{HistoryPoint, Report, ReportedSample, SparseHistogram};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What a unit adds to a report.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) samples: Vec<ReportedSample>,
    pub(super) latency_micros: SparseHistogram,
    pub(super) history: Vec<HistoryPoint>,
    pub(super) states: Vec<HistoryPoint>,
}

impl Contents {
    pub(super) fn add(&mut self, metric: &str, value: f64) {
        self.samples.push(ReportedSample { metric: metric.to_owned(), value });
    }
}

/// Sends a report every interval.
#[derive(Debug)]
pub(super) struct Reporter {
    unit: UnitId,
    sink: ReportSink,
    counters: Arc<TransportCounters>,
    usage: Usage,
    number: u64,
    interval_us: u64,
    last_us: u64,
    last_frames: u64,
    last_bytes: u64,
    applied_version: u64,
}

impl Reporter {
    /// A reporter that begins with version `applied_version` of the configuration in force.
    pub(super) fn new(
        unit: UnitId,
        sink: ReportSink,
        counters: Arc<TransportCounters>,
        (config, applied_version): (&ConfigTree, u64),
    ) -> Self {
        let interval_us = config.integer("benchmark.report-interval-ms", 250).clamp(50, 60_000) as u64 * 1_000;
        let usage = Usage::start();
        let (last_us, last_frames, last_bytes) = (0, 0, 0);
        // A restarted unit goes on beyond the numbers of its earlier life, so that its reports count as new ones.
        let number = clock::wall_ms().unsigned_abs() << 16;
        Self { unit, sink, counters, usage, number, interval_us, last_us, last_frames, last_bytes, applied_version }
    }

    /// Notes the configuration version that is in force now.
    pub(super) fn note_patch(&mut self, patch: &Patch) {
        self.applied_version = patch.version;
        let changes: Vec<String> = patch.items.iter().map(|item| format!("{} = {}", item.key, item.value)).collect();
        tracing::info!("version {} in force: {}", patch.version, changes.join("; "));
    }

    /// When the next report is due, µs.
    pub(super) fn due_us(&self) -> u64 {
        self.last_us + self.interval_us
    }

    /// Seconds since the last report.
    pub(super) fn seconds(&self, now_us: u64) -> f64 {
        ((now_us - self.last_us) as f64 / 1e6).max(1e-6)
    }

    /// Sends a report of the time since the last one.
    pub(super) fn send(&mut self, now_us: u64, mut contents: Contents) {
        let seconds = self.seconds(now_us);
        let frames = self.counters.frames_sent.load(Ordering::Relaxed);
        let bytes = self.counters.bytes_sent.load(Ordering::Relaxed);
        contents.add(metric::MESSAGES_SENT, (frames - self.last_frames) as f64 / seconds);
        contents.add(metric::BYTES_SENT, (bytes - self.last_bytes) as f64 / seconds);
        contents.add(metric::FRAMES_DROPPED, self.counters.frames_dropped.load(Ordering::Relaxed) as f64);
        contents.add(metric::MESSAGES_REFUSED, self.counters.messages_refused.load(Ordering::Relaxed) as f64);
        if let Some((memory_mib, cpu_percent)) = self.usage.read() {
            contents.add(metric::MEMORY, memory_mib);
            contents.add(metric::CPU, cpu_percent);
        }
        self.number += 1;
        self.last_us = now_us;
        self.last_frames = frames;
        self.last_bytes = bytes;
        self.sink.send(Report {
            unit: self.unit,
            number: self.number,
            at_ms: clock::wall_ms(),
            applied_version: self.applied_version,
            samples: contents.samples,
            latency_micros: contents.latency_micros,
            history: contents.history,
            states: contents.states,
            log: Vec::new(),
        });
    }
}
