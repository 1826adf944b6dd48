//! Gathers the figures from the units' reports.

use super::ExperimentPlan;
use super::faults::{self, Change};
use super::outcome::{FaultFigures, Figures, ReplicaFigures, Snapshot};
use super::timeline::Timeline;
use hdrhistogram::Histogram;
use model::figures::LatencyFigures;
use model::metric;
use model::report::Report;
use model::unit::UnitRole;
use model::verdict::{Answers, Compared, Comparison, Voter};
use std::collections::BTreeMap;

/// A mean in the making.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn value(self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum / f64::from(self.count) }
    }
}

/// What is known of one unit.
#[derive(Debug, Default)]
struct Unit {
    /// The last value of each metric.
    last: BTreeMap<String, f64>,
    /// Over the measured time.
    messages_s: Mean,
    bytes_s: Mean,
    cpu_percent: Mean,
    memory_mib: f64,
    /// (first, last) report in the measured time, of a client; the first one's interval is not measured.
    span_ms: Option<(i64, i64)>,
    /// Requests that a client sent between these two.
    offered: f64,
}

/// Takes reports and keeps what the figures need of them.
pub(super) struct Collector {
    replicas: u32,
    units: BTreeMap<UnitRole, Unit>,
    latencies: Option<Histogram<u64>>,
    comparison: Comparison,
    answers: Answers,
    timeline: Timeline,
    changes: Vec<Change>,
    /// The measured time, ms since the epoch; from the end of the warm-up on.
    measured: (i64, i64),
}

impl Collector {
    pub(super) fn new(replicas: u32) -> Self {
        Self {
            replicas,
            units: BTreeMap::new(),
            latencies: Histogram::new(3).ok(),
            comparison: Comparison::new(),
            answers: Answers::default(),
            timeline: Timeline::default(),
            changes: Vec::new(),
            measured: (i64::MAX, i64::MAX),
        }
    }

    pub(super) fn measure_from(&mut self, at_ms: i64) {
        self.measured.0 = at_ms;
    }

    pub(super) fn measure_until(&mut self, at_ms: i64) {
        self.measured.1 = at_ms;
    }

    pub(super) fn note_change(&mut self, at_ms: i64, change: &str) {
        self.changes.push((at_ms, change.to_owned()));
    }

    pub(super) fn take(&mut self, report: &Report) {
        let role = UnitRole::of(report.unit, self.replicas);
        let voter = match role {
            UnitRole::Controller => return,
            UnitRole::Replica(index) => Voter::Replica(index),
            UnitRole::Client(index) => Voter::Client(index),
        };
        for (what, points) in [(Compared::History, &report.history), (Compared::State, &report.states)] {
            for point in points {
                self.comparison.note_vote(voter, what, point.sequence, &point.hash);
            }
        }
        let measured = (self.measured.0..=self.measured.1).contains(&report.at_ms);
        let unit = self.units.entry(role).or_default();
        if matches!(role, UnitRole::Client(_)) {
            // An interval without answers has no latencies: those of the one before do not stand for it.
            unit.last.clear();
        }
        for sample in &report.samples {
            unit.last.insert(sample.metric.clone(), sample.value);
            if measured {
                match sample.metric.as_str() {
                    metric::MEMORY => unit.memory_mib = unit.memory_mib.max(sample.value),
                    metric::MESSAGES_SENT => unit.messages_s.add(sample.value),
                    metric::BYTES_SENT => unit.bytes_s.add(sample.value),
                    metric::CPU => unit.cpu_percent.add(sample.value),
                    _ => {}
                }
            }
        }
        if let UnitRole::Client(index) = role {
            let answered = report.latency_micros.iter().map(|(_, count)| count).sum();
            self.answers.reported(answered > 0, report.at_ms);
            self.timeline.note(index, report.at_ms, answered);
            if measured {
                match unit.span_ms.as_mut() {
                    None => unit.span_ms = Some((report.at_ms, report.at_ms)),
                    Some(span) => {
                        let seconds = (report.at_ms - span.1) as f64 / 1_000.0;
                        unit.offered += unit.last.get(metric::OFFERED).copied().unwrap_or(0.0) * seconds;
                        span.1 = report.at_ms;
                        if let Some(latencies) = self.latencies.as_mut() {
                            for (micros, count) in &report.latency_micros {
                                let _ = latencies.record_n(*micros, *count);
                            }
                        }
                    }
                }
            }
        }
    }

    pub(super) fn snapshot(&self, elapsed_s: f64) -> Snapshot {
        let last = |unit: &Unit, name: &str| unit.last.get(name).copied();
        let of_clients = |name: &'static str| self.clients().filter_map(move |unit| last(unit, name));
        let highest = |name: &str| self.replica_units().filter_map(|(_, unit)| last(unit, name)).fold(0.0, f64::max);
        Snapshot {
            elapsed_s,
            throughput_req_s: of_clients(metric::THROUGHPUT).sum(),
            p50_ms: of_clients(metric::LATENCY_P50).reduce(f64::max),
            p99_ms: of_clients(metric::LATENCY_P99).reduce(f64::max),
            view: highest(metric::VIEW) as u64,
            executed: highest(metric::LAST_EXECUTED) as u64,
            verdict: self.comparison.verdict(self.answers.come()),
        }
    }

    pub(super) fn finish(self, plan: &ExperimentPlan) -> (Figures, Vec<FaultFigures>, Vec<ReplicaFigures>) {
        let faults = faults::figures(&self.timeline, &self.changes, self.measured.0, self.measured.1);
        let replicas = self.replica_units().map(|(index, unit)| unit.replica_figures(index)).collect();
        (self.figures(plan), faults, replicas)
    }

    fn figures(&self, plan: &ExperimentPlan) -> Figures {
        let config = &plan.config;
        let span_s = |unit: &Unit| unit.span_ms.map_or(0.0, |(first, last)| (last - first) as f64 / 1_000.0);
        let seconds = self.clients().map(span_s).fold(0.0, f64::max);
        let latencies = self.latencies.as_ref().filter(|all| !all.is_empty());
        let milliseconds = |micros: u64| micros as f64 / 1_000.0;
        let answered = latencies.map_or(0, Histogram::len);
        let shares = config.numbers("workload.distribution");
        let share = |class: usize| shares.get(class).copied().unwrap_or(0.0);
        let bytes = |wanted: bool, key: &str| if wanted { config.integer(key, 0) } else { 0 };
        let block_size = config.integer("benchmark.block-size", 10);
        let is_closed_loop = config.boolean("benchmark.closed-loop.enable", true);
        let outstanding = block_size * config.integer("benchmark.closed-loop.num-client", 100);
        let offered: f64 = self.clients().map(|unit| unit.offered).sum();
        Figures {
            protocol: plan.protocol_name.clone(),
            authentication: config.text("benchmark.authentication", "protocol"),
            replicas: self.replicas,
            block_size,
            outstanding: is_closed_loop.then_some(outstanding),
            offered_req_s: (!is_closed_loop).then_some(offered / seconds.max(1e-3)),
            request_bytes: bytes(share(2) + share(3) > 0.0, "workload.payload.request-size"),
            reply_bytes: bytes(share(1) + share(3) > 0.0, "workload.payload.reply-size"),
            duration_s: seconds,
            throughput_req_s: answered as f64 / seconds.max(1e-3),
            latency_ms: latencies.map(|all| {
                let quantile = |quantile| milliseconds(all.value_at_quantile(quantile));
                LatencyFigures {
                    p50: quantile(0.5),
                    p90: quantile(0.9),
                    p99: quantile(0.99),
                    max: milliseconds(all.max()),
                }
            }),
            messages_s: self.units.values().map(|unit| unit.messages_s.value()).sum(),
            memory_mib_max_per_unit: self.units.values().map(|unit| unit.memory_mib).fold(0.0, f64::max),
            cpu_percent: self.units.values().map(|unit| unit.cpu_percent.value()).sum(),
            verdict: self.comparison.verdict(self.answers.come()),
        }
    }

    fn clients(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(|(role, _)| matches!(role, UnitRole::Client(_))).map(|(_, unit)| unit)
    }

    fn replica_units(&self) -> impl Iterator<Item = (u32, &Unit)> {
        self.units.iter().filter_map(|(role, unit)| Some((role.replica()?.0, unit)))
    }
}

impl Unit {
    fn replica_figures(&self, replica: u32) -> ReplicaFigures {
        let last = |name: &str| self.last.get(name).copied().unwrap_or(0.0) as u64;
        let named = [
            metric::LAST_EXECUTED,
            metric::VIEW,
            metric::MEMORY,
            metric::CPU,
            metric::MESSAGES_SENT,
            metric::BYTES_SENT,
        ];
        let other = self.last.iter().filter(|(name, _)| !named.contains(&name.as_str()));
        ReplicaFigures {
            replica,
            executed: last(metric::LAST_EXECUTED),
            view: last(metric::VIEW),
            cpu_percent: self.cpu_percent.value(),
            memory_mib: self.memory_mib,
            messages_s: self.messages_s.value(),
            bytes_s: self.bytes_s.value(),
            other: other.map(|(name, value)| (name.clone(), *value)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::config::ConfigValue;
    use model::ids::UnitId;
    use model::report::ReportedSample;
    use model::schema::default_tree;
    use std::path::PathBuf;
    use std::time::Duration;

    /// The figures of two clients that report each half second, of which the first interval is not measured.
    fn figures(is_closed_loop: bool) -> Figures {
        let mut collector = Collector::new(4);
        collector.measure_from(1_000);
        for half_seconds in 2..=6 {
            for (client, offered) in [(5, 300.0), (6, 100.0)] {
                let offered = if half_seconds == 2 { 9_000.0 } else { offered };
                collector.take(&Report {
                    unit: UnitId(client),
                    number: 0,
                    at_ms: half_seconds * 500,
                    applied_version: 0,
                    samples: vec![ReportedSample { metric: metric::OFFERED.to_owned(), value: offered }],
                    latency_micros: vec![(2_000, 20)],
                    history: vec![],
                    states: vec![],
                    log: vec![],
                });
            }
        }
        let mut config = default_tree();
        config.set("benchmark.closed-loop.enable", ConfigValue::Boolean(is_closed_loop));
        let plan = ExperimentPlan {
            binary: PathBuf::new(),
            protocol_name: "pbft".to_owned(),
            protocol_text: String::new(),
            replicas: 4,
            config,
            warmup: Duration::ZERO,
            duration: Duration::from_secs(2),
            schedule: Vec::new(),
            ends_with_a_unit: true,
        };
        collector.finish(&plan).0
    }

    #[test]
    fn an_open_loop_has_an_offered_rate_and_a_closed_one_the_requests_outstanding() {
        let (open, closed) = (figures(false), figures(true));
        assert_eq!((open.outstanding, open.offered_req_s, open.throughput_req_s), (None, Some(400.0), 80.0));
        assert_eq!((closed.outstanding, closed.offered_req_s), (Some(1_000), None));
        let json = serde_json::json!(open);
        assert!(json["outstanding"].is_null() && json["offered_req_s"] == 400.0, "{json}");
    }
}
