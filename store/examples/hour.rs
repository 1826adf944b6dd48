//! Writes a trial of one hour with 31 replicas, a report of each unit every second, into the data directory named first: what
//! `make measure` opens in the page. The numbers are made up; a trial is as large as a real one.

use model::config::ConfigTree;
use model::ids::{TrialId, UnitId};
use model::metric;
use model::testbed::{Engine, TestbedName};
use model::trial::{TrialState, TrialSummary, Verdict};
use model::unit::{UnitHealth, UnitRole, UnitStatus};
use std::path::Path;
use store::{NewTrial, Sample, SampleValue, UnitReport, WholeTrial, append_trial};

const REPLICAS: u32 = 31;
const SECONDS: i64 = 3_600;
const STARTED_MS: i64 = 1_795_000_000_000;
const TYPES: [&str; 6] = ["PRE-PREPARE", "PREPARE", "COMMIT", "REPLY", "CHECKPOINT", "VIEW-CHANGE"];

fn main() {
    let Some(directory) = std::env::args().nth(1) else {
        eprintln!("usage: hour DATA_DIRECTORY");
        std::process::exit(64);
    };
    match append_trial(Path::new(&directory), &trial()) {
        Ok(id) => println!("{}", id.0),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}

fn trial() -> WholeTrial {
    let summary = TrialSummary {
        id: TrialId(0),
        name: "one hour of 31 replicas".into(),
        protocol: "pbft".into(),
        replicas: REPLICAS,
        testbed: TestbedName::default(),
        engine: Engine::default(),
        created_ms: STARTED_MS - 2_000,
        started_ms: Some(STARTED_MS),
        ended_ms: Some(STARTED_MS + SECONDS * 1000),
        state: TrialState::Finished,
        verdict: Some(Verdict::Pass),
        note: String::new(),
        pinned: false,
        figures: None,
    };
    let units = (0..=REPLICAS + 1).map(|unit| UnitStatus {
        unit: UnitId(unit),
        role: UnitRole::of(UnitId(unit), REPLICAS),
        health: UnitHealth::Stopped,
        applied_version: 0,
    });
    let new = NewTrial {
        summary,
        token_hash: [1; 32],
        config: ConfigTree::new(),
        environment: vec![],
        units: units.collect(),
        protocol_text: None,
        schedule: vec![],
        sweep: None,
    };
    let entities = 0..=REPLICAS;
    let reports = (1..=SECONDS).flat_map(|second| entities.clone().map(move |entity| report(entity, second)));
    WholeTrial { new, records: vec![], reports: reports.collect() }
}

fn report(entity: u32, second: i64) -> UnitReport {
    let at_ms = STARTED_MS + second * 1000 + i64::from(entity) * 7;
    let wave = (second as f64 / 40.0 + f64::from(entity)).sin();
    // One second in ten minutes is unlike the others.
    let spike = if second % 600 == 300 { 10.0 } else { 1.0 };
    let mut values = vec![(metric::CPU.to_owned(), 40.0 + 9.0 * wave), (metric::MEMORY.to_owned(), 24.0 + wave)];
    let mut latency = Vec::new();
    if entity < REPLICAS {
        values.extend([
            (metric::LAST_EXECUTED.to_owned(), (second * 900 - i64::from(entity)) as f64),
            (metric::VIEW.to_owned(), (second / 600) as f64),
            (metric::LEADER.to_owned(), (second / 600 % i64::from(REPLICAS)) as f64),
            (metric::SLOW_PATH.to_owned(), (second / 7) as f64),
        ]);
    } else {
        let rate = (9_000.0 + 500.0 * wave) / spike;
        let latencies = [metric::LATENCY_P50, metric::LATENCY_P90, metric::LATENCY_P99, metric::LATENCY_MAX];
        values.extend([(metric::THROUGHPUT.to_owned(), rate), (metric::OFFERED.to_owned(), rate * 1.01)]);
        values.extend(latencies.iter().zip([1.0, 1.7, 3.0, 9.0]).map(|(name, ms)| ((*name).to_owned(), ms * spike)));
        latency.extend((0..24).map(|step| ((700.0 * spike * 1.15f64.powi(step)) as u64, 2_000 >> (step / 2))));
    }
    for (index, name) in TYPES.iter().enumerate() {
        let count = 900.0 * (index + 1) as f64 + 80.0 * wave;
        values.push((metric::messages_of_type(name), count));
        values.push((metric::bytes_of_type(name), count * 210.0));
    }
    let sample = |(metric, value): (String, f64)| Sample { entity, metric, at_ms, value: SampleValue::Number(value) };
    UnitReport {
        trial: TrialId(0),
        unit: UnitId(entity + 1),
        number: second as u64,
        at_ms,
        entity,
        samples: values.into_iter().map(sample).collect(),
        latency,
        history: vec![],
        states: vec![],
        log: vec![],
    }
}
