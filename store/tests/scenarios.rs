//! The store as its users meet it: durability, repetition, refusals, size.

#[path = "scenarios/lines.rs"]
mod lines;

use model::config::{ConfigTree, ConfigValue};
use model::configuration::NamedConfiguration;
use model::ids::{TrialId, UnitId};
use model::patch::{Patch, PatchItem};
use model::report::HistoryPoint;
use model::schedule::ScheduledChange;
use model::sweep::{Axis, RunFigures, RunState, SweepOrder, SweepPlan, SweepProtocol, SweepRun, SweepState};
use model::testbed::{Engine, TestbedName};
use model::trial::{LogLine, Phase, PhaseName, TrialState, TrialSummary, Verdict};
use model::unit::{UnitHealth, UnitRole, UnitStatus};
use model::verdict::{Compared, Comparison, Voter};
use std::path::Path;
use store::{
    ConfigurationChange, NewTrial, Record, Sample, SampleValue, Store, StoreError, SweepRecord, UnitReport, WholeTrial,
    append_trial,
};
use tempfile::TempDir;

fn new_trial(token: u8) -> NewTrial {
    let mut config = ConfigTree::new();
    config.set("benchmark.block-size", ConfigValue::Integer(10));
    NewTrial {
        summary: TrialSummary {
            id: TrialId(0),
            name: "a/b \"c\" 🚀".into(),
            protocol: "pbft".into(),
            replicas: 4,
            testbed: TestbedName::default(),
            engine: Engine::Native,
            created_ms: 1_000,
            started_ms: None,
            ended_ms: None,
            state: TrialState::Launching,
            verdict: None,
            note: String::new(),
            pinned: false,
            figures: None,
        },
        token_hash: [token; 32],
        config,
        environment: vec![("cores".into(), "2".into())],
        units: vec![UnitStatus {
            unit: UnitId(1),
            role: UnitRole::Replica(0),
            health: UnitHealth::Waiting,
            applied_version: 0,
        }],
        protocol_text: None,
        schedule: vec![],
        sweep: None,
    }
}

fn number(at_ms: i64, value: f64) -> Sample {
    Sample { entity: 4, metric: "throughput".into(), at_ms, value: SampleValue::Number(value) }
}

fn report(trial: TrialId, replica: u32, number: u64, history: &[(u64, &str)]) -> UnitReport {
    UnitReport {
        trial,
        unit: UnitId(replica + 1),
        number,
        at_ms: 5_000,
        entity: replica,
        samples: vec![Sample {
            entity: replica,
            metric: "view".into(),
            at_ms: 5_000,
            value: SampleValue::Number(number as f64),
        }],
        latency: vec![(100, 2), (90, 1)],
        history: history
            .iter()
            .map(|(sequence, hash)| HistoryPoint { sequence: *sequence, hash: (*hash).into() })
            .collect(),
        states: vec![],
        log: vec![],
    }
}

/// What a `kill -9` at this moment would leave on the disk.
fn as_after_kill(from: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

#[tokio::test]
async fn after_kill_9_everything_acknowledged_is_there_and_the_trial_is_interrupted() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(7)).await.unwrap();
    let mut summary = TrialSummary { id: trial, ..new_trial(7).summary };
    summary.state = TrialState::Running;
    summary.started_ms = Some(2_000);
    summary.verdict = Some(Verdict::Pass);
    let unit = UnitStatus { applied_version: 1, health: UnitHealth::Up, ..new_trial(7).units[0].clone() };
    let phase = Phase { name: PhaseName::Connect, started_ms: 1_100, ended_ms: Some(1_200) };
    let item = PatchItem { kind: "int".into(), key: "fault.timeout.generator".into(), value: ConfigValue::Integer(9) };
    let patch = Patch { version: 1, at_ms: 3_000, items: vec![item] };
    let line = LogLine { at_ms: 3_000, unit: UnitId(2), text: "up".into() };
    store
        .write(vec![
            Record::Summary(summary.clone()),
            Record::Unit(trial, unit.clone()),
            Record::Phase(trial, phase.clone()),
            Record::Patch(trial, patch.clone()),
            Record::Applied { trial, unit: UnitId(1), version: 1, at_ms: 3_004 },
            Record::Applied { trial, unit: UnitId(1), version: 1, at_ms: 9_999 },
            Record::Log(trial, vec![line.clone()]),
            Record::Samples(trial, vec![number(4_000, 1.5), number(4_000, 2.5), number(3_000, 0.5)]),
        ])
        .await
        .unwrap();
    store.write_report(report(trial, 0, 1, &[(100, "aa")])).await.unwrap();

    let copy = as_after_kill(directory.path());
    let again = Store::open(copy.path(), 1_000_000).unwrap();
    let detail = again.trial(trial).await.unwrap().unwrap();
    assert_eq!(detail.summary, TrialSummary { state: TrialState::Interrupted, ended_ms: Some(5_000), ..summary });
    assert_eq!(detail.config, new_trial(7).config);
    assert_eq!(detail.environment, new_trial(7).environment);
    assert_eq!((detail.phases, detail.log), (vec![phase], vec![line]));
    assert!(matches!(&detail.units[0].health, UnitHealth::Died { reason, .. } if reason.contains("server was gone")));
    assert_eq!(detail.units[0].applied_version, unit.applied_version);
    assert_eq!(detail.patches[0].patch, patch);
    assert_eq!(detail.patches[0].applied, [(UnitId(1), 3_004)]);
    let series = again.series(trial, 4_000).await.unwrap();
    assert_eq!(series[0].points, [(3_000, 0.5), (4_000, 1.5), (4_000, 2.5)]);
    assert_eq!(series[1].metric, "view");
    assert_eq!(again.latencies(trial).await.unwrap()[0].histogram, [(90, 1), (100, 2)]);
    assert_eq!(again.trial_by_token([7; 32]).await.unwrap().unwrap().summary.id, trial);
    assert!(again.trial_by_token([8; 32]).await.unwrap().is_none());
}

#[tokio::test]
async fn charts_get_sums_of_the_types_of_messages_and_the_last_seconds_of_each_unit() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(7)).await.unwrap();
    let sample = |entity, metric: &str, at_ms, value| Sample {
        entity,
        metric: metric.into(),
        at_ms,
        value: SampleValue::Number(value),
    };
    let mut samples = vec![sample(0, "proposed", 1_000, 1.0), sample(0, "view", 1_000, 3.0)];
    for half in 0..20 {
        samples.extend((0..4).map(|unit| sample(unit, "messages-sent/PREPARE", 10_000 + half * 500, 2.0)));
    }
    store.write(vec![Record::Samples(trial, samples)]).await.unwrap();

    let series = store.chart_series(trial, 4_000).await.unwrap();
    let names: Vec<_> = series.iter().map(|series| (series.metric.as_str(), series.entity)).collect();
    let prepare = "messages-sent/PREPARE";
    assert_eq!(names, [("view", 0), (prepare, u32::MAX), (prepare, 0), (prepare, 1), (prepare, 2), (prepare, 3)]);
    let sums: Vec<_> = (10..15).map(|second| (second * 1_000, 8.0)).collect();
    assert_eq!(series[1].points, sums);
    assert!(series[2..].iter().all(|unit| unit.points.len() == 10 && unit.points[0].0 == 15_000));
}

#[tokio::test]
async fn the_latencies_of_all_clients_are_one_map() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(7)).await.unwrap();
    for (number, replica) in [(1, 4), (2, 4), (1, 5)] {
        let at_ms = 5_000 + number as i64 * 2_000;
        store.write_report(UnitReport { at_ms, ..report(trial, replica, number, &[]) }).await.unwrap();
    }
    let map = store.latency_map(trial).await.unwrap();
    let columns: Vec<_> = map.columns(0, 100_000).map(|(at_ms, bands)| (at_ms, bands.values().sum::<u64>())).collect();
    assert_eq!(columns, [(7_000, 6), (9_000, 3)]);
}

#[tokio::test]
async fn a_trial_that_has_ended_stays_as_it_ended() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    let state = TrialState::Failed { reason: "replica 2 did not arrive".into() };
    let ended = TrialSummary { id: trial, ended_ms: Some(8_000), state, ..new_trial(1).summary };
    store.write(vec![Record::Summary(ended.clone())]).await.unwrap();
    store.close().await;
    let again = Store::open(directory.path(), 9_000).unwrap();
    assert_eq!(again.trials().await.unwrap(), [ended]);
}

#[tokio::test]
async fn a_report_that_is_sent_again_is_stored_once() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    assert!(store.write_report(report(trial, 0, 1, &[])).await.unwrap().stored);
    assert!(!store.write_report(report(trial, 0, 1, &[])).await.unwrap().stored);
    assert!(store.write_report(report(trial, 0, 2, &[])).await.unwrap().stored);
    assert!(store.write_report(report(trial, 1, 1, &[])).await.unwrap().stored);
    let points: usize = store.series(trial, 100).await.unwrap().iter().map(|series| series.points.len()).sum();
    assert_eq!((points, store.latencies(trial).await.unwrap().len()), (3, 3));
}

#[tokio::test]
async fn replicas_that_executed_different_blocks_are_named_with_the_first_difference() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    for replica in [0, 1] {
        let outcome = store.write_report(report(trial, replica, 1, &[(100, "aa"), (200, "bb")])).await.unwrap();
        assert_eq!(outcome.divergence, None);
    }
    let outcome = store.write_report(report(trial, 2, 1, &[(100, "aa"), (300, "cc"), (200, "XX")])).await.unwrap();
    let divergence = outcome.divergence.unwrap();
    assert_eq!(divergence.sequence, 200);
    assert_eq!(divergence.replicas, [(0, "bb".into()), (1, "bb".into()), (2, "XX".into())]);
}

#[tokio::test]
async fn after_a_start_the_comparison_goes_on_as_if_there_had_been_none() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    let state = |hash: &str| vec![HistoryPoint { sequence: 100, hash: hash.into() }];
    let with_state =
        |replica, hash: &str| UnitReport { states: state(hash), ..report(trial, replica, 1, &[(100, "aa")]) };
    let mut unbroken = Comparison::new();
    for replica in [0, 1] {
        assert_eq!(store.write_report(with_state(replica, "dd")).await.unwrap().divergence, None);
        unbroken.note_vote(Voter::Replica(replica), Compared::History, 100, "aa");
        unbroken.note_vote(Voter::Replica(replica), Compared::State, 100, "dd");
    }
    store.close().await;
    let store = Store::open(directory.path(), 0).unwrap();
    assert_eq!(store.write_report(with_state(2, "dd")).await.unwrap().divergence, None);
    unbroken.note_vote(Voter::Replica(2), Compared::State, 100, "dd");
    let found = store.write_report(with_state(3, "ee")).await.unwrap().divergence;
    assert_eq!(found, unbroken.note_vote(Voter::Replica(3), Compared::State, 100, "ee"));
    assert_eq!(found.unwrap().what, Compared::State);
    // Entity 4 of four replicas is the client.
    let client = report(trial, 4, 1, &[(100, "bb")]);
    let found = store.write_report(client).await.unwrap().divergence.unwrap();
    assert_eq!((found.replicas.len(), found.clients), (4, vec![(0, "bb".into())]));
}

#[tokio::test]
async fn a_trial_that_ran_elsewhere_is_written_whole_while_a_server_holds_the_store() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let first = store.create_trial(new_trial(1)).await.unwrap();
    let mut whole = WholeTrial {
        new: NewTrial {
            protocol_text: Some("name: mine".into()),
            schedule: vec![ScheduledChange { at_ms: 700, changes: vec![] }],
            ..new_trial(2)
        },
        records: vec![
            Record::Summary(TrialSummary {
                state: TrialState::Finished,
                verdict: Some(Verdict::Pass),
                ended_ms: Some(9_000),
                ..new_trial(2).summary
            }),
            Record::Log(TrialId(0), vec![LogLine { at_ms: 3_000, unit: UnitId(2), text: "up".into() }]),
        ],
        reports: vec![report(TrialId(0), 0, 1, &[(100, "aa")]), report(TrialId(0), 0, 2, &[(200, "aa")])],
    };
    let trial = append_trial(directory.path(), &whole).unwrap();
    let detail = store.trial(trial).await.unwrap().unwrap();
    assert_eq!((detail.summary.id, detail.summary.verdict), (trial, Some(Verdict::Pass)));
    assert_eq!((detail.log.len(), detail.protocol_text.as_deref()), (1, Some("name: mine")));
    assert_eq!(detail.schedule, whole.new.schedule);
    assert_eq!(store.series(trial, 100).await.unwrap()[0].points.len(), 2);
    store.write_report(report(first, 0, 1, &[])).await.unwrap();
    // The token is taken now: nothing of a second one is kept.
    whole.new.summary.name = "again".into();
    assert!(append_trial(directory.path(), &whole).is_err());
    assert_eq!(store.trials().await.unwrap().len(), 2);
    let elsewhere = directory.path().join("new");
    assert_eq!(append_trial(&elsewhere, &whole).unwrap(), TrialId(1));
}

#[tokio::test]
async fn what_is_no_number_is_kept_as_text_and_left_out_of_charts() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    let text = Sample { value: SampleValue::Text("NaN".into()), ..number(2, 0.0) };
    let samples = vec![number(1, 1.0), text, number(3, f64::INFINITY), number(4, 4.0)];
    store.write(vec![Record::Samples(trial, samples)]).await.unwrap();
    assert_eq!(store.series(trial, 100).await.unwrap()[0].points, [(1, 1.0), (4, 4.0)]);
    let texts: Vec<_> = store.texts(trial, 10).await.unwrap().into_iter().map(|each| each.text).collect();
    assert_eq!(texts, ["NaN", "inf"]);
}

#[tokio::test]
async fn one_write_that_fails_leaves_nothing_behind_and_does_not_disturb_the_others() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    let nowhere = TrialId(99);
    let line = LogLine { at_ms: 1, unit: UnitId(0), text: "lost".into() };
    let (bad, good) = tokio::join!(
        store.write(vec![Record::Log(trial, vec![line]), Record::Samples(nowhere, vec![number(1, 1.0)])]),
        store.write(vec![Record::Samples(trial, vec![number(1, 1.0)])]),
    );
    assert!(bad.unwrap_err().to_string().contains("could not store the samples"));
    good.unwrap();
    assert_eq!(store.trial(trial).await.unwrap().unwrap().log, []);
    assert_eq!(store.series(trial, 10).await.unwrap().len(), 1);
    assert!(store.create_trial(new_trial(1)).await.is_err(), "a token belongs to one trial");
}

#[tokio::test]
async fn a_hundred_thousand_samples_are_read_with_their_spike() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    for chunk in 0..100 {
        let samples = (0..1_000).map(|index| chunk * 1_000 + index);
        let samples = samples.map(|index| number(index, if index == 77_777 { 1e6 } else { 3.0 })).collect();
        store.write(vec![Record::Samples(trial, samples)]).await.unwrap();
    }
    let series = store.series(trial, 4_000).await.unwrap();
    assert!(series[0].points.len() <= 4_000 && series[0].points.contains(&(77_777, 1e6)));
    assert_eq!(store.series(trial, usize::MAX).await.unwrap()[0].points.len(), 100_000);
}

#[tokio::test]
async fn the_log_keeps_its_tail() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    for chunk in 0..50 {
        let lines = (0..100).map(|index| LogLine { at_ms: chunk, unit: UnitId(0), text: format!("{chunk}.{index}") });
        store.write(vec![Record::Log(trial, lines.collect())]).await.unwrap();
    }
    let log = store.trial(trial).await.unwrap().unwrap().log;
    assert_eq!((log.len(), log[499].text.as_str()), (500, "49.99"));
    let whole = store.log(trial).await.unwrap();
    assert_eq!((whole.len(), whole[0].text.as_str(), whole[1_999].text.as_str()), (2_000, "30.0", "49.99"));
}

#[tokio::test]
async fn a_second_server_on_one_directory_is_refused_until_the_first_has_closed() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let refused = Store::open(directory.path(), 0).unwrap_err();
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
    assert!(refused.to_string().contains(&directory.path().display().to_string()));
    store.close().await;
    assert!(matches!(store.trials().await, Ok(trials) if trials.is_empty()));
    assert!(matches!(store.write(vec![]).await, Err(StoreError::Closed)));
    Store::open(directory.path(), 0).unwrap();
}

#[tokio::test]
async fn a_saved_configuration_is_replaced_only_when_that_is_meant_and_names_stay_unique() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let save = |name: &str, text: &str, replace| {
        let configuration = NamedConfiguration { name: name.into(), text: text.into(), updated_ms: 7 };
        store.change_configurations(ConfigurationChange::Save { configuration, replace })
    };
    assert!(save("b", "b: 1 # b", false).await.unwrap() && save("A'; --", "a: 1", false).await.unwrap());
    assert!(!save("b", "b: 2", false).await.unwrap());
    assert_eq!(store.configuration("b".into()).await.unwrap().unwrap().text, "b: 1 # b");
    assert!(save("b", "b: 2", true).await.unwrap());
    let rename = |from: &str, to: &str| {
        store.change_configurations(ConfigurationChange::Rename { from: from.into(), to: to.into() })
    };
    assert!(!rename("b", "A'; --").await.unwrap() && !rename("none", "c").await.unwrap());
    assert!(rename("b", "c").await.unwrap());
    let names: Vec<_> = store.configurations().await.unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["A'; --", "c"]);
    assert!(store.change_configurations(ConfigurationChange::Delete { name: "c".into() }).await.unwrap());
    assert_eq!(store.configuration("c".into()).await.unwrap(), None);
}

#[test]
fn a_directory_that_cannot_be_made_is_named_with_the_mend() {
    let place = TempDir::new().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let error = Store::open(&file.join("data"), 0).unwrap_err().to_string();
    assert!(error.contains("file/data cannot be made") && error.contains("--data-dir"), "{error}");
}

#[test]
fn a_directory_that_cannot_be_written_to_is_named_with_the_mend() {
    // The lock's place is taken by a directory: the same refusal as for a read-only one, and true for root, too.
    let place = TempDir::new().unwrap();
    std::fs::create_dir(place.path().join("lock")).unwrap();
    let error = Store::open(place.path(), 0).unwrap_err().to_string();
    assert!(error.contains("cannot be written to") && error.contains("--data-dir"), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let place = TempDir::new().unwrap();
    std::fs::write(place.path().join("bftgym.sqlite3"), "not a database, but long enough to look at".repeat(100))
        .unwrap();
    let error = Store::open(place.path(), 0).unwrap_err().to_string();
    assert!(error.contains("bftgym.sqlite3 cannot be opened"), "{error}");
}

fn sweep_plan() -> SweepPlan {
    SweepPlan {
        name: "blocks".into(),
        protocols: vec![SweepProtocol::named("pbft")],
        axes: vec![Axis { key: "benchmark.block-size".into(), values: vec!["1".into(), "10".into()] }],
        duration_ms: 2_000,
        warmup_ms: 500,
        repetitions: 2,
        order: SweepOrder::Random,
        testbed: TestbedName::new("lab-6").unwrap(),
        config: new_trial(1).config,
        schedule: vec![],
    }
}

fn sweep_run(run: usize, trial: Option<TrialId>, state: RunState) -> SweepRun {
    let figures = RunFigures { throughput_req_s: Some(50.0), ..RunFigures::default() };
    SweepRun { run, trial, state, verdict: Some(Verdict::Pass), figures: Some(figures), took_ms: 3_000 }
}

#[tokio::test]
async fn after_kill_9_a_sweep_is_paused_with_every_run_that_was_measured() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    let sweep = store.create_sweep(sweep_plan(), 1_000).await.unwrap();
    let failed = RunState::Failed { reason: "replica 3 did not arrive".into() };
    let running = SweepRecord::State { sweep, state: SweepState::Running, ended_ms: None, revision: 4, current: None };
    let runs = [sweep_run(0, Some(trial), RunState::Done), sweep_run(3, None, failed)];
    let records = runs.iter().cloned().map(|run| SweepRecord::Run(sweep, run)).chain([running]);
    store.write_sweep(records.collect()).await.unwrap();
    // Nothing is written between the trial that waits for the sweep and the kill.
    let mut queued = NewTrial { sweep: Some(sweep), ..new_trial(2) };
    queued.summary.state = TrialState::Queued;
    let waiting = store.create_trial(queued).await.unwrap();

    let copy = as_after_kill(directory.path());
    let again = Store::open(copy.path(), 9_000).unwrap();
    let stored = again.sweep(sweep).await.unwrap().unwrap();
    let summary = &stored.summary;
    assert!(matches!(&summary.state, SweepState::Paused { reason } if reason.contains("the server ended")));
    assert_eq!((summary.done, summary.failed, summary.total, summary.run_ms), (1, 1, 4, 3_000));
    assert_eq!((summary.ended_ms, summary.revision, summary.testbed.as_str()), (Some(9_000), 5, "lab-6"));
    assert_eq!((stored.plan, stored.runs), (sweep_plan(), runs.to_vec()));
    let waited = again.trial(waiting).await.unwrap().unwrap().summary;
    assert_eq!((waited.state, waited.ended_ms), (TrialState::Cancelled, Some(9_000)));
    again.write_sweep(vec![SweepRecord::ForgetFailed(sweep)]).await.unwrap();
    assert_eq!(again.sweeps().await.unwrap()[0].failed, 0);
    again.write_sweep(vec![SweepRecord::Delete(sweep)]).await.unwrap();
    assert!(again.sweep(sweep).await.unwrap().is_none() && again.sweeps().await.unwrap().is_empty());
    assert!(again.trial(trial).await.unwrap().is_some());
}

#[tokio::test]
async fn what_was_measured_in_a_stretch_of_time_is_read_without_the_rest() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    let other = Sample { metric: "view".into(), ..number(2_000, 1.0) };
    let samples = vec![number(1_000, 1.0), number(2_000, 2.0), number(3_000, 3.0), other];
    store.write(vec![Record::Samples(trial, samples)]).await.unwrap();
    store.write_report(report(trial, 0, 1, &[])).await.unwrap();
    let measured = store.measured(trial, (1_500, 3_000)).await.unwrap();
    assert_eq!((measured.series.len(), measured.series[0].points.clone()), (1, vec![(2_000, 2.0), (3_000, 3.0)]));
    assert!(measured.latencies.is_empty());
    assert_eq!(store.measured(trial, (5_000, 5_000)).await.unwrap().latencies, [(0, 5_000, vec![(90, 1), (100, 2)])]);
}
